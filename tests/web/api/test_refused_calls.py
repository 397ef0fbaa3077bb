"""Every route of the API with what it must refuse: foreign ids, tokens that do not fit, odd bodies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.ids import derive_id
from portal.domain.people.person import Person, Scope
from portal.web.api.routes import ROUTES
from tests.actions import share_files, upload_file
from tests.builders import Running
from tests.receiver import name_webhook
from tests.web.browser import Browser
from tests.web.signed_in import sign_in
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R11", "R23")
CAROL = "carol@partner.example"
USABLE = ("read", "upload", "share", "delete")


@pytest.fixture
def caller(portal: Running, ana: Person, program: Callable[[str], Program]) -> Program:
    """A program that may do in Ana's name what she may."""
    return program(make_token(portal, ana, *USABLE))


FILLED: dict[str, dict[str, Any]] = {
    "files.change": {"file_name": "b.txt"}, "users.change_file": {"file_name": "b.txt"},
    "shares.change": {"message": "x"}, "share_recipients.add": {"share_with": [CAROL]},
    "groups.change": {"name": "x", "addresses": [CAROL]}, "users.share_file": {"share_with": [CAROL]},
    "users.remove_recipients": {"recipients": [CAROL]}, "share_recipients.correct": {"address": CAROL},
    "webhooks.change": {"name": "x"},
    "users.upload": {"file_data": "YQ==", "remote_file_name": "a.txt"},
}  # fmt: skip


def name_things(portal: Running, owner: Person) -> dict[str, str]:
    """Ids of things of theirs, by the name that routes have for them."""
    file, other = upload_file(portal, owner), upload_file(portal, owner)
    made = share_files(portal, owner, [other])
    webhook, delivery = name_webhook(portal, owner)
    return {
        "file_id": file.id, "share_id": made.about, "recipient_id": made.recipients[0].id,
        "group_id": derive_id("group"), "user_id": owner.subject,
        "webhook_id": webhook, "delivery_id": delivery,
    }  # fmt: skip


def test_what_is_another_persons_is_not_there(
    portal: Running, ana: Person, new_browser: Callable[[], Browser], program: Callable[[str], Program]
) -> None:
    """Every route that names a thing: the same answer for someone else's as for one that never was."""
    ben = sign_in(new_browser(), "Ben Okoro")
    theirs, caller = name_things(portal, ana), program(make_token(portal, ben, *USABLE))
    never = dict.fromkeys(theirs, "0" * 26)
    for route in ROUTES:
        if "<" not in route.path or route.needs:  # those of administrators have tests of their own
            continue
        answers = []
        for ids in (theirs, never):
            path = route.path
            for name, value in ids.items():
                path = path.replace(f"<{name}>", value)
            answer = caller.open(route.method, path, json=FILLED.get(route.view))
            told = answer.answer.json
            told.pop("request_id")
            answers.append((answer.status, told))
        assert answers[0] == answers[1], route.view
        assert answers[0][0] == 404, route.view


@pytest.mark.parametrize("kind", ["none", "made up", "too narrow"])
def test_every_route_is_closed_to_whoever_may_not(
    portal: Running, ana: Person, program: Callable[[str], Program], kind: str
) -> None:
    """Whatever is asked for, before anything of it is looked at."""
    narrow = {scope: make_token(portal, ana, "upload" if scope is Scope.READ else "read") for scope in Scope}
    for route in ROUTES:
        token = {"none": "", "made up": "x.y.z", "too narrow": narrow[route.scope]}[kind]
        path = route.path.replace("<", "").replace(">", "")
        answer = program(token).open(route.method, path, json=FILLED.get(route.view))
        assert answer.status == (403 if kind == "too narrow" else 401), route.view
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


BODIES: dict[str, Any] = {
    "a list": [], "a text": "x", "null": None, "a number": 7,
    "unknown": {"owner_id": "0" * 26}, "nested": {"share_with": [[CAROL]]},
    "a flag for a text": {"file_name": True, "name": True}, "many": {"share_with": ["x"] * 501},
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
def test_a_body_of_another_kind_is_refused_by_name(caller: Program, what: str) -> None:
    for route in ROUTES:
        if route.view not in FILLED:
            continue
        path = route.path.replace("<user_id>", "me").replace("<", "").replace(">", "")
        told = caller.ask(
            route.method, path, 400, data=json.dumps(BODIES[what]), content_type="application/json"
        )
        assert told["errors"] if "errors" in told else told["reason"], route.view
        fields = {each["field"] for each in told.get("errors", [])}
        assert what != "unknown" or "owner_id" in fields, route.view
