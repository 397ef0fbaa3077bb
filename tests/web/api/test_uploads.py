"""`/upload` and `/v1/uploads`: announcing, finishing and cancelling, with scripts and without."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from portal.domain.files.file import File, FileState
from portal.domain.people.person import Person
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import list_objects, list_records, make_id, put_object, read_state
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import make_account
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R27", "R28", "R29", "R30")


@pytest.fixture
def ana(browser: Browser) -> Person:
    """Ana, signed in in `browser`, on the upload page."""
    person = sign_in(browser)
    browser.get("/upload")
    return person


def call(
    browser: Browser, method: str, path: str, status: int, body: Any = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Page:  # fmt: skip
    """A call as the upload page's script makes it, with the secret the page gave it."""
    assert browser.page is not None
    told = json.loads(browser.page.document.one("div", id="uploader").attributes["data-upload"])
    return browser.ask(method, path, status, json=body, headers={"X-CSRFToken": told["token"], **headers})


def announce(browser: Browser, name: str = "report.pdf", size: int = 12) -> dict[str, Any]:
    found: dict[str, Any] = call(
        browser, "POST", "/v1/uploads", 201, {"name": name, "size": size}
    ).answer.json
    return found


def policy(form: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(form["fields"]["policy"]))
    return found


def file_of(portal: Running, person: Person, file_id: str) -> File:
    found = portal.portal.services.files.get(person.id, file_id)
    assert found is not None
    return found


