"""Several pages of one draft, and of several people: what was not sent is said, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.workflows.shares.sending import send_wished
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import make_person, put_object, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.sending_calls import announce, call, told, typed
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R51")


@pytest.fixture
def ana(browser: Browser) -> Person:
    """Ana, signed in in `browser`, on the page."""
    person = sign_in(browser)
    browser.get("/send")
    return person


OTHERWISE: dict[str, dict[str, Any]] = {
    "password": {"password": "Correct-horse-9"}, "people": {"recipients": "other@example.com"},
    "message": {"message": "Bye"},
    "limit": {"download_limit": "3"}, "previews": {"preview": ""}, "files": {},
}  # fmt: skip


@pytest.mark.parametrize("how", ["pressed", "kept", "pressed while files are under way", "goes on"])
@pytest.mark.parametrize("differs", OTHERWISE)
def test_what_another_page_sent_otherwise_is_told_apart(
    portal: Running, browser: Browser, ana: Person, how: str, differs: str
) -> None:
    """Of two pages of one draft the first is sent. The other hears so, and goes on with what it has."""
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    file, other = upload_file(portal, ana), upload_file(portal, ana, "other.pdf")
    mine = [file.id, other.id] if differs == "files" else [file.id]
    if how not in {"pressed", "kept"}:
        mine.append(announce(browser, draft_id)["file_id"])
    call(browser, "POST", paths["send"], 200, typed(file.id))
    asked = typed(*mine, **OTHERWISE[differs])
    if how == "goes on":
        asked["goes_on"] = True
    if how == "kept":
        said = call(browser, "PUT", paths["draft"], 200, asked)
    else:
        said = call(browser, "POST", paths["send"], 200, asked)
    assert said["state"] == "apart"
    assert "report.pdf to partner@example.com" in said["why"]
    assert len(portal.portal.services.shares.list_page(ana.id, None, 9).items) == 1
    assert said["paths"].keys() < paths.keys()
    kept = portal.portal.services.drafts.get(ana.id, said["draft"], portal.clock())
    assert kept is not None
    assert set(kept.file_ids) == set(mine)
    status = 200 if how in {"pressed", "kept"} else 202
    call(browser, "POST", said["paths"]["send"], status, {**asked, "goes_on": False})


def test_what_another_page_sent_just_so_is_sent(portal: Running, browser: Browser, ana: Person) -> None:
    paths, file = told(browser)["paths"], upload_file(portal, ana)
    call(browser, "POST", paths["send"], 200, typed(file.id))
    for method, path in (("PUT", "draft"), ("POST", "send")):
        assert call(browser, method, paths[path], 200, typed(file.id))["state"] == "sent"


@pytest.mark.parametrize("minutes", [0, 15, 2 * 24 * 60, 8 * 24 * 60])
@pytest.mark.parametrize("how", ["kept", "pressed", "goes on"])
def test_what_was_sent_just_so_is_sent_on_any_later_day(
    portal: Running, browser: Browser, how: str, minutes: int
) -> None:
    """A page whose answer was lost asks again, perhaps after midnight, or when a laptop wakes."""
    portal.clock.now = portal.clock.now.replace(hour=23, minute=50)
    ana = sign_in(browser)
    browser.get("/send")
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    upload = announce(browser, draft_id)
    file = portal.portal.services.files.find(upload["file_id"])
    assert file is not None
    call(browser, "POST", paths["send"], 202, typed(file.id))
    put_object(portal, file, b"twelve bytes")
    complete_by_event(file.key, portal.portal.services)
    send_wished(ana.id, draft_id, portal.portal.services)
    portal.clock.turn(minutes=minutes)
    if minutes > 60:
        sign_in(browser)
        browser.get("/send")
    asked = {**typed(file.id), "goes_on": how == "goes on"}
    method, path = ("PUT", "draft") if how == "kept" else ("POST", "send")
    assert call(browser, method, paths[path], 200, asked)["state"] == "sent"
    assert len(portal.portal.services.shares.list_page(ana.id, None, 9).items) == 1


def test_without_room_for_another_draft_nothing_is_said_to_be_sent(
    portal: Running, browser: Browser, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, file = told(browser)["paths"], upload_file(portal, ana)
    call(browser, "POST", paths["send"], 200, typed(file.id))
    monkeypatch.setattr("portal.domain.shares.drafts.MAX_DRAFTS", 0)
    said = call(browser, "POST", paths["send"], 409, typed(file.id, message="Bye"))
    assert "discard a draft" in said["detail"]


def test_a_draft_that_goes_out_by_itself_is_marked_and_stopped_in_the_list(
    portal: Running, browser: Browser, ana: Person
) -> None:
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    upload = announce(browser, draft_id)
    call(browser, "POST", paths["send"], 202, typed(upload["file_id"]))
    listed = browser.get("/shares?drafts=1")
    assert "Waits for its files" in listed.text
    assert listed.document.all("a", href=f"/shares/new/{draft_id}")[0].text == "plan .pdf", "though under way"
    browser.submit(f"/send/{draft_id}/stop")
    assert browser.ask("GET", paths["draft"]).answer.json["state"] == "draft"
    page = browser.get("/shares?drafts=1")
    assert "Waits for its files" not in page.text
    assert not page.document.all("form", action=f"/send/{draft_id}/stop")


def test_stopped_too_late_it_is_said(portal: Running, browser: Browser, ana: Person) -> None:
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    upload = announce(browser, draft_id)
    call(browser, "POST", paths["send"], 202, typed(upload["file_id"]))
    browser.get("/shares?drafts=1")
    put_object(portal, portal.portal.services.files.find(upload["file_id"]), b"twelve bytes")  # type: ignore[arg-type]
    complete_by_event(portal.portal.services.files.find(upload["file_id"]).key, portal.portal.services)  # type: ignore[union-attr]
    assert send_wished(ana.id, draft_id, portal.portal.services) == "sent"
    page = browser.follow(browser.submit(f"/send/{draft_id}/stop"))
    assert "This was sent in the meantime." in page.text


CALLS = [
    ("PUT", "draft"), ("POST", "send"), ("DELETE", "send"), ("POST", "addresses"), ("GET", "files"),
    ("GET", "recipients"), ("POST", "uploads"),
]  # fmt: skip


@pytest.mark.requirement("R10")
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_page_does_nothing_in_somebody_elses_name(
    portal: Running, browser: Browser, ana: Person, method: str, path: str
) -> None:
    """Ana has signed in in a browser where Ben's page is still open: it hears so, and changes nothing."""
    page, bens = told(browser), {"Page-Of": make_person("Ben Okoro").id}
    assert browser.ask("GET", "/v1/session", 409, headers=bens).answer.json["reason"] == "other_person"
    said = browser.ask("GET", "/v1/session", 200, headers={"Page-Of": page["person"]}).answer.json
    assert said["person"] == ana.id == page["person"]
    body = typed() if method != "GET" else None
    headers = {**bens, "X-CSRFToken": page["token"]}
    refused = browser.ask(method, page["paths"][path], 409, json=body, headers=headers)
    assert refused.answer.json["reason"] == "other_person"
    assert portal.portal.services.drafts.list_all(ana.id, portal.clock()) == []
