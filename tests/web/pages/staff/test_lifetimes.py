"""How long files are kept, on pages: what can be chosen, and what says that an end is near."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.domain.files.lifetimes import FOR_EVER_DAYS
from portal.domain.people.person import Person
from portal.domain.policy.legal_holds import HeldKind
from portal.engine.workflow import run
from portal.workflows.policy.legal_holds import SET_HOLD, SetHold
from tests.actions import make_person, make_request, set_policy, sign_in_before, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls

ADA = make_person("Ada Minh", admin=True)
KINDS = ("chip chip-attention", "chip chip-danger")


def keep(browser: Browser, file_id: str, life: str, status: int = 303) -> Page:
    """Choose a retention on the file's page."""
    browser.get(f"/files/{file_id}")
    return browser.submit(f"/files/{file_id}/keep", status, days=life)


def chips(page: Page) -> list[str]:
    """What stands out, by its words."""
    found = [each for kind in KINDS for each in page.document.all("span", **{"class": kind})]
    return [" ".join(each.text.split()) for each in found]


@pytest.mark.parametrize(
    ("life", "words", "after"),
    [
        ("1h", "Less than a day left", timedelta(hours=1)), ("1", "1 day left", timedelta(days=1)),
        ("7", "", timedelta(days=7)), ("365", "", timedelta(days=365)),
        (str(FOR_EVER_DAYS), "", timedelta(days=FOR_EVER_DAYS)),
    ],
)  # fmt: skip
def test_lives_from_an_hour_to_for_ever(
    browser: Browser, portal: Running, ana: Person, life: str, words: str, after: timedelta
) -> None:
    """Chosen on the file's page, and said by words in lists and there."""
    file = upload_file(portal, ana)
    keep(browser, file.id, life)
    known = portal.portal.services.files.find(file.id)
    assert known is not None
    assert known.keep_until == portal.clock() + after
    for path in ("/files", f"/files/{file.id}"):
        page = browser.get(path)
        assert chips(page) == ([words] if words else []), path
        assert (
            "no end set" in page.document.one("main").one("dl" if path != "/files" else "tbody").text
        ) == (life == str(FOR_EVER_DAYS))
    history = {"1h": "for an hour", str(FOR_EVER_DAYS): "for ever"}.get(life, f"for {life} days")
    assert f"chose to keep report.pdf {history}." in browser.get(f"/files/{file.id}").text


def test_a_week_is_amber_once_it_has_begun(browser: Browser, portal: Running, ana: Person) -> None:
    file = upload_file(portal, ana)
    keep(browser, file.id, "7")
    portal.clock.turn(minutes=1)
    assert chips(browser.get("/files")) == ["6 days left"]


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("odd", ["", "0", "2h", "-1", "8", "1d", "9" * 400, "٣", "1 h", "nan"])
def test_other_lives_are_refused_in_words(browser: Browser, portal: Running, ana: Person, odd: str) -> None:
    file = upload_file(portal, ana)
    page = keep(browser, file.id, odd, 400)
    assert "Choose one of the offered retention periods." in page.document.one("div", role="alert").text


def test_the_policy_says_how_long_the_longest_is(browser: Browser, portal: Running, ana: Person) -> None:
    file = upload_file(portal, ana)
    set_policy(portal, max_file_days="30", file_days="30", max_share_days="30")
    page = browser.get(f"/files/{file.id}")
    offered = [each.attributes["value"] for each in page.form(f"/files/{file.id}/keep").all("option")]
    assert offered == ["1h", "1", "7", "30"]
    keep(browser, file.id, str(FOR_EVER_DAYS), 400)


@pytest.mark.requirement("I8", "R62")
@pytest.mark.parametrize("kind", [HeldKind.FILE, HeldKind.PERSON])
def test_nothing_says_that_what_is_held_ends(
    browser: Browser, portal: Running, ana: Person, kind: HeldKind
) -> None:
    """One call more, and only where an end is near."""
    file = upload_file(portal, ana)
    with Calls(portal) as calls:
        browser.get("/files")
    assert len(calls.names) == 2
    keep(browser, file.id, "1h")
    sign_in_before(portal, ADA)
    thing = file.id if kind is HeldKind.FILE else ana.id
    hold = SetHold(make_request(ADA, portal), kind=kind, thing_id=thing, reason="A lawsuit")
    run(SET_HOLD, hold, portal.portal.services)
    with Calls(portal) as calls:
        assert chips(browser.get("/files")) == []
    assert len(calls.names) == 3
    assert chips(browser.get(f"/files/{file.id}")) == []
