"""`/v1/tokens`: a program lists the tokens of its owner, and ends its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.domain.people.access_tokens import parse_token
from portal.domain.people.person import Person
from tests.actions import make_id
from tests.builders import Running
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R11", "R12")


def read_id(token: str) -> str:
    parts = parse_token(token)
    assert parts
    return parts.token_id


def test_tokens_are_listed_without_what_opens(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    mine, other = (make_token(portal, ana, *scopes) for scopes in (("read",), ("upload", "share")))
    listed = program(mine).get("/v1/tokens")["tokens"]
    assert {each["token_id"]: (each["scopes"], each["is_current"]) for each in listed} == {
        read_id(mine): (["read"], True), read_id(other): (["share", "upload"], False),
    }  # fmt: skip
    assert listed[0].keys() == {
        "token_id", "name", "scopes", "created_at", "expires_at", "used_at", "is_current",
    }  # fmt: skip


def test_a_token_ends_itself_and_others_only_where_it_may_delete(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    reading, deleting, third = (
        make_token(portal, ana, *scopes) for scopes in (("read",), ("read", "delete"), ("read",))
    )
    program(reading).ask("DELETE", f"/v1/tokens/{read_id(third)}", 403)
    program(deleting).ask("DELETE", f"/v1/tokens/{read_id(third)}", 204)
    program(third).get("/v1/me", 401)
    program(reading).ask("DELETE", "/v1/tokens/current", 204)
    program(reading).get("/v1/me", 401)
    program(deleting).ask("DELETE", f"/v1/tokens/{make_id(portal)}", 404)


def test_nobody_lists_or_ends_anothers(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    eve = Person("0" * 26, "x", "Eve", "eve@example.org")
    other, mine = make_token(portal, eve, "read"), make_token(portal, ana, "read", "delete")
    program(mine).ask("DELETE", f"/v1/tokens/{read_id(other)}", 404)
    assert [each["token_id"] for each in program(mine).get("/v1/tokens")["tokens"]] == [read_id(mine)]
