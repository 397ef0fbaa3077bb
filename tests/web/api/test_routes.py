"""The API as programs use it: each route does what the page beside it does, and nothing beyond."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from marshmallow import Schema

from portal.domain.people.person import Person
from portal.web.api.fields import Flag, ListOf, Moment, Part, Text, Whole
from portal.web.api.routes import ROUTES, Route
from tests.actions import list_mails, make_id, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R11", "R23")
CAROL, DAVE = "carol@partner.example", "dave@partner.example"
STRICT = {Flag, ListOf, Moment, Part, Text, Whole}
USABLE = ("read", "upload", "share", "delete")


@pytest.fixture
def caller(portal: Running, ana: Person, program: Callable[[str], Program]) -> Program:
    """A program that may do in Ana's name what she may."""
    return program(make_token(portal, ana, *USABLE))


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_small_file_comes_in_base64_and_goes_out_again(caller: Program, ana: Person) -> None:
    """By the caller's own subject, or `me`."""
    asked = {"file_data": encode(b"three"), "remote_file_name": "a.txt"}
    made = caller.ask("POST", "/v1/users/me/files", 201, json=asked)
    assert made["status"] == "UPLOADED"
    assert made["sha256"] == hashlib.sha256(b"three").hexdigest()
    listed = caller.get(f"/v1/users/{ana.subject}/files")
    assert [each["file_id"] for each in listed["user_files"]] == [made["file_id"]]
    assert listed["user_id"] == ana.subject
    for query in (f"file_id={made['file_id']}", "file_name=a.txt"):
        told = caller.get(f"/v1/downloads?{query}")
        assert made["file_id"] in told["download_url"]
        assert 0 < told["expires_in"] <= 60


