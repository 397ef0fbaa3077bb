"""Back and reload at what answers a form: neither an error of the browser nor the form sent again (R80)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.local.people import STAFF
from tests.browser.test_journey import files as files  # a fixture
from tests.browser.test_journey import upload

SignedIn = Callable[..., Page]


def refuse_group(page: Page, _: list[Path]) -> None:
    page.goto("/groups/new")
    page.get_by_label("Name").fill("Board")
    page.get_by_label("Addresses").fill("nobody")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()


def refuse_closing(page: Page, _: list[Path]) -> None:
    page.goto("/account")
    page.get_by_label("Your email address").fill("somebody@else.example")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.locator(".field-error")).to_be_visible()


def ask_whether_to_purge(page: Page, files: list[Path]) -> None:
    upload(page, files)
    page.goto("/files")
    for button in ("Delete", "Delete for good"):
        page.get_by_role("checkbox", name=files[0].name).first.check()
        page.get_by_role("button", name=button, exact=True).first.click()
        if button == "Delete":
            page.goto("/files?trash=1")
    expect(page.get_by_role("heading", name="Delete for good?")).to_be_visible()


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("answer", [refuse_group, refuse_closing, ask_whether_to_purge])
def test_the_way_back_is_the_forms_page(
    signed_in: SignedIn, files: list[Path], answer: Callable[[Page, list[Path]], None]
) -> None:
    page = signed_in(STAFF)
    answer(page, files)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.wait_for_function(
        "!document.body.dataset.history || document.body.dataset.history.startsWith(location.pathname)"
    )
    form_page = page.url
    page.goto("/shares")
    page.go_back()
    assert page.url == form_page
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_visible()
    page.reload()
    expect(page.get_by_role("navigation")).to_be_visible()
    assert not posts
