"""`/v1/webhooks`: what the page does, for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.domain.webhooks.event_types import CHOSEN
from tests.actions import make_id
from tests.builders import Running
from tests.receiver import DOWN, OK, Receiver
from tests.web.browser import Browser
from tests.web.signed_in import sign_in
from tests.web.signing import session_of
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R11", "R23")
ASKED: dict[str, Any] = {
    "name": "Orders", "url": "https://hooks.example.org/x", "events": ["file.uploaded", "share.created"],
}  # fmt: skip
PATH, EVERYONES = "/v1/webhooks", "/v1/admin/webhooks"


@pytest.fixture
def receiver(portal: Running) -> Receiver:
    made, known = Receiver(), portal.app.extensions["portal"]
    services = replace(known.services, webhook_poster=made)
    portal.app.extensions["portal"] = known._replace(services=services)
    return made


@pytest.fixture
def caller(portal: Running, ana: Person, program: Callable[[str], Program]) -> Program:
    return program(make_token(portal, ana, "read", "share"))


def test_a_webhook_is_made_read_changed_and_deleted(caller: Program) -> None:
    made = caller.ask("POST", PATH, 201, json=ASKED)
    assert made.pop("secret").startswith("whsec_")
    own = f"{PATH}/{made['webhook_id']}"
    assert caller.get(own) == made
    assert caller.get(PATH) == {"webhooks": [made]}
    assert (made["status"], made["events"], made["failing_since"]) == ("on", ASKED["events"], None)
    changed = caller.ask("PATCH", own, json={"name": "Invoices", "on": False}, headers={"If-Match": '"v1"'})
    assert (changed["name"], changed["status"], changed["url"]) == ("Invoices", "off", ASKED["url"])
    for method, path in (("PATCH", own), ("DELETE", own), ("POST", f"{own}/secret")):
        asked = {"json": {"name": "x"}} if method == "PATCH" else {}
        late = caller.ask(method, path, 412, headers={"If-Match": '"v1"'}, **asked)
        assert late["reason"] == "changed_since"
    first, second = (caller.ask("POST", f"{own}/secret")["secret"] for _ in range(2))
    assert first != second
    assert caller.ask("DELETE", own, 204) is None
    caller.get(own, 404)


def test_the_same_key_makes_one_and_tells_its_secret_again(caller: Program) -> None:
    headers = {"Idempotency-Key": "the-same"}
    first, second = (caller.ask("POST", PATH, 201, json=ASKED, headers=headers) for _ in range(2))
    assert first == second
    other = caller.ask("POST", PATH, 409, json={**ASKED, "name": "Other"}, headers=headers)
    assert other["reason"] == "submission_reused"


def test_it_is_tried_and_what_was_sent_is_read_and_sent_again(caller: Program, receiver: Receiver) -> None:
    receiver.answers = [DOWN, OK]
    own = f"{PATH}/{caller.ask('POST', PATH, 201, json=ASKED)['webhook_id']}"
    tried = caller.ask("POST", f"{own}/test")
    assert (tried["status"], tried["attempts"][0]["status"], tried["attempts"][0]["answer"]) == (
        "queued", 500, "no",
    )  # fmt: skip
    delivery = f"{own}/deliveries/{tried['delivery_id']}"
    again = caller.ask("POST", f"{delivery}/resend")
    assert (again["status"], again["event_id"], len(again["attempts"])) == (
        "delivered", tried["event_id"], 2,
    )  # fmt: skip
    assert caller.get(delivery) == again
    (listed,) = caller.get(f"{own}/deliveries")["deliveries"]
    assert listed == {name: value for name, value in again.items() if name != "body"}
    assert receiver.came[0][1] == again["body"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": ""}, "length"),
    "http": ({"url": "http://hooks.example.org/"}, "webhook_url"),
    "no event": ({"events": []}, "length"),
    "unknown event": ({"events": ["everything"]}, "choice"),
    "the test": ({"events": ["webhook.test"]}, "choice"),
    "something more": ({"secret": "whsec_x"}, "unknown"),
    "a number": ({"name": 7}, "text"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_it_cannot_be_is_said(caller: Program, what: str) -> None:
    more, reason = WRONG[what]
    assert caller.ask("POST", PATH, 400, json={**ASKED, **more})["reason"] == reason
    assert caller.get(PATH) == {"webhooks": []}


def test_another_persons_look_like_none(
    caller: Program, portal: Running, receiver: Receiver, program: Callable[[str], Program]
) -> None:
    own = f"{PATH}/{caller.ask('POST', PATH, 201, json=ASKED)['webhook_id']}"
    delivery = f"{own}/deliveries/{caller.ask('POST', f'{own}/test')['delivery_id']}"
    ben = Person("1" * 26, "sub-ben", "Ben Okoro", "ben@example.org", True)
    session_of(portal, ben)
    other = program(make_token(portal, ben, "read", "share"))
    for method, path in (
        ("GET", own), ("DELETE", own), ("POST", f"{own}/secret"), ("POST", f"{own}/test"),
        ("GET", f"{own}/deliveries"), ("GET", delivery), ("POST", f"{delivery}/resend"),
        ("GET", f"{PATH}/{make_id(portal)}"), ("GET", f"{PATH}/x"),
    ):  # fmt: skip
        other.ask(method, path, 404)
    other.ask("PATCH", own, 404, json={"name": "x"})
    assert len(receiver.came) == 1
    assert len(CHOSEN) == 8


def test_a_token_that_only_reads_changes_none(
    caller: Program, portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    own = f"{PATH}/{caller.ask('POST', PATH, 201, json=ASKED)['webhook_id']}"
    reader = program(make_token(portal, ana, "read"))
    assert "secret" not in reader.get(own)
    for method, path in (("POST", PATH), ("POST", f"{own}/secret"), ("POST", f"{own}/test")):
        assert reader.ask(method, path, 403)["reason"] == "insufficient_scope"


def test_the_organisations_are_for_administrators_programs(
    caller: Program, portal: Running, receiver: Receiver, new_browser: Callable[[], Browser],
    program: Callable[[str], Program],
) -> None:  # fmt: skip
    """Apart from one's own, also those of the administrator."""
    ida = sign_in(new_browser(), "Ida Admin", "admins")
    administrator = program(make_token(portal, ida, "admin", "read", "share"))
    own = f"{EVERYONES}/{administrator.ask('POST', EVERYONES, 201, json=ASKED)['webhook_id']}"
    assert administrator.ask("PATCH", own, json={"name": "All"})["name"] == "All"
    tried = administrator.ask("POST", f"{own}/test")
    assert tried["status"] == "delivered"
    assert administrator.get(f"{own}/deliveries")["deliveries"][0]["delivery_id"] == tried["delivery_id"]
    again = administrator.ask("POST", f"{own}/deliveries/{tried['delivery_id']}/resend")
    assert len(again["attempts"]) == 2
    assert administrator.ask("POST", f"{own}/secret")["secret"].startswith("whsec_")
    assert administrator.get(PATH) == {"webhooks": []}
    administrator.get(own.replace("/admin", ""), 404)
    caller.get(own, 403)
    administrator.ask("DELETE", own, 204)
    assert administrator.get(EVERYONES) == {"webhooks": []}