BAD_BYTES: dict[str, tuple[dict[str, Any], int, str]] = {
    "no base64": ({"file_data": "%%%"}, 400, "base64"),
    "half of it": ({"file_data": "YQ"}, 400, "base64"),
    "with line breaks": ({"file_data": "YWJj\nYWJj"}, 400, "base64"),
    "nothing": ({"file_data": ""}, 400, "empty"),
    "a number": ({"file_data": 7}, 400, "text"),
    "left out": ({"file_data": None}, 400, "missing"),
    "no name": ({"remote_file_name": ""}, 400, "length"),
    "something more": ({"owner_id": "x"}, 400, "unknown"),
    "too large": ({"file_data": "AAAA" * (4 * 1024**2 // 3 + 1)}, 413, "too_large"),
    "far too large": ({"file_data": "A" * 6_000_000}, 413, "too_large"),
}


@pytest.mark.parametrize("what", BAD_BYTES)
def test_bytes_that_are_none_are_said_to_be(caller: Program, what: str) -> None:
    more, status, reason = BAD_BYTES[what]
    asked = {"file_data": encode(b"x"), "remote_file_name": "a.txt", **more}
    told = caller.ask("POST", "/v1/users/me/files", status, json=asked)
    assert told["reason"] == reason
    assert caller.get("/v1/files")["files"] == []


@pytest.mark.requirement("I7")
@pytest.mark.parametrize("route", ["files", "shares", "groups"])
def test_the_same_key_creates_once(caller: Program, portal: Running, ana: Person, route: str) -> None:
    file = upload_file(portal, ana)
    calls: dict[str, tuple[str, dict[str, Any], str]] = {
        "files": (
            "/v1/users/me/files", {"file_data": encode(b"x"), "remote_file_name": "b.txt"}, "file_id"
        ),
        "shares": ("/v1/shares", {"file_ids": [file.id], "share_with": [CAROL]}, "share_id"),
        "groups": ("/v1/groups", {"name": "Partners", "addresses": [CAROL]}, "group_id"),
    }  # fmt: skip
    path, asked, name = calls[route]
    headers = {"Idempotency-Key": '"the-same"'}
    first, second = (caller.ask("POST", path, 201, json=asked, headers=headers) for _ in range(2))
    assert first[name] == second[name]


def test_a_key_that_stood_for_something_else_is_refused(
    caller: Program, portal: Running, ana: Person
) -> None:
    file, headers = upload_file(portal, ana), {"Idempotency-Key": "once"}
    for addresses, status in (([CAROL], 201), ([DAVE], 409)):
        asked = {"file_ids": [file.id], "share_with": addresses}
        told = caller.ask("POST", "/v1/shares", status, json=asked, headers=headers)
    assert told["reason"] == "submission_reused"


def test_files_are_listed_in_pages_and_orders(caller: Program, portal: Running, ana: Person) -> None:
    names = [f"{number:02}.txt" for number in range(32)]
    for name in names:
        upload_file(portal, ana, name=name)
    page = caller.open("GET", "/v1/files?sort=name")
    first = page.answer.json
    assert [each["file_name"] for each in first["files"]] == names[:30]
    assert page.headers["Link"].endswith('rel="next"')
    rest = caller.get(page.headers["Link"].partition(">")[0].lstrip("<").removeprefix(caller.origin))
    assert [each["file_name"] for each in rest["files"]] == names[30:]
    assert rest["next"] is None
    assert [each["file_name"] for each in caller.get("/v1/files?q=07")["files"]] == ["07.txt"]


def test_a_file_is_changed_as_long_as_it_is_what_was_read(
    caller: Program, portal: Running, ana: Person
) -> None:
    path = f"/v1/files/{upload_file(portal, ana).id}"
    seen = caller.open("GET", path).headers["ETag"]
    told = caller.ask("PATCH", path, json={"file_name": "b.txt", "keep_days": 30}, headers={"If-Match": seen})
    assert told["file_name"] == "b.txt"
    late = caller.ask("PATCH", path, 412, json={"file_name": "c.txt"}, headers={"If-Match": seen})
    assert late["reason"] == "changed_since"
    assert caller.ask("DELETE", path, 412, headers={"If-Match": seen})["status"] == 412
    assert caller.ask("DELETE", path)["status"] == "trashed"
    assert [each["file_name"] for each in caller.get("/v1/files?status=trashed")["files"]] == ["b.txt"]
    assert caller.ask("POST", f"{path}/restore")["status"] == "ready"
    assert len(caller.get(f"{path}/versions")["versions"]) == 1
    assert caller.ask("POST", f"{path}/download")["download_url"].startswith("https://")


def test_a_share_is_made_followed_changed_and_withdrawn(
    caller: Program, portal: Running, ana: Person
) -> None:
    """At the very second that was asked for."""
    files = [upload_file(portal, ana, name=name) for name in ("a.txt", "b.txt")]
    ends = (portal.clock() - timedelta(seconds=2)).replace(microsecond=0)
    asked = {
        "file_ids": [each.id for each in files], "share_with": [CAROL, DAVE], "download_limit": 2,
        "expires_at": ends.isoformat().replace("+00:00", "Z"),
        "message": "Here they are.", "by_hand": [DAVE],
    }  # fmt: skip
    assert caller.ask("POST", "/v1/shares", 400, json=asked)["reason"] == "expiry_past"
    portal.clock.turn(days=-3)
    made = caller.ask("POST", "/v1/shares", 201, json=asked)
    path = f"/v1/shares/{made['share_id']}"
    assert made["expires_at"].startswith(asked["expires_at"].rstrip("Z"))
    assert [each["address"] for each in made["recipients"]] == sorted([CAROL, DAVE])
    assert len(list_mails(portal)) == 1, "and the other's link is passed on by hand"
    etag = caller.open("GET", path).headers["ETag"]
    changed = caller.ask("PATCH", path, json={"download_limit": None}, headers={"If-Match": etag})
    assert changed["download_limit"] is None
    caller.ask("PATCH", path, 412, json={"message": "x"}, headers={"If-Match": etag})
    more = caller.ask("POST", f"{path}/recipients", json={"share_with": ["eve@partner.example"]})
    eve = next(each for each in more["recipients"] if each["address"].startswith("eve"))
    assert caller.ask("POST", f"{path}/recipients/{eve['recipient_id']}/mail")["share_id"]
    gone = caller.ask("DELETE", f"{path}/recipients/{eve['recipient_id']}")
    assert [each["status"] for each in gone["recipients"] if each["address"].startswith("eve")] == [
        "withdrawn"
    ]
    reminded = caller.ask("POST", f"{path}/remind")["reminded"]
    assert {each["address"] for each in reminded} == {CAROL, DAVE}
    assert caller.ask("DELETE", path)["status"] == "withdrawn"
    assert [each["status"] for each in caller.get("/v1/shares")["shares"]] == ["withdrawn"]


def test_a_token_that_only_reads_gets_no_links(
    portal: Running, ana: Person, program: Callable[[str], Program], caller: Program
) -> None:
    share = share_files(portal, ana, [upload_file(portal, ana)]).about
    assert caller.get(f"/v1/shares/{share}")["recipients"][0]["link"]
    reader = program(make_token(portal, ana, "read"))
    assert reader.get(f"/v1/shares/{share}")["recipients"][0]["link"] == ""


def test_one_file_is_shared_and_taken_back(caller: Program, portal: Running, ana: Person) -> None:
    """As systems of this field do it."""
    file = upload_file(portal, ana)
    path = f"/v1/users/me/files/{file.id}"
    told = caller.ask("POST", f"{path}/share", 201, json={"share_with": [CAROL, DAVE]})
    assert (told["status"], told["file_name"]) == ("SHARED", file.name)
    asked = {"recipients": [CAROL.upper().replace("CAROL", "carol"), "nobody@partner.example"]}
    taken = caller.ask("DELETE", f"{path}/recipients", json=asked)
    assert len(taken["removed"]) == 1
    assert taken["not_found"] == ["nobody@partner.example"]
    states = {each["address"]: each["status"] for each in
              caller.get(f"/v1/shares/{told['share_id']}")["recipients"]}  # fmt: skip
    assert states == {CAROL: "withdrawn", DAVE: "open"}
    assert caller.get(path)["user_id"] == ana.subject
    seen = {"If-Match": caller.open("GET", path).headers["ETag"]}
    assert caller.ask("PATCH", path, json={"file_name": "b.txt"}, headers=seen)["file_name"] == "b.txt"
    caller.ask("PATCH", path, 412, json={"file_name": "c.txt"}, headers=seen)
    deleted = caller.ask("DELETE", path)
    assert deleted == {
        "user_id": ana.subject, "file_id": file.id, "file_name": "b.txt", "file_status": "DELETED",
    }  # fmt: skip


def test_groups_are_kept(caller: Program) -> None:
    made = caller.ask("POST", "/v1/groups", 201, json={"name": "Partners", "addresses": [CAROL]})
    path = f"/v1/groups/{made['group_id']}"
    changed = caller.ask("PUT", path, json={"name": "All partners", "addresses": [CAROL, DAVE]},
                         headers={"If-Match": '"v1"'})  # fmt: skip
    assert changed["addresses"] == [CAROL, DAVE]
    caller.ask("PUT", path, 412, json={"name": "x", "addresses": [CAROL]}, headers={"If-Match": '"v1"'})
    assert [each["name"] for each in caller.get("/v1/groups")["groups"]] == ["All partners"]
    assert caller.ask("DELETE", path, 204) is None
    caller.get(path, 404)


def test_what_was_shared_with_me_is_listed_and_fetched(
    portal: Running, ana: Person, new_browser: Callable[[], Browser], program: Callable[[str], Program]
) -> None:
    """Which counts, and twice within a minute counts once."""
    file = upload_file(portal, ana)
    ben = sign_in(new_browser(), "Ben Okoro")
    share_files(portal, ana, [file], recipients_text=ben.address, download_limit=2)
    caller = program(make_token(portal, ben, "read"))
    (received,) = caller.get("/v1/shared-files")["shared_files"]
    assert (received["file_id"], received["shared_by"], received["downloads_left"]) == (
        file.id, ana.address, 2,
    )  # fmt: skip
    for query in (f"file_id={file.id}", f"file_name={file.name}"):
        assert file.id in caller.get(f"/v1/downloads?{query}")["download_url"]
    assert caller.get("/v1/shared-files")["shared_files"][0]["downloads_left"] == 1
    caller.get(f"/v1/downloads?file_id={make_id(portal)}", 404)
    caller.get("/v1/downloads", 400)
    caller.get(f"/v1/downloads?file_id={file.id}&file_name=x", 400)


def test_who_one_is_and_what_one_may(portal: Running, ana: Person, program: Callable[[str], Program]) -> None:
    told = program(make_token(portal, ana, "read", "share")).get("/v1/me")
    assert told == {
        "user_id": ana.subject, "name": ana.name, "address": ana.address, "may": ["share"],
        "scopes": ["read", "share"], "signed_in_by": "access token",
    }  # fmt: skip


@pytest.mark.requirement("R46")
def test_how_many_calls_are_left_is_told(caller: Program, portal: Running) -> None:
    rate = portal.portal.services.limits.rates.writes
    asked = {"name": "a.txt", "size": 3}
    for used in (1, 2):
        answer = caller.open("POST", "/v1/uploads", json=asked)
        assert answer.headers["RateLimit-Policy"] == f'"write";q={rate.each};w={rate.seconds}'
        assert answer.headers["RateLimit"].startswith(f'"write";r={rate.each - used};t=')
    assert "RateLimit" not in caller.open("GET", "/v1/usage").headers, "reading is not counted"


def list_kinds(schema: type[Schema]) -> Iterator[tuple[str, type[object]]]:
    """Each field that a program may say, with its kind, and what stands in its lists and objects."""
    for name, each in schema().fields.items():
        yield name, type(each)
        if isinstance(each, ListOf):
            yield name, type(each.inner)
        if isinstance(each, Part):
            yield from list_kinds(type(each.schema))


@pytest.mark.requirement("R23")
@pytest.mark.parametrize(
    "route", [each for each in ROUTES if not each.path.endswith(".json")], ids=lambda route: route.endpoint
)
def test_what_is_said_is_read_strictly(route: Route) -> None:
    """The library's own kinds take 1 for true and "5" for 5, and say what is wrong in its words."""
    described = route.load().described  # type: ignore[attr-defined]
    schemas = [each for each in (described.body, described.query) if each]
    loose = [name for each in schemas for name, kind in list_kinds(each) if kind not in STRICT]
    assert not loose
