"""One person, one browser, as README has it: share, read the outbox, open the link as its recipient."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from portal.local.people import STAFF
from portal.local.session import LocalPortal
from tests.browser.axe import assert_accessible
from tests.browser.test_journey import CODE, LINK, assert_usable, read_newest_mail, share, upload
from tests.browser.test_journey import files as files  # a fixture

SignedIn = Callable[..., Page]


def open_from_outbox(page: Page, to: str) -> Page:
    """The newest email to an address, and its link pressed."""
    page.goto("/local/outbox")
    page.get_by_role("link", name=f"to {to}").first.click()
    with page.expect_popup() as popup:
        page.frame_locator("iframe").locator("a[href*='/d/']").first.click()
    return popup.value


def test_one_browser_is_sender_and_recipient(
    local: LocalPortal, signed_in: SignedIn, files: list[Path]
) -> None:
    """The link of the email asks for a code, opens, and gives each file and the ZIP; nobody is signed out."""
    page = signed_in(STAFF)
    upload(page, files)
    page.get_by_role("link", name="Share these files").click()
    path = share(page, "outbox@partner.example")
    recipient = open_from_outbox(page, "outbox@partner.example")
    recipient.get_by_role("button", name="Send me a code").click()
    recipient.get_by_label("Code", exact=True).fill(read_newest_mail(local, "outbox@partner.example", CODE))
    recipient.get_by_role("button", name="Continue").click()
    for label in [f"Download {files[0].name}", "Download all"]:
        with recipient.expect_download() as saved:
            recipient.get_by_role("button", name=label).click()
        assert Path(saved.value.path()).stat().st_size >= files[0].stat().st_size
    expect(recipient.get_by_role("status").filter(has_text="saved the ZIP")).to_be_visible()
    recipient.get_by_role("button", name="Deutsch").click()
    expect(recipient.get_by_role("button", name="Herunterladen").first).to_be_visible()
    assert urlsplit(recipient.url).path.startswith("/d/")
    page.goto(path)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Has everything")
    recipient.goto(recipient.url.partition("/d/")[0] + "/files")
    assert recipient.url == f"{local.url}/files"  # what is not for recipients is at the portal's own address


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_senders_own_link_is_to_be_looked_at(
    local: LocalPortal, signed_in: SignedIn, files: list[Path], width: int, scheme: str
) -> None:
    page = signed_in(STAFF, viewport={"width": width, "height": 800}, color_scheme=scheme)
    upload(page, files)
    page.get_by_role("link", name="Share these files").click()
    path = share(page, "looked.at@partner.example")
    page.goto(read_newest_mail(local, "looked.at@partner.example", LINK))
    expect(page.get_by_text("It is what looked.at@partner.example sees")).to_be_visible()
    for button in page.get_by_role("main").get_by_role("button").all():
        expect(button).to_be_disabled()
    assert_usable(page)
    assert_accessible(page)
    page.get_by_role("link", name="Back to your share").click()
    assert page.url == path
