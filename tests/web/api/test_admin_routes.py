"""What administrators' programs do: as on the pages, for those alone who may, by a token that is for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Person, Role
from portal.domain.policy.policy_fields import FIELDS, Kind
from portal.web.api.routes import ROUTES
from tests.actions import list_records, upload_file
from tests.builders import Clock, Running
from tests.web.browser import Browser
from tests.web.counted import count_records
from tests.web.pages.admin.pool import Pool, make_pool
from tests.web.provider import Account, Provider
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R12", "R23", "R63")
NARROWED = [each for each in ROUTES if each.needs]
NOBODY = "0" * 26


@pytest.fixture
def pool(aws: None, clock: Clock, provider: Provider) -> Pool:
    return make_pool(clock, provider)


@pytest.fixture
def portal(pool: Pool) -> Running:
    return pool.portal


@pytest.fixture
def ada(pool: Pool, browser: Browser) -> Person:
    return pool.sign_in(browser, pool.add("Ada Minh", "admins"))


@pytest.fixture
def caller(portal: Running, ada: Person, program: Callable[[str], Program]) -> Program:
    """An administrator's program."""
    return program(make_token(portal, ada, "admin"))


@pytest.fixture
def account(pool: Pool, ada: Person) -> Account:
    return pool.add("Ana Lopes")


def list_addresses() -> Iterator[tuple[str, str]]:
    for route in NARROWED:
        yield (
            route.method,
            route.path.replace("<person_id>", NOBODY)
            .replace("<record_id>", "x")
            .replace("<token_id>", NOBODY),
        )


def test_each_route_of_administrators_says_so() -> None:
    """By its path, the scope and the privilege, which never part."""
    for route in ROUTES:
        assert route.path.startswith("/v1/admin/") == (route.needs is not None) == (route.scope == "admin"), (
            route
        )


@pytest.mark.parametrize("groups", [[], ["portal-audit"]])
def test_staff_and_readers_come_to_nothing_beyond_theirs(
    pool: Pool, new_browser: Callable[[], Browser], program: Callable[[str], Program], groups: list[str]
) -> None:
    """Whatever scope the token would have: its owner may not."""
    me = pool.sign_in(new_browser(), pool.add("Ben Okoro", *groups))
    is_reader = Role.AUDITOR in me.roles
    scopes = ["admin"] if is_reader else ["read", "upload", "share", "delete"]
    caller = program(make_token(pool.portal, me, *scopes))
    for (method, address), route in zip(list_addresses(), NARROWED, strict=True):
        status = caller.open(method, address, json={} if method != "GET" else None).status
        may = is_reader and route.needs is Privilege.READ_AUDIT
        assert (status != 403) == may, f"{method} {address}: {status}"


def test_an_administrator_by_a_token_for_other_things_is_refused(
    portal: Running, ada: Person, program: Callable[[str], Program]
) -> None:
    caller = program(make_token(portal, ada, "read", "upload", "share", "delete"))
    for method, address in list_addresses():
        answer = caller.open(method, address, json={} if method != "GET" else None)
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"], address


def test_people_are_listed_found_and_managed(pool: Pool, caller: Program, account: Account) -> None:
    found = caller.get("/v1/admin/people?q=Ana")["people"]
    assert [(each["name"], each["address"]) for each in found] == [("Ana Lopes", "ana@example.org")]
    path = f"/v1/admin/people/{found[0]['person_id']}"
    assert caller.get(path)["status"] == "confirmed"
    told = caller.ask("PUT", f"{path}/quota", json={"max_bytes": 5_000, "max_files": None})
    assert (told["max_bytes"], told["max_files"]) == (5_000, None)
    told = caller.ask("PUT", f"{path}/roles", json={"roles": ["upload", "audit_reader"]})
    assert told["roles"] == ["staff", "upload", "audit_reader"]
    assert caller.ask("POST", f"{path}/disable")["is_disabled"] is True
    assert caller.ask("POST", f"{path}/enable")["is_disabled"] is False
    assert caller.ask("POST", f"{path}/sign-out")["name"] == "Ana Lopes"
    assert caller.ask("POST", f"{path}/reset-second-factor")["has_second_factor"] is False
    assert caller.ask("POST", f"{path}/invite-again", 409)["reason"] == "directory_refused"
    refused = caller.ask("DELETE", path, 400, json={"confirmation": "someone@example.org"})
    assert refused["reason"] == "not_confirmed"
    caller.ask("DELETE", path, 204, json={"confirmation": "ana@example.org"})
    caller.get(path, 404)


