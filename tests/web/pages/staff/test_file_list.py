"""The list at `/files`: its orders, pages, search and columns."""

from __future__ import annotations

import pytest

from portal.domain.people.person import Person
from tests.actions import share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.lists import file_names

pytestmark = pytest.mark.requirement("R18", "R34", "R62")


def test_an_empty_list_says_what_to_do_next(browser: Browser, ana: Person) -> None:
    page = browser.get("/files")
    assert "No files yet" in page.text
    assert page.links["Upload files"] == "/upload"


def test_the_list_says_in_how_many_shares_a_file_is(browser: Browser, ana: Person, portal: Running) -> None:
    """Each share counts, also one that an earlier one outlives; a file nobody was given says nothing."""
    upload_file(portal, ana, "a.txt", b"alone")
    file = upload_file(portal, ana, "b.txt", b"given out")
    for said in ("1 share", "2 shares"):
        share_files(portal, ana, [file])
        rows = browser.get("/files?sort=name").document.one("tbody").all("tr")
        chips = [row.all("span", **{"class": "chip chip-calm"}) for row in rows]
        assert [[chip.text.strip() for chip in some] for some in chips] == [[], [said]]


def test_the_list_sorts_by_its_address(browser: Browser, ana: Person, portal: Running) -> None:
    """Sorting is a query of an index; the address says which."""
    for name, size in (("b.txt", 3), ("A.txt", 1), ("c.txt", 2)):
        upload_file(portal, ana, name, b"x" * size)
        portal.clock.turn(seconds=1)
    orders = {
        "": ["c.txt", "A.txt", "b.txt"], "?sort=uploaded": ["b.txt", "A.txt", "c.txt"],
        "?sort=name": ["A.txt", "b.txt", "c.txt"], "?sort=-name": ["c.txt", "b.txt", "A.txt"],
        "?sort=-size": ["b.txt", "c.txt", "A.txt"], "?sort=__class__": ["b.txt", "A.txt", "c.txt"],
    }  # fmt: skip
    for query, expected in orders.items():
        browser.get(f"/files{query}")
        assert file_names(browser) == expected, query


def test_a_heading_turns_the_order_round(browser: Browser, ana: Person, portal: Running) -> None:
    upload_file(portal, ana)
    page = browser.get("/files?sort=name")
    heading = page.document.one("th", **{"aria-sort": "ascending"})
    assert heading.text == "Name"
    assert heading.one("a").attributes["href"] == "/files?sort=-name"


def test_pages_go_on_by_a_cursor_and_back_to_the_start(
    browser: Browser, ana: Person, portal: Running
) -> None:
    for number in range(31):
        upload_file(portal, ana, f"{number:02}.txt")
        portal.clock.turn(seconds=1)
    first = browser.get("/files")
    assert len(file_names(browser)) == 30
    second = browser.get(first.links["Next"])
    assert file_names(browser) == ["00.txt"]
    assert second.links["Back to the first step"] == "/files"
    forged = first.links["Next"].replace("cursor=", "cursor=A")
    browser.get(forged, 400)


def test_search_finds_words_and_says_where_there_are_none(
    browser: Browser, ana: Person, portal: Running
) -> None:
    upload_file(portal, ana, "Quarterly report.pdf")
    upload_file(portal, ana, "holiday.png")
    browser.get("/files?q=REPO")
    assert file_names(browser) == ["Quarterly report.pdf"]
    assert "Nothing found" in browser.get("/files?q=budget").text


def test_two_files_of_one_name_stand_side_by_side(browser: Browser, ana: Person, portal: Running) -> None:
    for _ in range(2):
        upload_file(portal, ana, "report.pdf")
    browser.get("/files")
    assert file_names(browser) == ["report.pdf", "report.pdf"]
