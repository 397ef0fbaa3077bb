"""A large file in real Chromium: what breaks goes on where it broke, by addresses that are signed and end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, Page, Route, expect

from portal.local.session import LocalPortal
from tests.actions import link_token, share_files, upload_file
from tests.browser.axe import assert_accessible
from tests.browser.short_lived import short_lived
from tests.browser.test_preview_goes_on import ANA, SIGNED, withdrawn
from tests.builders import Running

NewPage = Callable[..., Page]
LIVES = 4  # seconds
BODY = bytes(range(256)) * 4000
HALF = 500_000
SECOND_HALF = f"bytes={HALF}-"


@pytest.fixture
def portal(local: LocalPortal, beside: Running) -> Iterator[Running]:
    with short_lived(local, LIVES, resumed_bytes=100_000) as running:
        yield running


class Broken:
    """A share of one file whose first answer breaks off half-way; `then` gives the later ones, if it can."""

    def __init__(self, portal: Running, page: Page, **rules: Any) -> None:
        self.portal, self.page = portal, page
        self.file = upload_file(portal, ANA, "film.mov", BODY)
        self.made = share_files(portal, ANA, [self.file], **rules)
        self.ranges: list[str] = []
        self.answers: list[int] = []
        self.then: Callable[[Route], Any] = lambda route: route.continue_()
        page.context.route(SIGNED, self.answer)
        page.context.on(
            "response", lambda it: self.answers.append(it.status) if SIGNED.search(it.url) else None
        )
        page.goto(f"{portal.config.public_url}/d/{link_token(portal, self.made)}")

    def answer(self, route: Route) -> None:
        self.ranges.append(route.request.headers.get("range", "all"))
        if len(self.ranges) == 1:
            origin = self.portal.config.public_url
            headers = {
                "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "ETag",
                "ETag": f'"{self.file.etag}"',
            }  # fmt: skip
            route.fulfill(status=200, headers=headers, body=BODY[:HALF])
        else:
            self.then(route)

    def press(self, name: str = "Download") -> Download:
        self.page.wait_for_load_state("networkidle")  # its scripts have come
        with self.page.expect_download() as started:
            self.page.get_by_role("button", name=name, exact=True).click()
        assert started.value.suggested_filename == "film.mov"
        return started.value

    @property
    def counted(self) -> int:
        found = self.portal.portal.services.shares.get_with_recipient(
            self.made.about, self.made.recipients[0].id
        )
        assert found is not None
        return found[1].downloads.get(self.file.id, 0)


def until_it_has_ended(route: Route) -> None:
    time.sleep(LIVES + 1)
    route.continue_()


def expect_status(page: Page, words: str) -> Any:
    return expect(page.get_by_role("status").filter(has_text=words)).to_be_visible(timeout=30_000)


@pytest.mark.requirement("R79")
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_broken_download_goes_on(new_page: NewPage, portal: Running, width: int, scheme: str) -> None:
    """On an address of its own once the first has ended; whole, byte for byte, and counted once."""
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    sent = Broken(portal, page, download_limit=1)

    def slow_once(route: Route) -> None:
        (until_it_has_ended if len(sent.ranges) == 2 else Route.continue_)(route)

    sent.then = slow_once
    saving = sent.press()
    expect_status(page, "Leave this page open until the file is saved.")
    assert_accessible(page)
    assert Path(saving.path()).read_bytes() == BODY
    expect_status(page, "Your browser has saved the file.")
    assert sent.ranges == ["all", SECOND_HALF, SECOND_HALF]
    assert sent.answers[-2:] == [403, 206]
    assert sent.counted == 1
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.requirement("R79")
def test_what_is_withdrawn_does_not_go_on(new_page: NewPage, portal: Running) -> None:
    page = new_page()
    sent = Broken(portal, page)

    def meanwhile(route: Route) -> None:
        withdrawn(portal, sent.made)
        until_it_has_ended(route)

    sent.then = meanwhile
    assert sent.press().failure()
    expect_status(page, "The file was not saved completely. The sender has withdrawn this share.")


def test_other_bytes_are_not_mixed_in(new_page: NewPage, portal: Running) -> None:
    """Where a store keeps no versions, another tag tells another object."""
    page = new_page()
    sent = Broken(portal, page)

    def another(route: Route) -> None:
        headers = {
            "Access-Control-Allow-Origin": portal.config.public_url, "ETag": '"another"',
            "Access-Control-Expose-Headers": "ETag",
        }  # fmt: skip
        route.fulfill(status=206, headers=headers, body=BODY[HALF:])

    sent.then = another
    assert sent.press().failure()
    expect_status(page, "The file was not saved completely.")


@pytest.mark.requirement("R79")
def test_a_code_that_is_wanted_again_does_not_end_it(new_page: NewPage, portal: Running) -> None:
    """What a browser has shown counts for an hour; a download that takes longer waits, and goes on."""
    page = new_page()
    sent = Broken(portal, page, password="a long password")
    page.get_by_label("Password", exact=True).fill("a long password")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_visible()
    kept = page.context.cookies()

    def an_hour_later(route: Route) -> None:
        if len(sent.ranges) == 2:
            page.context.clear_cookies(name="proof")
            until_it_has_ended(route)
        else:
            route.continue_()

    sent.then = an_hour_later
    saving = sent.press()
    expect_status(page, "First confirm that this link is yours.")
    expect(page.get_by_role("link", name="Do it in another tab")).to_be_visible()
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    assert Path(saving.path()).read_bytes() == BODY
    expect_status(page, "Your browser has saved the file.")
    expect(page.get_by_role("link", name="Do it in another tab")).to_be_hidden()


@pytest.mark.parametrize("how", ["undefined", "{ register: () => Promise.reject(new Error()) }"])
def test_without_a_worker_the_browser_saves_it_itself(new_page: NewPage, portal: Running, how: str) -> None:
    page = new_page()
    page.add_init_script(f"Object.defineProperty(navigator, 'serviceWorker', {{ value: {how} }})")
    sent = Broken(portal, page)
    sent.ranges.append("none is broken")
    assert Path(sent.press().path()).read_bytes() == BODY
    assert sent.counted == 1


def test_it_can_be_cancelled_and_pressed_again(new_page: NewPage, portal: Running) -> None:
    """The same press: it is counted once, also with one download allowed."""
    page = new_page()
    sent = Broken(portal, page, download_limit=1)
    sent.then = lambda route: None  # never answered
    saving = sent.press()
    page.get_by_role("button", name="Cancel").click()
    assert saving.failure()
    expect_status(page, "Cancelled.")
    sent.then = lambda route: route.continue_()
    again = page.get_by_role("button", name=re.compile("^(Download|Started)$"))
    with page.expect_download() as started:
        again.click()
    assert Path(started.value.path()).read_bytes() == BODY
    assert sent.counted == 1
