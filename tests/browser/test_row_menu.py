"""The one menu of all rows of `/files`: about the row where it was asked for, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.local.people import STAFF
from portal.local.session import LocalPortal
from tests.integration.client import Client

pytestmark = pytest.mark.requirement("R82")


def upload(local: LocalPortal, *names: str) -> list[str]:
    client = Client(local.url)
    client.get("/login")
    client.submit("/login", username=STAFF.email, password=STAFF.password)
    return [client.upload(name, b"of my own") for name in names]


def test_each_row_opens_it_for_its_own_file(signed_in: Callable[..., Page], local: LocalPortal) -> None:
    picture, archive, doomed = upload(local, "row a.png", "row b.zip", "row c.txt")
    page = signed_in(STAFF, "/files")
    page.get_by_label("More for row a.png").click()
    action = page.locator("form", has=page.get_by_role("button", name="Preview")).get_attribute("action")
    assert action == f"/files/{picture}/preview"
    page.get_by_label("More for row b.zip").click()
    expect(page.get_by_role("button", name="Preview")).to_be_hidden()  # of an archive there is none
    rename = page.get_by_role("link", name="Rename")
    expect(rename).to_have_attribute("href", f"/files/{archive}#rename")
    page.get_by_role("heading", name="Files").click()
    expect(rename).to_be_hidden()
    page.get_by_label("More for row c.txt").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("1 file is in the trash.")).to_be_visible()
    expect(page.locator(f'[data-menu="{doomed}"]')).to_have_count(0)
    expect(page.locator(f'[data-menu="{archive}"]')).to_be_visible()


def test_it_is_a_menu_of_the_keyboard_too(signed_in: Callable[..., Page], local: LocalPortal) -> None:
    upload(local, "keys.png")
    page = signed_in(STAFF, "/files")
    more = page.get_by_role("button", name="More for keys.png")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.focus()
    for open_with in (" ", "Enter"):
        page.keyboard.press(open_with)
        expect(more).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("button", name="Preview")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("button", name="Delete", exact=True)).to_be_focused()
        page.keyboard.press("Escape")
        expect(more).to_be_focused()
        expect(more).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    expect(more).to_have_attribute("aria-expanded", "false")


def test_without_scripts_it_leads_to_the_files_page(
    signed_in: Callable[..., Page], local: LocalPortal
) -> None:
    (file,) = upload(local, "plain.png")
    page = signed_in(STAFF, "/files", java_script_enabled=False)
    page.get_by_label("More for plain.png").click()
    expect(page).to_have_url(re.compile(f"/files/{file}$"))
    expect(page.get_by_role("button", name="Download")).to_be_visible()
