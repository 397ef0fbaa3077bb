"""What someone may whose token is no session: as the pool says, at most a quarter of an hour ago."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.audit.record import Action
from tests.actions import list_records
from tests.builders import Clock, Running
from tests.web.browser import Browser
from tests.web.pages.admin.pool import Pool, make_pool
from tests.web.provider import CLIENT, Account, Provider
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R10", "R12")
TINY = {"name": "a.txt", "size": 3}


@pytest.fixture
def pool(aws: None, clock: Clock, provider: Provider) -> Pool:
    return make_pool(clock, provider)


@pytest.fixture
def portal(pool: Pool) -> Running:
    return pool.portal


@pytest.fixture
def account(pool: Pool) -> Account:
    return pool.add("Ana Lopes")


def sign_token(pool: Pool, account: Account, use: str) -> str:
    """Of no groups; those of someone are in the pool."""
    now = int(pool.portal.clock().timestamp())
    about: dict[str, Any] = {"aud": CLIENT, **account.claims} if use == "id" else {"client_id": CLIENT}
    times = {"iat": now, "exp": now + 3600, "token_use": use}
    return pool.provider.sign_token({**about, "iss": pool.provider.issuer, "sub": account.subject, **times})


@pytest.mark.parametrize("use", ["id", "access"])
def test_somebody_who_was_never_here_is_received(
    pool: Pool, account: Account, program: Callable[[str], Program], use: str
) -> None:
    """Under the name and address that the pool has; what is signed in by is recorded."""
    program(sign_token(pool, account, use)).ask("POST", "/v1/uploads", 201, json=TINY)
    me = pool.person(account)
    assert (me.name, me.address, me.address_verified) == ("Ana Lopes", "ana@example.org", True)
    assert list_records(pool.portal, Action.SIGNED_IN)[0]["details"]["M"]["by"] == {"S": "sign-in token"}


@pytest.mark.parametrize("use", ["id", "access"])
def test_whom_the_pool_does_not_know_is_not_received(
    pool: Pool, account: Account, program: Callable[[str], Program], use: str
) -> None:
    """As someone who has just deleted their account, whose token still has an hour."""
    token = sign_token(pool, account, use)
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username=account.claims["email"])
    assert program(token).open("GET", "/v1/usage").status == 401
    assert not list_records(pool.portal, Action.SIGNED_IN)


CHANGES: dict[str, tuple[Callable[[Pool, Account], object], int]] = {
    "into a role": (
        lambda pool, who: pool.cognito.admin_add_user_to_group(
            UserPoolId=pool.id, Username=who.claims["email"], GroupName="portal-read-only"
        ),
        403,
    ),
    "disabled": (
        lambda pool, who: pool.cognito.admin_disable_user(UserPoolId=pool.id, Username=who.claims["email"]),
        401,
    ),
    "deleted": (
        lambda pool, who: pool.cognito.admin_delete_user(UserPoolId=pool.id, Username=who.claims["email"]),
        401,
    ),
}


@pytest.mark.parametrize("kind", ["ours", "id", "access"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_at_the_provider_counts_within_a_quarter_of_an_hour(
    pool: Pool, account: Account, browser: Browser, program: Callable[[str], Program], kind: str, change: str
) -> None:
    me = pool.sign_in(browser, account)
    token = make_token(pool.portal, me, "upload") if kind == "ours" else sign_token(pool, account, kind)
    caller, (act, status) = program(token), CHANGES[change]
    caller.ask("POST", "/v1/uploads", 201, json=TINY)
    act(pool, account)
    pool.portal.clock.turn(minutes=16)
    assert caller.open("POST", "/v1/uploads", json=TINY).status == status


def test_an_administrator_who_is_none_any_more_is_none_for_the_portal_either(
    pool: Pool, browser: Browser, program: Callable[[str], Program]
) -> None:
    account = pool.add("Ida Admin", "admins")
    me = pool.sign_in(browser, account)
    caller = program(make_token(pool.portal, me, "admin", "read"))
    assert caller.open("GET", "/v1/usage").status == 200
    pool.cognito.admin_remove_user_from_group(
        UserPoolId=pool.id, Username=account.claims["email"], GroupName="admins"
    )
    pool.portal.clock.turn(minutes=16)
    assert caller.open("GET", "/v1/usage").status == 200
    assert not pool.person(account).is_admin


def test_a_directory_that_does_not_answer_lets_nobody_in(
    pool: Pool, account: Account, browser: Browser, program: Callable[[str], Program],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Who could be asked about a moment ago goes on."""
    from portal.domain.errors import Unavailable

    def be_away(*_: object) -> None:
        raise Unavailable

    me = pool.sign_in(browser, account)
    caller = program(make_token(pool.portal, me, "read"))
    assert caller.open("GET", "/v1/usage").status == 200
    monkeypatch.setattr(type(pool.portal.portal.services.directory), "get", be_away)
    assert caller.open("GET", "/v1/usage").status == 200
    pool.portal.clock.turn(minutes=16)
    assert caller.open("GET", "/v1/usage").status == 503
