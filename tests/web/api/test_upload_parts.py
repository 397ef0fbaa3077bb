"""`/v1/uploads/<id>`: parts on demand, how far it is, a fresh form; in a session or by the upload's key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.domain.uploads.parts import MIB
from portal.domain.uploads.upload_keys import UploadKeys
from tests.actions import list_records, put_object, read_state
from tests.builders import SECRET, Running
from tests.parts import to_base64
from tests.web.api.test_uploads import announce, call, file_of
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import make_account
from tests.web.signed_in import Calls, sign_in

SIZE = 96 * MIB
HASH = to_base64(b"a part")


@pytest.fixture
def ana(browser: Browser) -> Person:
    person = sign_in(browser)
    browser.get("/upload")
    return person


@pytest.fixture
def large(browser: Browser, ana: Person) -> dict[str, Any]:
    """An upload in parts, announced."""
    return announce(browser, "film.mov", SIZE)


def call_by_key(browser: Browser, method: str, path: str, key: str, body: Any = None) -> Page:
    """A call with nothing but an upload's key: no session, no secret."""
    return browser.ask(method, path, json=body, headers={"Upload-Key": key})


@pytest.mark.requirement("R31")
def test_a_large_file_is_announced_with_its_parts(large: dict[str, Any]) -> None:
    """Above 64 MiB, without any address; those are signed on demand."""
    assert (large["part_bytes"], large["part_count"]) == (8 * MIB, 12)
    assert not {"url", "fields"} & large.keys()
    assert large["sign"] == f"/v1/uploads/{large['file_id']}/parts"
    assert large["state_url"] == f"/v1/uploads/{large['file_id']}"


@pytest.mark.requirement("R31", "R32", "R33")
def test_parts_are_signed_and_told_of(browser: Browser, large: dict[str, Any]) -> None:
    asked = {"parts": [{"number": 1, "sha256": HASH}, {"number": 12, "sha256": HASH}]}
    said = call(browser, "POST", large["sign"], 200, asked).answer.json
    assert [each["number"] for each in said["parts"]] == [1, 12]
    assert said["seconds"] == 900
    assert said["parts"][0]["headers"] == {"x-amz-checksum-sha256": HASH}
    shown = browser.get(large["state_url"]).answer.json
    assert (shown["parts"], shown["state"], shown["key"]) == ([], "pending", large["key"])


@pytest.mark.requirement("R23", "R31")
@pytest.mark.parametrize(
    "body",
    [
        [], {}, {"parts": 1}, {"parts": []}, {"parts": [1]}, {"parts": [{"number": "1"}]},
        {"parts": [{"number": True}]}, {"parts": [{"number": 0}]}, {"parts": [{"number": 10**30}]},
        {"parts": [{"number": 13}]}, {"parts": [{"number": 1}] * 2},
        {"parts": [{"number": 1, "sha256": "x"}]},
        {"parts": [{"number": 1, "sha256": HASH + "\n"}]},
    ],
)  # fmt: skip
def test_what_asks_for_no_part_is_refused_in_words(
    browser: Browser, large: dict[str, Any], portal: Running, body: Any
) -> None:
    before = read_state(portal)
    refused = call(browser, "POST", large["sign"], 400, body).answer.json
    assert refused["detail"]
    assert read_state(portal) == before


@pytest.mark.requirement("R31")
def test_completing_too_early_names_what_is_missing(browser: Browser, large: dict[str, Any]) -> None:
    refused = call(browser, "POST", large["complete"], 409, {"sha256": "0" * 64}).answer.json
    assert (refused["reason"], refused["missing"]) == ("parts_missing", list(range(1, 13)))
    several = call(browser, "POST", "/v1/uploads/complete", 200, {"files": [large["file_id"]]}).answer.json
    assert several["files"][0]["state"] == "pending"


def test_uploads_under_way_are_listed(browser: Browser, large: dict[str, Any], portal: Running) -> None:
    """Wherever they run, newest first, with what cancels them."""
    portal.clock.turn(seconds=1)
    small = announce(browser)
    found = browser.get("/v1/uploads").answer.json["uploads"]
    assert [each["file_id"] for each in found] == [small["file_id"], large["file_id"]]
    assert found[1]["cancel"] == large["cancel"]
    call(browser, "DELETE", found[1]["cancel"], 204)
    assert len(browser.get("/v1/uploads").answer.json["uploads"]) == 1


@pytest.mark.requirement("R33")
def test_a_fresh_form_for_what_waited_too_long(browser: Browser, ana: Person, large: dict[str, Any]) -> None:
    """For a file in one piece alone."""
    small = announce(browser)
    fresh = call(browser, "POST", f"{small['state_url']}/form", 200).answer.json
    assert fresh["fields"]["key"] == small["fields"]["key"]
    refused = call(browser, "POST", f"{large['state_url']}/form", 409).answer.json
    assert refused["reason"] == "in_parts"


