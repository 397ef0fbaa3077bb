"""`/send` and `/v1/drafts`: kept and looked at as it is typed, sent now or later, and without scripts."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.workflows.shares.sending import send_wished
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import list_records, put_object, set_policy, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.sending_calls import announce, call, told, typed
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R51")


@pytest.fixture
def ana(browser: Browser) -> Person:
    """Ana, signed in in `browser`, on the page."""
    person = sign_in(browser)
    browser.get("/send")
    return person


def test_what_has_arrived_is_sent_at_once(portal: Running, browser: Browser, ana: Person) -> None:
    """And pressing again, whose answer was lost, sends nothing twice."""
    file, paths = upload_file(portal, ana), told(browser)["paths"]
    for _ in range(2):
        said = call(browser, "POST", paths["send"], 200, typed(file.id))
        assert said == {"state": "sent", "address": paths["page"]}
    page = browser.follow(browser.ask("GET", paths["page"], 303))
    assert "Sent to 1 person." in page.text
    assert len(list_records(portal, "share.created")) == 1


def test_it_is_kept_and_looked_at_as_it_is_typed(portal: Running, browser: Browser, ana: Person) -> None:
    """What is not finished is not complained of; what is wrong, new or blocked is said with its address."""
    paths = told(browser)["paths"]
    empty = call(browser, "PUT", paths["draft"], 200, typed(recipients="", message=""))
    assert (empty["state"], empty["problems"], empty["notes"]) == ("empty", {}, [])
    set_policy(portal, blocked_recipients="rival.example")
    portal.clock.turn(minutes=2)
    browser.get("/send")
    paths = told(browser)["paths"]
    people = "joe@partner.example, eva@rival.example, nobody"
    said = call(browser, "PUT", paths["draft"], 200, typed(recipients=people, download_limit="1000"))
    assert said["state"] == "saved"
    assert said["people"] == {"joe@partner.example": "new", "eva@rival.example": "blocked"}
    assert "Not an email address: nobody" in said["problems"]["recipients"][0]
    assert "download_limit" in said["problems"]
    assert "partner.example" in said["notes"][0]
    page = browser.get(paths["page"])
    assert "eva@rival.example" in page.text
    drafts = browser.get("/shares?drafts=1")
    assert paths["page"].rpartition("/")[2] in drafts.answer.text
    again = browser.ask("GET", paths["page"].replace("/send/", "/shares/new/"), 303)
    assert again.location == paths["page"]


def test_a_pasted_list_is_taken_apart(browser: Browser, ana: Person) -> None:
    text = "Doe, John <john@x.example>; ann@x.example\nann@x.example\nnobody"
    said = call(browser, "POST", "/v1/drafts/addresses", 200, {"text": text})
    assert said == {
        "addresses": ["john@x.example", "ann@x.example"], "bad": ["nobody"], "doubles": ["ann@x.example"],
    }  # fmt: skip
    assert call(browser, "POST", "/v1/drafts/addresses", 200, {"text": 5})["addresses"] == []


def test_pressed_while_files_are_under_way(portal: Running, browser: Browser, ana: Person) -> None:
    """The call that completes the last of them sends it."""
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    upload = announce(browser, draft_id)
    asked = typed(upload["file_id"])
    assert call(browser, "POST", paths["send"], 202, asked) == {"state": "waiting"}
    assert call(browser, "GET", paths["draft"], 200)["state"] == "waiting"
    assert call(browser, "PUT", paths["draft"], 200, asked)["state"] == "waiting"
    assert "data-pending" in browser.get(paths["page"]).answer.text
    put_object(portal, portal.portal.services.files.find(upload["file_id"]), b"twelve bytes")  # type: ignore[arg-type]
    call(browser, "POST", upload["complete"], 200, {})
    assert call(browser, "GET", paths["draft"], 200)["state"] == "sent"
    assert len(list_records(portal, "share.created")) == 1
    call(browser, "DELETE", paths["send"], 409)


def test_several_that_complete_together_send_it_too(portal: Running, browser: Browser, ana: Person) -> None:
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    uploads = [announce(browser, draft_id) for _ in range(2)]
    ids = [each["file_id"] for each in uploads]
    call(browser, "POST", paths["send"], 202, typed(*ids))
    for each in ids:
        put_object(portal, portal.portal.services.files.find(each), b"twelve bytes")  # type: ignore[arg-type]
    call(browser, "POST", "/v1/uploads/complete", 200, {"files": ids})
    assert call(browser, "GET", paths["draft"], 200)["state"] == "sent"


def test_what_goes_on_by_itself_was_pressed_and_not_taken_back(
    portal: Running, browser: Browser, ana: Person
) -> None:
    """A page that is still open elsewhere brings nothing back, neither a draft nor the wish to send it."""
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    asked = typed(announce(browser, draft_id)["file_id"])
    call(browser, "POST", paths["send"], 409, {**asked, "goes_on": True})
    call(browser, "POST", paths["send"], 202, asked)
    call(browser, "POST", paths["send"], 202, {**asked, "goes_on": True})
    call(browser, "DELETE", paths["send"], 200)
    call(browser, "POST", paths["send"], 409, {**asked, "goes_on": True})
    assert call(browser, "GET", paths["draft"], 200)["state"] == "draft"


def test_stopped_it_stays_a_draft(portal: Running, browser: Browser, ana: Person) -> None:
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    upload = announce(browser, draft_id)
    call(browser, "POST", paths["send"], 202, typed(upload["file_id"]))
    assert call(browser, "DELETE", paths["send"], 200) == {"state": "draft"}
    assert call(browser, "GET", paths["draft"], 200)["state"] == "draft"
    file = portal.portal.services.files.find(upload["file_id"])
    assert file is not None
    put_object(portal, file, b"twelve bytes")
    complete_by_event(file.key, portal.portal.services)
    assert send_wished(ana.id, draft_id, portal.portal.services) == "nothing"


def test_what_was_refused_later_is_said_on_its_page(portal: Running, browser: Browser, ana: Person) -> None:
    paths, draft_id = told(browser)["paths"], told(browser)["draft"]
    upload = announce(browser, draft_id)
    call(browser, "POST", paths["send"], 202, typed(upload["file_id"]))
    set_policy(portal, blocked_recipients="example.com")
    portal.clock.turn(minutes=2)
    put_object(portal, portal.portal.services.files.find(upload["file_id"]), b"twelve bytes")  # type: ignore[arg-type]
    call(browser, "POST", upload["complete"], 200, {})
    said = call(browser, "GET", paths["draft"], 200)
    assert said["state"] == "returned"
    assert "partner@example.com" in said["why"]
    assert said["why"] in browser.get(paths["page"]).text

    call(browser, "PUT", paths["draft"], 200, typed(upload["file_id"], message="Hello again"))
    assert said["why"] in browser.get(paths["page"]).text, "as long as it was not sent after all"
    assert call(browser, "GET", paths["draft"], 200)["state"] == "returned"
    assert "Was not sent" in browser.get("/shares?drafts=1").text


@pytest.mark.parametrize(
    "asked",
    [
        [], {"fields": "x"}, {}, {"fields": [["a"]]}, {"fields": [["a", 1]]}, {"fields": [["a", "b"]] * 1001},
        {"fields": [], "missing": -1}, {"fields": [], "missing": True}, {"fields": [], "missing": "1"},
    ],
)  # fmt: skip
def test_odd_bodies_are_refused(browser: Browser, ana: Person, asked: Any) -> None:
    for method, path in (("PUT", "draft"), ("POST", "send")):
        call(browser, method, told(browser)["paths"][path], 400, asked)


def test_what_is_wrong_is_said_by_field(portal: Running, browser: Browser, ana: Person) -> None:
    file, paths = upload_file(portal, ana), told(browser)["paths"]
    said = call(browser, "POST", paths["send"], 400, typed(file.id, recipients="", download_limit="x"))
    assert set(said["problems"]) == {"download_limit"}
    said = call(browser, "POST", paths["send"], 400, typed(file.id, recipients="", download_limit="0"))
    assert set(said["problems"]) == {"recipients", "download_limit"}
    assert set(call(browser, "POST", paths["send"], 400, typed())["problems"]) == {"file"}
    assert list_records(portal, "draft.sending_asked") == []


def test_nobody_elses_draft_is_there(
    portal: Running, browser: Browser, new_browser: Any, ana: Person
) -> None:
    paths = told(browser)["paths"]
    call(browser, "PUT", paths["draft"], 200, typed())
    other = new_browser()
    sign_in(other, "Ben Okoro")
    other.get("/send")
    other.ask("GET", paths["page"], 404)
    call(other, "GET", paths["draft"], 404)
    call(other, "DELETE", paths["send"], 404)


def post_plain(browser: Browser, status: int, files: dict[str, bytes], **answers: str) -> Page:
    assert browser.page is not None
    data = browser.page.fields("/send") | answers
    data["upload"] = [(BytesIO(body), name) for name, body in files.items()]
    return browser.ask("POST", "/send", status, data=data, content_type="multipart/form-data")


def test_without_scripts_small_files_come_along(portal: Running, browser: Browser, ana: Person) -> None:
    """The review follows, and says the rest; the same form again stores nothing twice."""
    files = {"a.txt": b"one", "b.txt": b"x" * 400_000, "empty.txt": b""}
    for _ in range(2):
        page = post_plain(browser, 303, files, recipients="partner@example.com")
    review = browser.follow(page)
    assert "Check and share" in review.text
    assert 'title="a.txt"' in review.answer.text
    found = portal.portal.services.files.page(ana.id, "ready", "name", False, None, 10).items
    assert [each.name for each in found] == ["a.txt", "b.txt"]
    made = browser.ask("POST", "/shares/new", 303, data=review.fields("/shares/new") | {"step": "share"})
    assert made.location.startswith("/shares/")


def test_without_scripts_what_is_refused_keeps_what_was_typed(
    portal: Running, browser: Browser, ana: Person
) -> None:
    set_policy(portal, blocked_kinds="exe")
    portal.clock.turn(minutes=2)
    page = post_plain(browser, 400, {"tool.exe": b"MZ"}, message="Look at this")
    assert "Look at this" in page.text
    assert "tool.exe" in page.text or "exe" in page.text
    browser.page = page
    post_plain(browser, 413, {"large.bin": b"x" * 5_000_000})