def test_someone_is_invited_once(caller: Program, ada: Person) -> None:
    asked = {"address": "new@example.org", "name": "Noor Haddad"}
    assert caller.ask("POST", "/v1/admin/people", 201, json=asked) == {"address": "new@example.org"}
    assert caller.ask("POST", "/v1/admin/people", 409, json=asked)["reason"] == "already_invited"
    (found,) = caller.get("/v1/admin/people?q=new@")["people"]
    assert (found["status"], found["last_seen_at"]) == ("invited", None)
    assert caller.ask("POST", "/v1/admin/people", 400, json={"address": "x"})["reason"] == "bad_address"


def test_nobody_ends_their_own_account_or_the_last_administrators(caller: Program, ada: Person) -> None:
    path = f"/v1/admin/people/{ada.id}"
    assert caller.ask("POST", f"{path}/disable", 409)["reason"] == "own_account"
    caller.ask("PUT", f"{path}/roles", 409, json={"roles": []})
    assert "admin" in caller.get(path)["roles"]


@pytest.mark.parametrize("roles", [["staff"], ["nobody"], "admin", [7], None])
def test_a_role_that_nobody_gives_is_none(caller: Program, account: Account, roles: object) -> None:
    path = f"/v1/admin/people/{account.subject}/roles"
    assert caller.ask("PUT", path, 400, json={"roles": roles})["field"].startswith("roles")


def test_the_audit_log_is_searched_and_read(
    pool: Pool, portal: Running, caller: Program, ada: Person
) -> None:
    file = upload_file(portal, ada)
    found = caller.get(f"/v1/admin/audit?thing={file.id}&action=file.upload_completed")["records"]
    assert [each["about"] for each in found] == [file.id]
    told = caller.get(f"/v1/admin/audit/{found[0]['record_id']}")
    assert told == found[0]
    assert told["actor"]["name"] == "Ada Minh"
    assert caller.get("/v1/admin/audit?person=Ada&outcome=done")["records"]
    assert caller.get("/v1/admin/audit?person=Nobody")["records"] == []
    assert caller.get("/v1/admin/audit?from=2026-13-01", 400)["status"] == 400
    assert caller.get("/v1/admin/audit?action=file.eaten", 400)["field"] == "action"
    caller.get("/v1/admin/audit/2026-11-18T09:41:07.250000~000000011234567a", 404)


def test_usage_is_told_by_day(portal: Running, caller: Program, ada: Person) -> None:
    upload_file(portal, ada)
    count_records(portal)
    told = caller.get("/v1/admin/usage")
    assert len(told["days"]) == 7
    assert told["total"]["counts"]["uploads"] == 1
    assert told["days"][-1]["active_people"] == 1
    today = portal.clock().date()
    one = caller.get(f"/v1/admin/usage?from={today}&to={today}")
    assert [each["day"] for each in one["days"]] == [str(today)]
    assert caller.get("/v1/admin/usage?from=2026-02-30", 400)["reason"] == "period"
    assert caller.get("/v1/admin/usage?from=2999-01-01", 400)["reason"] == "period"


