"""`/admin/files/upcoming`: what the schedule does next and why, and what it did."""

from __future__ import annotations

import pytest

from portal.domain.people.person import Person
from portal.domain.policy.legal_holds import HeldKind
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from portal.workflows.policy.legal_holds import SET_HOLD, SetHold
from portal.workflows.upkeep.sweep import sweep_files
from tests.actions import make_person, make_request, reserve_file, sign_in_before, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls, sign_in

UPCOMING, DONE = "/admin/files/upcoming", "/admin/files/upcoming/done"
ANA, ADA = make_person("Ana Lopes"), make_person("Ada Minh", admin=True)


@pytest.fixture
def admin(browser: Browser) -> Person:
    return sign_in(browser, "Ida Minh", "admins")


def rows(page: Page) -> list[str]:
    """What a person reads of each, the file's name first."""
    return [" ".join(each.text.split()) for each in page.document.all("tr", role="row")[1:]]


def prepare(portal: Running) -> dict[str, str]:
    """One file for each thing that the schedule does; their ids."""
    found = {}
    sign_in_before(portal, ADA)
    for name, days in {"warned": 30, "ending": 1, "held": 7, "trashed": 90}.items():
        file = upload_file(portal, ANA, f"{name}.pdf")
        context = owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id, days=days)
        run(owned_files.KEEP, context, portal.portal.services)
        found[name] = file.id
    trashed = owned_files.ChangeFile(make_request(ANA, portal), file_id=found["trashed"])
    run(owned_files.TRASH, trashed, portal.portal.services)
    found["pending"] = reserve_file(portal, ANA, "pending.pdf").id
    hold = SetHold(make_request(ADA, portal), kind=HeldKind.FILE, thing_id=found["held"], reason="A lawsuit")
    run(SET_HOLD, hold, portal.portal.services)
    return found


def test_it_says_what_comes_next_and_why(browser: Browser, portal: Running, admin: Person) -> None:
    """In the order of time, with what is on legal hold."""
    prepare(portal)
    with Calls(portal) as calls:
        page = browser.get(browser.get("/admin/files").links["What the schedule does"])
    assert len(calls.names) <= 8  # of both pages
    by_name = {each.split(".pdf")[0].split()[-1]: each for each in rows(page)}
    for name, words in {
        "warned": "Owner is told Its retention ends:", "ending": "Goes to the trash Its retention ends.",
        "held": "Stays It is on legal hold.", "trashed": "Deleted for good Its time in the trash ends.",
        "pending": "Upload is cancelled It was announced, and nothing arrived within 24 hours.",
    }.items():  # fmt: skip
        assert words in by_name[name], by_name[name]
    assert list(by_name)[:2] == ["ending", "pending"] or list(by_name)[:2] == ["pending", "ending"]
    portal.clock.turn(days=2)
    assert "within a minute" in rows(sign_in_again(browser))[0]


def sign_in_again(browser: Browser) -> Page:
    sign_in(browser, "Ida Minh", "admins")
    return browser.get(UPCOMING)


def test_it_says_what_was_done_by_the_schedule_alone(
    browser: Browser, portal: Running, admin: Person
) -> None:
    prepare(portal)
    portal.clock.turn(days=20)
    sweep_files(portal.portal.services, lambda: 60.0)
    sign_in_again(browser)
    moved = browser.get(browser.get(UPCOMING).links["Moved to the trash"])
    assert len(rows(moved)) == 1, "people moved the other one"
    assert "The portal moved ending.pdf to the trash." in rows(moved)[0]
    assert "trashed.pdf" in rows(browser.get(DONE, query_string={"action": "file.purged"}))[0]
    assert "pending.pdf" in rows(browser.get(DONE, query_string={"action": "file.upload_cancelled"}))[0]
    assert rows(browser.get(DONE, query_string={"action": "person.signed_in"})) == rows(moved)
    assert not [each for each in rows(browser.get(UPCOMING)) if "ending.pdf" in each and "trash Its" in each]


@pytest.mark.requirement("R62")
def test_it_goes_on_page_by_page_in_few_calls(browser: Browser, portal: Running, admin: Person) -> None:
    for number in range(30):
        reserve_file(portal, ANA, f"file {number}.pdf")
    with Calls(portal) as calls:
        first = browser.get(UPCOMING)
    assert len(calls.names) <= 4
    assert len(first.answer.data) < 60 * 1024
    second = browser.get(first.links["Next"], query_string=None)
    assert len(rows(first)) == 25
    assert len(rows(second)) == 5


def test_an_empty_portal_has_nothing_to_do(browser: Browser, admin: Person) -> None:
    assert "Nothing to do" in browser.get(UPCOMING).text
    assert "Nothing so far" in browser.get(DONE).text
