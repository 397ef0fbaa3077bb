"""Chromium without a window, driven on the portal as `make run` starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from portal.local.chromium import ARGUMENTS, find_chromium, find_headless_shell
from portal.local.people import Person
from portal.local.session import LocalPortal
from tests.browser.uploading import SIZE, make_file

SECONDS = 20
expect.set_options(timeout=SECONDS * 1000)  # 5 s of its own are little where both cores are busy


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS)) as browser:
        yield browser


@pytest.fixture(scope="session")
def headless_shell(playwright: Playwright) -> Iterator[Browser]:
    """The engine alone: a fraction of Chromium's processor time, and no viewer of PDFs."""
    with playwright.chromium.launch(executable_path=find_headless_shell(), args=list(ARGUMENTS)) as browser:
        yield browser


@pytest.fixture
def browser(headless_shell: Browser) -> Browser:
    """What opens pages; a module that needs the whole of Chromium says so with a fixture of this name."""
    return headless_shell


@pytest.fixture
def new_page(browser: Browser, local: LocalPortal) -> Iterator[Callable[..., Page]]:
    """A page in a browser profile of its own; what its console complains of fails the test at the end."""
    contexts, complaints = [], []

    def made(**settings: Any) -> Page:
        context = browser.new_context(
            **({"base_url": local.url, "locale": "en-GB", "timezone_id": "Europe/Berlin"} | settings)
        )
        context.set_default_timeout(SECONDS * 1000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error.stack}"))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None
        )
        return page

    yield made
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def signed_in(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """A page of someone who went to `path` and signed in on the way, at the pool's hosted page."""

    def made(who: Person, path: str = "/files", **settings: Any) -> Page:
        page = new_page(**settings)
        page.goto(path)
        page.locator("[name=username]").fill(who.email)
        page.locator("[name=password]").fill(who.password)
        page.locator("[type=submit]").first.click()
        page.wait_for_url(f"**{path}")
        return page

    return made


@pytest.fixture
def film(tmp_path: Path) -> str:
    """A file large enough to go up in parts."""
    return make_file(tmp_path / "film.mov", SIZE)
