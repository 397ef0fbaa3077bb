"""`/v1/uploads` with an `Idempotency-Key`: an announcement whose answer was lost is made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.people.person import Person
from tests.actions import list_records, put_object, read_state
from tests.builders import Running
from tests.web.api.test_uploads import call, file_of, policy
from tests.web.browser import Browser
from tests.web.signed_in import Calls, sign_in

pytestmark = pytest.mark.requirement("R31", "R37")

TWO = {"files": [{"name": "a.txt", "size": 12, "folder": "Plans"}, {"name": "film.mov", "size": 2**30}]}
KEY = '"8e03978e-40d5-43e8-bc93-6894a57f9324"'


@pytest.fixture
def ana(browser: Browser) -> Person:
    person = sign_in(browser)
    browser.get("/upload")
    return person


def announce(browser: Browser, status: int, body: Any = TWO, key: str = KEY) -> Any:
    return call(browser, "POST", "/v1/uploads", status, body, {"Idempotency-Key": key}).answer.json


def test_the_same_announcement_is_answered_the_same(browser: Browser, ana: Person, portal: Running) -> None:
    """Nothing more is held, and the forms are for the same place."""
    first = announce(browser, 201)["uploads"]
    before = read_state(portal)
    portal.clock.turn(seconds=30)
    with Calls(portal) as calls:
        again = announce(browser, 201)["uploads"]
    assert calls.names.count("TransactWriteItems") == 1
    assert [each["file_id"] for each in again] == [each["file_id"] for each in first]
    assert [each["key"] for each in again] == [each["key"] for each in first]
    assert {"bucket": "portal-files"} in policy(again[0])["conditions"]
    assert again[0]["fields"]["key"] == first[0]["fields"]["key"]
    assert again[1]["part_count"] == 30
    assert read_state(portal) == before
    assert len(list_records(portal, "file.upload_reserved")) == 2


def test_without_a_key_or_with_another_it_is_another(browser: Browser, ana: Person) -> None:
    ids = {
        announce(browser, 201, key=key)["uploads"][0]["file_id"] for key in (KEY, "another", KEY, "another")
    }
    assert len(ids) == 2
    both = [call(browser, "POST", "/v1/uploads", 201, TWO).answer.json["uploads"][0] for _ in range(2)]
    assert len({each["file_id"] for each in both} | ids) == 4


@pytest.mark.requirement("R11")
def test_a_key_is_its_persons_alone(
    browser: Browser, ana: Person, new_browser: Callable[[], Browser]
) -> None:
    """Who guesses another's key gets files of their own."""
    mine = announce(browser, 201)["uploads"]
    other = new_browser()
    sign_in(other, "ben")
    other.get("/upload")
    theirs = announce(other, 201)["uploads"]
    assert not {each["file_id"] for each in mine} & {each["file_id"] for each in theirs}


@pytest.mark.parametrize(
    "body",
    [
        {"files": TWO["files"][:1]},
        {"files": TWO["files"][::-1]},
        {"files": [*TWO["files"], {"name": "c.txt", "size": 1}]},
        {"files": [TWO["files"][0] | {"size": 13}, TWO["files"][1]]},
        {"files": [TWO["files"][0] | {"sha256": "0" * 64}, TWO["files"][1]]},
        {"files": [TWO["files"][0] | {"folder": ""}, TWO["files"][1]]},
        {"name": "a.txt", "size": 12},
    ],
)
def test_a_key_does_not_stand_for_something_else(
    browser: Browser, ana: Person, portal: Running, body: Any
) -> None:
    announce(browser, 201)
    before = read_state(portal)
    refused = announce(browser, 409, body)
    assert "with this key before" in refused["detail"]
    assert refused["reason"] == "another_announcement"
    assert read_state(portal) == before


@pytest.mark.parametrize("ended", ["cancelled", "arrived"])
def test_what_is_over_is_not_begun_again(browser: Browser, ana: Person, portal: Running, ended: str) -> None:
    """A late copy of the call neither brings a cancelled upload back nor signs for a file that is there."""
    first = announce(browser, 201)["uploads"][0]
    if ended == "cancelled":
        call(browser, "DELETE", first["cancel"], 204)
    else:
        put_object(portal, file_of(portal, ana, first["file_id"]), b"twelve bytes")
        call(browser, "POST", first["complete"], 200, {})
    before = read_state(portal)
    assert announce(browser, 409)["reason"] == "finished"
    assert read_state(portal) == before


@pytest.mark.parametrize("key", ["a b", "x" * 201, "\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_key_that_is_none_is_refused(browser: Browser, ana: Person, portal: Running, key: str) -> None:
    before = read_state(portal)
    assert announce(browser, 400, key=key)["reason"] == "idempotency_key"
    assert read_state(portal) == before
