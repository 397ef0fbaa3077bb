"""Tokens that programs show: what opens, and everything that does not."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.people.access_tokens import PREFIX, parse_token
from portal.domain.people.person import Person, Scope
from portal.engine.workflow import run
from portal.web.edge.audience import find_token_scope
from portal.workflows.people.account import CLOSE_ACCOUNT, CloseAccount
from tests.actions import list_records, make_request, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.identity.test_access import routes
from tests.web.provider import CLIENT, Provider, key, make_account
from tests.web.signed_in import Calls, sign_in
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R11", "R12")
ANA = make_account("Ana Lopes")


def claims_of(provider: Provider, use: str = "id", **changes: Any) -> dict[str, Any]:
    """What a pool says of Ana in a token of this kind; None leaves a claim out."""
    now = int(provider.clock().timestamp())
    found = {"iss": provider.url, "sub": ANA.subject, "iat": now, "exp": now + 3600, "token_use": use}
    about = {"aud": CLIENT, **ANA.claims} if use == "id" else {"client_id": CLIENT, "username": "ana"}
    return {name: value for name, value in {**about, **found, **changes}.items() if value is not None}


def signed(provider: Provider, claims: dict[str, Any], **header: Any) -> str:
    mine = provider.keys[-1]
    return jwt.encode({"alg": "RS256", "kid": mine.kid, **header}, claims, mine)


def encode_unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(each).encode() for each in (header, claims))
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts) + "."


def sign_by_secret(provider: Provider, secret: bytes) -> str:
    text = encode_unsigned({"alg": "HS256", "kid": provider.keys[-1].kid}, claims_of(provider))
    made = hmac.digest(secret, text.rstrip(".").encode(), "sha256")
    return text + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("use", ["id", "access"])
def test_a_genuine_token_of_the_provider_opens(
    portal: Running, browser: Browser, provider: Provider, program: Callable[[str], Program], use: str
) -> None:
    """To what its person has in the browser, too."""
    me = sign_in(browser)
    portal.clock.turn(seconds=2)
    upload_file(portal, me)
    caller = program(signed(provider, claims_of(provider, use)))
    assert caller.get("/v1/usage")["files"] == 1
    announced = caller.ask("POST", "/v1/uploads", 201, json={"name": "a.txt", "size": 3})
    assert announced["name"] == "a.txt", "and no secret of a form is asked for"


def test_without_a_directory_people_come_through_the_browser_first(
    provider: Provider, program: Callable[[str], Program]
) -> None:
    assert program(signed(provider, claims_of(provider))).open("GET", "/v1/usage").status == 401


REFUSED: dict[str, Callable[[Provider], str]] = {
    "no token": lambda provider: "x",
    "three dots": lambda provider: "...",
    "expired": lambda p: signed(p, claims_of(p, exp=int(p.clock().timestamp()) - 6)),
    "without an end": lambda p: signed(p, claims_of(p, exp=None)),
    "an end in words": lambda p: signed(p, claims_of(p, exp="9999999999")),
    "an end that is true": lambda p: signed(p, claims_of(p, exp=True)),
    "of the future": lambda p: signed(p, claims_of(p, iat=int(p.clock().timestamp()) + 60)),
    "not yet": lambda p: signed(p, claims_of(p, nbf=int(p.clock().timestamp()) + 60)),
    "another pool": lambda p: signed(p, claims_of(p, iss="https://elsewhere.example")),
    "another client": lambda p: signed(p, claims_of(p, aud="other")),
    "two clients": lambda p: signed(p, claims_of(p, aud=[CLIENT, "other"])),
    "another client's access": lambda p: signed(p, claims_of(p, "access", client_id="other")),
    "access with aud": lambda p: signed(p, claims_of(p, "access", client_id=None, aud=CLIENT)),
    "refresh": lambda p: signed(p, claims_of(p, token_use="refresh")),
    "a list of uses": lambda p: signed(p, claims_of(p, token_use=["id"])),
    "no subject": lambda p: signed(p, claims_of(p, sub="")),
    "a number for a subject": lambda p: signed(p, claims_of(p, sub=7)),
    "address not theirs": lambda p: signed(p, claims_of(p, email_verified=False)),
    "no algorithm": lambda p: encode_unsigned({"alg": "none", "kid": p.keys[-1].kid}, claims_of(p)),
    "no signature": lambda p: signed(p, claims_of(p)).rpartition(".")[0] + ".",
    "a changed signature": lambda p: signed(p, claims_of(p))[:-8] + "AAAAAAAA",
    "the public key as a secret": lambda p: sign_by_secret(p, p.keys[-1].as_pem(private=False)),
    "a foreign key of the same id": lambda p: jwt.encode(
        {"alg": "RS256", "kid": "first"}, claims_of(p), key("first/foreign")
    ),
    "an unknown key": lambda p: jwt.encode({"alg": "RS256", "kid": "made"}, claims_of(p), key("made")),
    "its own key": lambda p: jwt.encode(
        {"alg": "RS256", "kid": "made", "jwk": key("made").as_dict(private=False)}, claims_of(p), key("made")
    ),
    "without a key's id": lambda p: jwt.encode({"alg": "RS256"}, claims_of(p), p.keys[-1]),
    "far too long": lambda p: signed(p, claims_of(p, more="x" * 9000)),
    "an access token of nobody": lambda p: PREFIX + "0" * 137,
    "a wrong checksum": lambda p: PREFIX + "0" * 136 + "1",
}  # fmt: skip


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("what", REFUSED)
def test_every_other_token_gets_one_answer(
    ana: Person, provider: Provider, program: Callable[[str], Program], what: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    text = REFUSED[what](provider)
    answer = program(text).open("GET", "/v1/usage")
    told = json.loads(answer.answer.text)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="portal", error="invalid_token"'
    assert told["reason"] == "invalid_token"
    assert [each for each in caplog.records if each.message == "token refused"]
    assert len(text) < 9 or text not in caplog.text + answer.answer.text


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("seconds", [-1, 4])
def test_five_seconds_of_leeway(
    ana: Person, provider: Provider, program: Callable[[str], Program], seconds: int
) -> None:
    ends = int(provider.clock().timestamp()) - seconds
    assert program(signed(provider, claims_of(provider, exp=ends))).open("GET", "/v1/usage").status == 200


@pytest.mark.requirement("R4")
def test_made_up_key_ids_fetch_no_more_than_two_key_sets(
    portal: Running, ana: Person, provider: Provider, program: Callable[[str], Program]
) -> None:
    provider.asked.clear()
    portal.clock.turn(seconds=11)
    for number in range(20):
        program(signed(provider, claims_of(provider), kid=f"made-{number}")).open("GET", "/v1/usage")
    assert provider.asked.count("/jwks") <= 2
    provider.keys = [key("second")]
    portal.clock.turn(seconds=11)
    assert program(signed(provider, claims_of(provider))).open("GET", "/v1/usage").status == 200


@pytest.mark.requirement("R4")
def test_a_provider_that_is_down_is_said_to_be(
    portal: Running, provider: Provider, browser: Browser, program: Callable[[str], Program]
) -> None:
    me = sign_in(browser)
    token = make_token(portal, me, "read")
    fresh = signed(provider, claims_of(provider))
    provider.down = {"/.well-known/openid-configuration", "/jwks"}
    portal.app.extensions.pop("identity")
    assert program(fresh).open("GET", "/v1/usage").status == 503
    assert program(token).open("GET", "/v1/usage").status == 200, "its own tokens need no provider"


@pytest.mark.parametrize("use", ["id", "access"])
def test_groups_of_the_token_count(
    ana: Person, provider: Provider, program: Callable[[str], Program], use: str
) -> None:
    reader = signed(provider, claims_of(provider, use, **{"cognito:groups": ["portal-read-only"]}))
    caller = program(reader)
    told = caller.ask("POST", "/v1/uploads", 403, json={"name": "a.txt", "size": 3})
    assert told["reason"] == "may_not_upload"


ENDINGS: dict[str, Callable[[Running, Person], Any]] = {
    "signing out everywhere": lambda running, me: running.portal.services.people.end_sessions(
        me, running.clock()
    ),
    "closing": lambda running, me: close_account(running, me),
    "disabling": lambda running, me: disable(running, me),
    "expiring": lambda running, me: running.clock.turn(days=91),
}


def close_account(running: Running, me: Person) -> None:
    services = running.portal.services
    run(CLOSE_ACCOUNT, CloseAccount(make_request(me, running), confirmation=me.address), services)


def disable(running: Running, me: Person) -> None:
    record = AuditRecord(running.clock(), Action.PERSON_DISABLED, PORTAL, me.id)
    running.portal.services.people_administration.disable(me.id, running.clock(), record, None)


@pytest.mark.requirement("R10")
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", ["ours", "provider's"])
def test_what_ends_sessions_ends_tokens(
    portal: Running, provider: Provider, browser: Browser, program: Callable[[str], Program], ending: str,
    kind: str,
) -> None:  # fmt: skip
    """At the very next call."""
    me = sign_in(browser)
    portal.clock.turn(seconds=2)
    token = make_token(portal, me, "read") if kind == "ours" else signed(provider, claims_of(provider))
    portal.clock.turn(seconds=2)
    assert program(token).open("GET", "/v1/usage").status == 200
    ENDINGS[ending](portal, me)
    assert program(token).open("GET", "/v1/usage").status == 401


def test_a_request_shows_one_credential(
    portal: Running, browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    token = make_token(portal, ana, "read")
    for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": "bearer x"}):
        answer = browser.ask("GET", "/v1/usage", 400, headers=headers)
        assert json.loads(answer.answer.text)["reason"] == "two_credentials"
    caller = program(token)
    caller.headers["Upload-Key"] = "x"
    assert caller.open("GET", "/v1/usage").status == 400


def test_pages_take_no_token(portal: Running, ana: Person, program: Callable[[str], Program]) -> None:
    caller = program(make_token(portal, ana, "read", "share"))
    assert caller.open("GET", "/files").location.startswith("/login")
    assert caller.open("GET", "/admin").location.startswith("/login")
    assert json.loads(caller.open("GET", "/v1/session").answer.text)["reason"] == "session_only"


def test_a_token_opens_no_route_beyond_its_scope(
    portal: Running, browser: Browser, program: Callable[[str], Program]
) -> None:
    """Every route of the API with a token of each scope alone: those of its own scope, and no other."""
    me = sign_in(browser, "Ida Admin", "admins")
    with portal.app.app_context():
        wanted = {endpoint: find_token_scope(endpoint) for endpoint, _, _ in routes(portal)}
    last = "v1.tokens_revoke_current"  # nothing opens anything afterwards
    for scope in Scope:
        caller = program(make_token(portal, me, scope))
        for endpoint, method, address in sorted(routes(portal), key=lambda each: each[0] == last):
            if not address.startswith("/v1/") or endpoint.startswith("probe"):
                continue
            answer = caller.open(method, address, json={} if method != "GET" else None)
            lacks = wanted[endpoint] is not scope and wanted[endpoint] is not None
            told = answer.headers.get("WWW-Authenticate", "")
            assert ("insufficient_scope" in told) == lacks, f"{scope}: {method} {address} {answer.status}"


def test_last_use_is_written_once_an_hour(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    caller = program(make_token(portal, ana, "read"))
    times = []
    for minutes in (0, 30, 31, 10):
        portal.clock.turn(minutes=minutes)
        with Calls(portal) as calls:
            caller.get("/v1/usage")
        times.append(calls.names.count("UpdateItem"))
    assert times == [1, 0, 1, 0]


def test_too_many_wrong_tokens_are_slowed_down(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    most = portal.portal.services.limits.rates.sign_ins.each
    answers = [program(f"{PREFIX}x").open("GET", "/v1/usage") for _ in range(most + 1)]
    assert (answers[-2].status, answers[-1].status) == (401, 429)
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert program(make_token(portal, ana, "read")).open("GET", "/v1/usage").status == 200


def test_what_a_program_does_is_recorded_as_such(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    token = make_token(portal, ana, "upload")
    program(token).ask("POST", "/v1/uploads", 201, json={"name": "a.txt", "size": 3})
    details = list_records(portal, Action.UPLOAD_RESERVED)[0]["details"]["M"]
    known = parse_token(token)
    assert known is not None
    assert details["by"] == {"S": "access token"}
    assert details["token"] == {"S": known.token_id}