@pytest.mark.requirement("R33")
def test_the_key_goes_on_where_the_session_ended(
    browser: Browser, ana: Person, large: dict[str, Any], portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """An upload of hours; recorded as the owner's doing, by the key."""
    small, stranger = announce(browser), new_browser()
    portal.clock.turn(hours=20)
    browser.ask("GET", "/v1/session", 401)
    asked = {"parts": [{"number": 1, "sha256": HASH}]}
    for each in (browser, stranger):
        assert call_by_key(each, "POST", large["sign"], large["key"], asked).status == 200
        assert call_by_key(each, "GET", large["state_url"], large["key"]).status == 200
    put_object(portal, file_of(portal, ana, small["file_id"]), b"twelve bytes")
    done = call_by_key(browser, "POST", small["complete"], small["key"], {})
    assert done.answer.json["state"] == "ready"
    assert call_by_key(browser, "DELETE", large["cancel"], large["key"]).status == 204
    [record] = list_records(portal, "file.upload_cancelled")
    assert record["actor"]["M"]["id"]["S"] == ana.id
    assert record["details"]["M"]["by"]["S"] == "upload key"
    browser.sign_in(make_account("Ana Lopes"))
    history = browser.get(f"/files/{small['file_id']}").text
    assert "arrived complete" in history


@pytest.mark.requirement("R11")
def test_a_key_opens_its_own_upload_alone(
    browser: Browser, ana: Person, large: dict[str, Any], portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """No other upload, no list, no page, no announcing; and no other text is a key."""
    other, stranger, before = announce(browser), new_browser(), read_state(portal)
    key = large["key"]
    wrong = [
        key[:-1],
        key[:-1] + ("0" if key[-1] != "0" else "1"),
        key.upper(),
        "x",
        "",
        f"{'0' * 26}{key[26:]}",
    ]
    for text in wrong:
        assert call_by_key(stranger, "GET", large["state_url"], text).status == 401, text
    for method, path in [
        ("GET", other["state_url"]), ("POST", other["complete"]), ("DELETE", other["cancel"]),
        ("GET", "/v1/uploads"), ("POST", "/v1/uploads"), ("POST", "/v1/uploads/complete"),
        ("GET", "/v1/session"),
    ]:  # fmt: skip
        assert call_by_key(stranger, method, path, key).status == 401, path
    assert call_by_key(stranger, "GET", f"/files/{large['file_id']}", key).status == 303
    assert (
        call_by_key(browser, "DELETE", other["cancel"], key).status == 400
    )  # in the session, without its secret
    assert read_state(portal) == before


def test_a_key_ends_with_its_upload(browser: Browser, large: dict[str, Any]) -> None:
    call(browser, "DELETE", large["cancel"], 204)
    assert call_by_key(browser, "GET", large["state_url"], large["key"]).status == 404


@pytest.mark.requirement("R10")
def test_a_key_tells_nothing_of_the_file_later(
    browser: Browser, ana: Person, portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """For a day that it arrived, to a browser that lost that answer; then its name is its owner's."""
    made, stranger = announce(browser), new_browser()
    put_object(portal, file_of(portal, ana, made["file_id"]), b"twelve bytes")
    asked = [("GET", made["state_url"]), ("POST", made["complete"])]
    for hours, status in ((0, 200), (23, 200), (1, 401)):
        portal.clock.turn(hours=hours)
        for method, path in asked[::-1]:
            assert call_by_key(stranger, method, path, made["key"]).status == status
    assert call_by_key(stranger, "DELETE", made["cancel"], made["key"]).status == 401
    browser.sign_in(make_account("Ana Lopes"))
    assert browser.get(made["state_url"]).answer.json["state"] == "ready"


@pytest.mark.requirement("R10")
def test_signing_out_everywhere_ends_the_keys_of_before(
    browser: Browser, ana: Person, large: dict[str, Any], portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """Whoever presses that may fear someone else's doing; signed in again, one's own goes on."""
    portal.clock.turn(seconds=1)
    browser.get("/account")
    browser.submit("/account/sign-out-everywhere")
    assert (
        call_by_key(browser, "GET", large["state_url"], large["key"]).answer.json["reason"]
        == "sign_in_needed"
    )
    browser.sign_in(make_account("Ana Lopes"))
    browser.get("/upload")
    assert browser.get(large["state_url"]).answer.json["key"] == large["key"]
    portal.clock.turn(seconds=1)
    again = announce(browser)
    assert call_by_key(new_browser(), "GET", again["state_url"], again["key"]).status == 200


@pytest.mark.requirement("R10", "R31")
def test_closing_the_account_ends_keys_and_uploads(
    browser: Browser, ana: Person, large: dict[str, Any], portal: Running
) -> None:
    asked = {"parts": [{"number": 1, "sha256": HASH}]}
    call(browser, "POST", large["sign"], 200, asked)
    browser.get("/account")
    browser.submit("/account/delete", 200, confirmation=ana.address)
    assert call_by_key(browser, "POST", large["sign"], large["key"], asked).status == 401
    assert portal.portal.services.files.get(ana.id, large["file_id"]) is None


def test_a_call_by_key_reads_the_person_and_the_upload(
    browser: Browser, large: dict[str, Any], portal: Running
) -> None:
    """No more than in a session: a part of an upload is asked for often."""
    asked = {"parts": [{"number": 1, "sha256": HASH}]}
    call_by_key(browser, "POST", large["sign"], large["key"], asked)
    with Calls(portal) as calls:
        call_by_key(browser, "POST", large["sign"], large["key"], asked)
    assert sorted(calls.names) == ["GetItem", "GetItem", "UpdateItem"]  # the last counts how often (R46)


@pytest.mark.requirement("R13")
def test_keys_made_before_the_secret_changed_still_open() -> None:
    old, new = UploadKeys.from_secrets([SECRET]), UploadKeys.from_secrets([SECRET[::-1], SECRET])
    key = old.key("0" * 26, "1" * 26)
    assert new.verify(key, "1" * 26) == "0" * 26
    assert UploadKeys.from_secrets([SECRET[::-1]]).verify(key, "1" * 26) is None
    assert new.verify(key, "2" * 26) is None
