"""Whom one shares with: suggestions by keyboard and by mouse, groups with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.local.people import COLLEAGUE
from tests.browser.test_journey import assert_usable, share, upload

SignedIn = Callable[..., Page]
LOOKS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]


@pytest.fixture
def page(signed_in: SignedIn, tmp_path: Path) -> Page:
    """Someone who shared with three people before and saved them as a group, on the form of a new share."""
    page = signed_in(COLLEAGUE)
    (tmp_path / "plan.pdf").write_bytes(b"%PDF")
    upload(page, [tmp_path / "plan.pdf"])
    page.get_by_role("link", name="Share these files").click()
    form = page.url
    share(page, "carol@partner.example, caro@other.example, dave@partner.example")
    if page.goto("/groups") and page.get_by_role("link", name="Carpenters", exact=True).count() == 0:
        page.go_back()
        page.get_by_role("link", name="Save these recipients as a group").click()
        page.get_by_label("Name").fill("Carpenters")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="Carpenters", exact=True)).to_be_visible()
    page.goto(form)
    return page


def test_an_address_is_chosen_by_keyboard(page: Page) -> None:
    """The list-box pattern of the ARIA Authoring Practices: arrows, Enter, Escape; typing stays typing."""
    field = page.get_by_label("To", exact=True)
    field.press_sequentially("first@new.example, partner")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_count(2)
    expect(page.get_by_text("Suggestions: 2.")).to_be_attached()
    assert_usable(page)
    field.press("ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(0).get_attribute("id") or "")
    chosen = options.nth(0).inner_text().split()[0]
    assert_usable(page)
    field.press("Enter")
    expect(field).to_have_value(f"first@new.example, {chosen}, ")
    expect(page.get_by_role("listbox")).to_have_count(0)
    field.press_sequentially("partner")
    expect(options).to_have_count(1)  # whoever stands there is not suggested again
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    field.press("Enter")
    field.press_sequentially("last@new.example")
    expect(field).to_have_value(f"first@new.example, {chosen}, partner\nlast@new.example")


@pytest.mark.requirement("R69")
@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("first@new.example\tpartner", "first@new.example\t{}, "),
        ("first@new.example partner", "first@new.example {}, "),
        ("first@new.example\uff1bpartner", "first@new.example\uff1b {}, "),
        ("Partner", "{}, "),
    ],
)
def test_the_piece_that_is_typed_ends_where_the_portal_parts_it(page: Page, typed: str, value: str) -> None:
    field = page.get_by_label("To", exact=True)
    field.fill(typed)
    option = page.get_by_role("option").first
    chosen = option.inner_text().split()[0]
    option.click()
    expect(field).to_have_value(value.format(chosen))


def test_a_group_is_chosen_where_it_is_typed(page: Page) -> None:
    """Its box is ticked, and its members are in the review."""
    field = page.get_by_label("To", exact=True)
    field.press_sequentially("carp")
    page.get_by_role("option", name="Carpenters Group, 3 addresses").click()
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    expect(page.get_by_role("checkbox", name="Carpenters")).to_be_checked()
    expect(page.get_by_text("Added: Carpenters")).to_be_attached()
    assert_usable(page)
    page.get_by_role("button", name="Review").last.click()
    expect(page.get_by_text("caro@other.example", exact=True)).to_be_visible()
    assert_usable(page)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_is_usable_in_every_look(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    field = page.get_by_label("To", exact=True)
    field.press_sequentially("car")
    option = page.get_by_role("option")
    expect(option).to_have_count(3)
    field.press("ArrowDown")
    page.mouse.move(0, 0)
    for each in option.all():
        box = each.bounding_box()
        assert box
        assert box["height"] >= 44
    assert_usable(page)
    for path in ("/groups", "/groups/new", "/account", "/account/addresses"):
        page.goto(path)
        assert_usable(page)
    page.goto("/groups")
    page.get_by_role("link", name="Carpenters", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change the group")
    assert_usable(page)


def test_it_works_without_scripts(page: Page, signed_in: SignedIn) -> None:
    plain = signed_in(COLLEAGUE, java_script_enabled=False)
    plain.goto(page.url)
    plain.get_by_text("Add a group").click()
    plain.get_by_label("Carpenters").check()
    plain.get_by_label("To", exact=True).fill("first@new.example")
    plain.get_by_role("button", name="Review").last.click()
    plain.get_by_role("button", name="Share", exact=True).click()
    plain.wait_for_url(re.compile(r"/shares/[0-9a-z]{26}$"))
    expect(plain.get_by_text("4 people: 4 not yet")).to_be_visible()
