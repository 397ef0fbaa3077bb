"""In which groups someone is: the claim that a setting names, in the token or from userinfo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.identity.test_providers import SHAPES, pass_time
from tests.web.identity.test_sessions import find_kept_session
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider, make_account

pytestmark = [pytest.mark.requirement("R12"), pytest.mark.requirement("R85")]


@pytest.fixture
def claim() -> str:
    """The claim that names the groups; a test that says another parametrizes it."""
    return "groups"


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider, claim: str) -> Running:
    portal = make_running(
        clock,
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
        PORTAL_GROUPS_CLAIM=claim,
    )
    portal.app.register_blueprint(probe)
    return portal


NO_GROUPS: list[Any] = [
    None, "", [], ["admin"], "admins,staff", "staff admins", {"admins": True}, {"name": "admins"},
    [["admins"]], [{"name": "admins"}], 1, True, 1.5, [None], [True], "ADMINS", ["admins "], [["admins"], 3],
]  # fmt: skip


@pytest.mark.requirement("R12")
@pytest.mark.parametrize("shape", NO_GROUPS, ids=repr)
def test_odd_groups_are_none(browser: Browser, shape: Any) -> None:
    """A claim of another shape is never taken apart until it says "admins"."""
    assert browser.sign_in(make_account("Ana Lopes", groups=shape)).status == 303
    browser.get("/admin/probe", 403)


@pytest.mark.requirement("R12")
@pytest.mark.parametrize("claim", ["groups", "roles", "https://example.org/groups", "cognito:groups"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_setting_names_the_claim_with_the_groups(
    new_browser: Callable[[], Browser], claim: str, shape: object
) -> None:
    """And no other claim counts."""
    first, other = new_browser(), new_browser()
    first.sign_in(make_account("Ana Lopes", **{claim: shape}))
    first.get("/admin/probe", 200)
    other.sign_in(make_account("Ben Okoro", **{"another": shape, "Groups": shape}))
    other.get("/admin/probe", 403)


def test_what_only_userinfo_says_counts(browser: Browser, provider: Provider, portal: Running) -> None:
    """OpenID Connect Core 5.4: with an access token, the claims of a scope may be there alone."""
    provider.userinfo = True
    provider.only_in_userinfo = {"name", "email", "email_verified", "groups"}
    browser.sign_in(make_account("Ana Lopes", groups=["admins"]))
    session = find_kept_session(portal, browser)
    assert session is not None
    assert (session.person.name, session.person.address) == ("Ana Lopes", "ana@example.org")
    assert session.person.address_verified
    assert set(pass_time(browser, portal, 80, "/admin/probe")) == {200}
    provider.account.claims["groups"] = []
    portal.clock.turn(minutes=15)
    browser.get("/admin/probe", 403)


def test_userinfo_of_somebody_else_says_nothing_at_a_sign_in(browser: Browser, provider: Provider) -> None:
    provider.userinfo, provider.userinfo_says = True, {"sub": "another", "groups": ["admins"]}
    browser.sign_in()
    browser.get("/admin/probe", 403)
