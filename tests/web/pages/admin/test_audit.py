"""The audit log for administrators and audit readers: found by any of its sides, and one record whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.audit.marks import write_in_address
from portal.domain.audit.record import Action, Actor, AuditRecord, Outcome
from portal.domain.people.person import Person
from tests.actions import make_person, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls, sign_in

CLARA = make_person("Clara Diaz")
ROWS = 30


@pytest.fixture
def ada(browser: Browser) -> Person:
    return sign_in(browser, "Ada Minh", "admins")


def write(portal: Running, **fields: object) -> AuditRecord:
    """A record of now, and as it lies in the log."""
    actor = Actor("person", CLARA.id, CLARA.name, "192.0.2.7", "a browser")
    record = AuditRecord(portal.clock(), Action.SHARED, actor, "share", details={"to": "ben@example.com"})
    services = portal.portal.services
    services.audit.write(replace(record, **fields))  # type: ignore[arg-type]
    portal.clock.turn(seconds=1)
    return services.audit.list_newest(portal.clock(), None, 1).items[0]


def read_rows(browser: Browser, path: str) -> list[str]:
    """What the page's list says, from the top."""
    document = browser.get(path).document
    return [cell.text for cell in document.all("td", **{"class": "cell-main"})]


def find_link(page: Page, words: str) -> str:
    """Where the one link leads whose text has these words."""
    [path] = [path for text, path in page.links.items() if words in text]
    return path


def count(browser: Browser, **asked: str) -> int:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return len(read_rows(browser, f"/admin/audit?{query}"))


def test_it_is_found_by_any_of_its_sides(browser: Browser, portal: Running) -> None:
    file = upload_file(portal, CLARA)
    portal.clock.turn(days=1)
    sign_in(browser, "Ada Minh", "admins")
    made = share_files(portal, CLARA, [file], recipients_text="ben@example.com")
    write(portal, outcome=Outcome.REFUSED, reason="conflict", actor=Actor("recipient", "r" * 26, "Ben"))
    today = portal.clock().date()
    assert count(browser, thing=file.id) == 2
    assert count(browser, thing=made.about, action="share.created") == 1
    assert count(browser, person=CLARA.id) == 3
    assert count(browser, person="r" * 26) == 1
    assert count(browser, person="ada%20minh") == 1
    assert count(browser, address="Ben@Example.com", action="share.created") == 2
    assert count(browser, outcome="refused") == 1
    assert count(browser, ip="192.0.2.7", person=CLARA.id) == 3
    assert count(browser, ip="192.0.2.8") == 0
    assert count(browser, **{"from": str(today), "person": CLARA.id}) == 1
    assert count(browser, to=str(today - timedelta(days=1)), thing=file.id) == 2
    assert count(browser, to=str(today - timedelta(days=2))) == 0
    assert "Nothing of this kind happened." in browser.get("/admin/audit?ip=192.0.2.8").text
    assert "Nobody's name or address begins like this." in browser.get("/admin/audit?person=zz").text


@pytest.mark.requirement("R62", "R71")
def test_it_goes_back_by_cursor_and_keeps_what_was_asked(
    browser: Browser, portal: Running, ada: Person
) -> None:
    """Each once and newest first; a page asks 4 shards, or one index, however much there is."""
    for number in range(2 * ROWS + 5):
        write(
            portal, about=f"thing-{number:02}", details={"files": f"{number:02}.pdf", "to": "x@example.com"}
        )
        write(portal, action=Action.MAIL_SENT, about="other")
    for path, calls in ("/admin/audit?action=share.created", 1), ("/admin/audit", 4):
        found, page = list[str](), browser.get(path)
        with Calls(portal) as asked:
            browser.get(path)
        assert asked.names.count("Query") == calls
        while True:
            found += [each.text for each in page.document.all("td", **{"class": "cell-main"})]
            if "Next" not in page.links:
                break
            page = browser.get(page.links["Next"])
        of_shares = [each for each in found if ".pdf" in each]
        assert [each.split()[3] for each in of_shares] == [f"{n:02}.pdf" for n in range(2 * ROWS + 5)][::-1]
        assert len(found) == len(of_shares) if calls == 1 else len(found) > 2 * len(of_shares)


def test_a_record_opens_to_everything_it_knows(browser: Browser, portal: Running, ada: Person) -> None:
    file = upload_file(portal, CLARA, "<i>report.pdf")
    page = browser.get(find_link(browser.get("/admin/audit?thing=" + file.id), "arrived complete"))
    passed, at = "authorize/", portal.clock().isoformat()
    for known in (file.id, CLARA.id, "192.0.2.7", "file.upload_completed", "complete", passed, at):
        assert known in page.text, known
    assert page.links["The file"] == f"/admin/files/{file.id}"
    assert read_rows(browser, page.links["All they did"]) == read_rows(
        browser, f"/admin/audit?person={CLARA.id}"
    )
    browser.get(page.links["The file"], 200)
    made = share_files(portal, CLARA, [file])
    found = browser.get(f"/admin/audit?thing={made.about}&action=share.created")
    browser.get(browser.get(find_link(found, "Clara Diaz shared")).links["The share"], 200)


@pytest.mark.parametrize(
    "mark", ["x", "2026-11-18T09:41:07.250000~00000001aaaaaaaaaaaa", "2026-02-30T00:00:00.000000~11111111"]
)
def test_a_record_that_is_not_there_is_not_found(browser: Browser, ada: Person, mark: str) -> None:
    browser.get(f"/admin/audit/{mark}", 404)


@pytest.mark.parametrize(
    "query", ["action=share.nothing", "outcome=maybe", "from=yesterday", "to=2026-02-30", "cursor=x"]
)
def test_what_cannot_be_looked_for_is_said(browser: Browser, ada: Person, query: str) -> None:
    browser.get(f"/admin/audit?{query}", 400)


@pytest.mark.requirement("R12")
def test_audit_readers_read_it_and_nothing_else_of_the_dashboard(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running
) -> None:
    record = write(portal, action=Action.FILE_TRASHED, about="0" * 26)
    path = f"/admin/audit/{write_in_address(record.mark)}"
    sign_in(browser, "Ben Okoro", "portal-audit")
    assert "The file" not in browser.get(path).links
    assert {"Overview", "Files of everyone"}.isdisjoint(browser.get("/admin/audit").links)
    browser.get("/admin", 403)
    other = new_browser()
    sign_in(other, "Ana Lopes", "staff")
    for each in (path, "/admin/audit"):
        other.get(each, 403)


@pytest.mark.requirement("R24")
def test_what_is_typed_is_shown_as_text(browser: Browser, portal: Running, ada: Person) -> None:
    write(portal, details={"to": "<script>alert(1)</script>", "files": "{{7*7}}"}, actor=Actor("visitor", ""))
    page = browser.get("/admin/audit?thing=%3Cscript%3E&ip=%22%3E%3Cimg%20src%3Dx%3E")
    assert "<script>" not in page.answer.text.replace("<script nonce", "").replace("<script type", "")
    record = browser.get(find_link(browser.get("/admin/audit"), "alert(1)"))
    assert "{{7*7}}" in record.text
    assert "<script>alert" not in record.answer.text