def test_policies_are_set_as_they_were_read(portal: Running, caller: Program, ada: Person) -> None:
    """A change by If-Match is one of the version that was read (R63); what it says is recorded."""
    page = caller.open("GET", "/v1/admin/policies")
    seen = page.headers["ETag"]
    assert page.answer.json["version"] == 0
    rules = {
        "max_share_days": {"value": 20, "locked": True}, "allowed_kinds": {"value": ["pdf", ".docx"]},
        "password_required": {"value": True}, "max_person_bytes": {"value": None},
        "max_file_bytes": {"value": 5_000_000_000}, "blocked_recipients": {"value": ["evil.example"]},
    }  # fmt: skip
    told = caller.ask("PUT", "/v1/admin/policies", json={"rules": rules}, headers={"If-Match": seen})
    assert told["version"] == 1
    assert told["for_all"]["allowed_kinds"] == {"value": ["docx", "pdf"], "locked": False}
    assert {name: told["for_all"][name]["value"] for name in set(rules) - {"allowed_kinds"}} == {
        name: each["value"] for name, each in rules.items() if name != "allowed_kinds"
    }
    late = caller.ask("PUT", "/v1/admin/policies", 412, json={"rules": {}}, headers={"If-Match": seen})
    assert late["reason"] == "changed_since"
    asked = {"group": "sales", "rules": {"previews": {"value": False}}}
    assert (
        caller.ask("PUT", "/v1/admin/policies", json=asked)["groups"]["sales"]["previews"]["value"] is False
    )
    versions = caller.get("/v1/admin/policies/versions")["versions"]
    assert [each["version"] for each in versions] == [2, 1]
    assert versions[0]["changes"] == [
        {"group": "sales", "field": "previews", "before": None, "after": {"value": False, "locked": False}}
    ]
    assert caller.ask("POST", "/v1/admin/policies/restore", json={"version": 0})["for_all"] == {}
    assert len(list_records(portal, "policy.changed")) == 2
    assert len(list_records(portal, "policy.restored")) == 1


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.name)
def test_a_value_of_another_kind_is_refused_by_its_field(caller: Program, ada: Person, kind: object) -> None:
    wrong = {Kind.SWITCH: ["yes", 1], Kind.RECIPIENTS: ["a.example", [7]], Kind.FILE_KINDS: ["pdf", [7]]}
    name, of = kind.name, kind.kind  # type: ignore[attr-defined]
    bad = wrong.get(of, ["7", -1, True, 1.5])
    for value in bad:
        asked = {"rules": {name: {"value": value}}}
        told = caller.ask("PUT", "/v1/admin/policies", 400, json=asked)
        assert told["field"].startswith(f"rules.{name}.value"), value
    assert caller.get("/v1/admin/policies")["version"] == 0


ODD_RULES: tuple[object, ...] = (
    7, [], None, "x", {"unknown": {"value": 1}}, {"previews": True}, {"previews": None}, {"previews": {}},
    {"previews": {"value": True, "more": 1}}, {"previews": {"value": True, "locked": 1}},
)  # fmt: skip


@pytest.mark.parametrize("rules", ODD_RULES, ids=repr)
def test_rules_of_another_kind_are_refused_by_name(caller: Program, ada: Person, rules: object) -> None:
    told = caller.ask("PUT", "/v1/admin/policies", 400, json={"rules": rules})
    assert told["field"].startswith("rules")
    assert "%" not in told["detail"]


def test_service_accounts_get_tokens_once(
    caller: Program, ada: Person, program: Callable[[str], Program]
) -> None:
    """The same call again makes no second account, and cannot tell a token again."""
    path, once = "/v1/admin/service-accounts", {"Idempotency-Key": "payroll"}
    asked = {"name": "Payroll", "address": "payroll@example.org", "roles": ["upload"]}
    first, second = (caller.ask("POST", path, 201, json=asked, headers=once) for _ in range(2))
    assert first == second
    assert caller.get(path)["accounts"] == [first]
    other = {**asked, "roles": ["read_only"]}
    assert caller.ask("POST", path, 409, json=other, headers=once)["reason"] == "submission_reused"
    tokens = f"{path}/{first['person_id']}/tokens"
    wanted = {"name": "Nightly", "scopes": ["read", "upload"], "days": 7}
    made = caller.ask("POST", tokens, 201, json=wanted, headers=once)
    assert caller.ask("POST", tokens, 409, json=wanted, headers=once)["reason"] == "token_made"
    assert program(made["token"]).get("/v1/me")["may"] == ["upload"]
    assert caller.ask("POST", tokens, 400, json={**wanted, "scopes": ["share"]})["field"] == "scopes"
    (listed,) = caller.get(tokens)["tokens"]
    assert "token" not in listed
    caller.ask("DELETE", f"{tokens}/{listed['token_id']}", 204)
    assert program(made["token"]).open("GET", "/v1/me").status == 401
    caller.get(f"{path}/{ada.id}/tokens", 404)
    caller.ask("POST", path, 400, json={**asked, "roles": ["admin"]})