@pytest.mark.requirement("T11")
def test_the_form_covers_every_field_with_one_exact_condition(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """Nothing but what was announced can be sent with it."""
    form = announce(browser, "<b>..\\report.pdf", 12)
    conditions = policy(form)["conditions"]
    ranges = [each for each in conditions if isinstance(each, list)]
    exact = {name: value for each in conditions if isinstance(each, dict) for name, value in each.items()}
    assert ranges == [["content-length-range", 12, 12]]
    sent = {
        name: value for name, value in form["fields"].items() if name not in {"policy", "x-amz-signature"}
    }
    assert {**sent, "bucket": "portal-files"} == exact
    assert exact["key"] == f"files/{ana.id}/{form['file_id']}"
    assert (exact["x-amz-meta-owner"], exact["x-amz-meta-file"]) == (ana.id, form["file_id"])
    assert exact["Content-Type"] == "application/pdf"
    assert exact["success_action_status"] == "201"
    assert not {"acl", "success_action_redirect"} & set(exact)
    assert "report" not in json.dumps(form["fields"])
    assert form["url"] == "https://portal-files.s3.eu-central-1.amazonaws.com/"
    assert form["url"].rstrip("/") in browser.get("/upload").headers["Content-Security-Policy"]


def test_the_script_is_told_what_is_wrong_with_an_announcement(
    browser: Browser, ana: Person, portal: Running
) -> None:
    before = read_state(portal)
    for body, status, words in [
        ({"name": "a.txt", "size": 0}, 400, "This file is empty."),
        ({"name": "a.txt", "size": 5 * 1024**4 + 1}, 413, "larger than 5.5"),
        ({"name": " .. ", "size": 1}, 400, "Enter a name for the file."),
        ({"name": 7, "size": 1}, 400, "Say the file's name."),
        ({"name": "a.txt", "size": True}, 400, "Say the file's size"),
        ({"name": "a.txt"}, 400, "Say the file's size"),
        (["a.txt", 1], 400, "Say the file's name."),
    ]:
        refused = call(browser, "POST", "/v1/uploads", status, body)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert words in refused.answer.json["detail"].replace("\N{NO-BREAK SPACE}", " ")
    assert read_state(portal) == before


@pytest.mark.requirement("R14")
def test_calls_want_the_secret_and_a_session(
    browser: Browser, ana: Person, new_browser: Callable[[], Browser]
) -> None:
    """Without the header nothing is announced; without a session a program is told so."""
    assert (
        browser.ask("POST", "/v1/uploads", json={"name": "a", "size": 1}).answer.json["reason"]
        == "stale_form"
    )
    assert new_browser().ask("POST", "/v1/uploads", 401, json={}).answer.json["reason"] == "sign_in_needed"


def test_a_file_is_ready_once_whoever_says_so_and_however_often(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """Before the object is there, from the browser, from the event, and again: one record."""
    form = announce(browser)
    early = call(browser, "POST", form["complete"], 202).answer.json
    assert early["state"] == "pending"
    file = file_of(portal, ana, form["file_id"])
    put_object(portal, file, b"twelve bytes")
    for _ in range(2):
        complete_by_event(file.key, portal.portal.services)
        assert call(browser, "POST", form["complete"], 200).answer.json["state"] == "ready"
    assert len(list_records(portal, "file.upload_completed")) == 1
    assert "report.pdf" in browser.get("/files").answer.text


@pytest.mark.parametrize("difference", ["size", "type", "owner"])
def test_what_is_not_as_announced_is_refused_and_removed(
    browser: Browser, ana: Person, portal: Running, difference: str
) -> None:
    """S3's policy would not let it in; should it be there all the same, it never becomes a file."""
    form = announce(browser)
    file = file_of(portal, ana, form["file_id"])
    body, changes = {
        "size": (b"thirteen bytes", {}),
        "type": (b"twelve bytes", {"ContentType": "text/html"}),
        "owner": (b"twelve bytes", {"Metadata": {"file": file.id, "owner": "0" * 26}}),
    }[difference]
    put_object(portal, file, body, **changes)
    refused = call(browser, "POST", form["complete"], 409).answer.json
    assert refused["reason"] == f"rejected_{difference}"
    assert file_of(portal, ana, file.id).state is FileState.REJECTED
    assert list_objects(portal) == []
    assert "was not what had been announced" in browser.get(f"/files/{file.id}").text


def test_objects_nobody_announced_never_become_files(browser: Browser, ana: Person, portal: Running) -> None:
    """Neither under a guessed key nor for someone else."""
    guessed = make_id(portal)
    call(browser, "POST", f"/v1/uploads/{guessed}/complete", 404)
    for key in (f"files/{ana.id}/{guessed}", f"files/{ana.id}/x", "elsewhere", f"files/{'0' * 26}/{guessed}"):
        complete_by_event(key, portal.portal.services)
    assert "No files yet" in browser.get("/files").text


def test_cancelling_forgets_and_comes_too_late_for_what_is_ready(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """An upload that was cancelled cannot be completed any more."""
    form = announce(browser)
    file = file_of(portal, ana, form["file_id"])
    call(browser, "DELETE", form["cancel"], 204)
    put_object(portal, file, b"twelve bytes")
    complete_by_event(file.key, portal.portal.services)
    call(browser, "POST", form["complete"], 404)
    again = announce(browser)
    put_object(portal, file_of(portal, ana, again["file_id"]), b"twelve bytes")
    call(browser, "POST", again["complete"], 200)
    assert call(browser, "DELETE", again["cancel"], 400).answer.json["reason"] == "finished"


@pytest.mark.requirement("R11")
def test_uploads_of_somebody_else_are_not_there(
    browser: Browser, ana: Person, portal: Running, new_browser: Callable[[], Browser]
) -> None:
    form = announce(browser)
    ben = new_browser()
    ben.sign_in(make_account("Ben Okoro"))
    ben.get("/upload")
    before = read_state(portal)
    call(ben, "POST", form["complete"], 404)
    call(ben, "DELETE", form["cancel"], 404)
    ben.get(f"/upload/{form['file_id']}/done", 404)
    assert read_state(portal) == before


def test_sending_again_after_completion_does_not_change_what_is_served(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """What is ready is pinned to the version of that moment."""
    form = announce(browser)
    file = file_of(portal, ana, form["file_id"])
    put_object(portal, file, b"twelve bytes")
    call(browser, "POST", form["complete"], 200)
    pinned = file_of(portal, ana, file.id).version_id
    put_object(portal, file, b"evil twelve!")
    complete_by_event(file.key, portal.portal.services)
    call(browser, "POST", form["complete"], 200)
    assert file_of(portal, ana, file.id).version_id == pinned
    browser.get(f"/files/{file.id}")
    assert f"versionId={pinned}" in browser.submit(f"/files/{file.id}/download").location


@pytest.mark.requirement("R16")
def test_without_scripts_the_name_comes_first_and_s3_leads_back(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """One exact address to come back to; looking there changes nothing, pressing Finish does."""
    page = browser.get("/upload?plain=1")
    assert "Back to the usual upload" in page.links
    sent = browser.submit("/upload", 200, name="Bericht.pdf")
    form = sent.document.one("form", enctype="multipart/form-data")
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    assert form.all("input")[-1].attributes["type"] == "file"
    file_id = fields["x-amz-meta-file"]
    assert fields["success_action_redirect"] == f"https://files.example.org/upload/{file_id}/done"
    assert ["content-length-range", 1, 5 * 1024**3] in policy({"fields": fields})["conditions"]
    file = file_of(portal, ana, file_id)
    put_object(portal, file, b"of any size")
    before = read_state(portal)
    assert browser.get(f"/upload/{file_id}/done?bucket=b&key=k&etag=e").heading == "One last step"
    assert read_state(portal) == before
    done = browser.follow(browser.submit(f"/upload/{file_id}/done"))
    assert done.heading == "Your file has arrived"
    assert done.links["Share this file"] == f"/shares/new?file={file_id}"


def test_without_scripts_a_name_that_is_none_is_asked_for_again(browser: Browser, ana: Person) -> None:
    browser.get("/upload?plain=1")
    again = browser.submit("/upload", 400, name=" / ")
    assert "Enter a name for the file." in again.text
    assert again.fields("/upload")["name"] == " / "
