"""`/account/second-factor`: an authenticator app for one's account, through the sign-in service once more."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.domain.audit.record import Action
from portal.domain.people.person import Person
from portal.web.edge.audience import Audience, find_audience
from portal.web.identity.access import WITHOUT_SECOND_FACTOR
from portal.web.identity.enrolment import SCOPE
from tests.actions import list_records, list_rows, set_policy
from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.identity.test_access import routes
from tests.web.page import Page
from tests.web.pages.admin.pool import Pool, give_own_tokens, make_pool
from tests.web.provider import Account, Provider
from tests.web.signed_in import sign_in

PAGE = "/account/second-factor"


@pytest.fixture
def pool(aws: None, clock: Clock, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Pool:
    made = make_pool(clock, provider)
    give_own_tokens(made, monkeypatch)
    return made


@pytest.fixture
def account(pool: Pool) -> Account:
    return pool.add("Ana Lopes")


@pytest.fixture
def me(pool: Pool, browser: Browser, account: Account) -> Person:
    return pool.sign_in(browser, account)


@pytest.fixture
def portal(pool: Pool) -> Running:
    return pool.portal


def make_code(secret: str, moment: float | None = None) -> str:
    """What an app shows of a secret (RFC 6238)."""
    counter = struct.pack(">Q", int((time.time() if moment is None else moment) // 30))
    digest = hmac.new(
        base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True), counter, hashlib.sha1
    ).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def begin(browser: Browser) -> Page:
    """From the account page to the picture to be scanned."""
    browser.get(PAGE)
    to_provider = browser.submit(f"{PAGE}/begin", 302)
    asked = parse_qs(urlsplit(to_provider.location).query)
    assert SCOPE in asked["scope"][0].split()
    assert asked["prompt"] == ["login"]
    return browser.follow(browser.come_back(browser.through_provider(to_provider)))


def read_secret(page: Page) -> str:
    return page.document.one("code").text.replace(" ", "")


def test_codes_are_those_of_the_standard() -> None:
    """The table of RFC 6238, of whose eight digits apps show six."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [make_code(secret, at) for at in (59, 1111111109, 2000000000)] == ["287082", "081804", "279037"]


def test_an_app_is_set_up(pool: Pool, browser: Browser, me: Person, account: Account) -> None:
    assert "You have none" in browser.get("/account").text
    page = begin(browser)
    secret = read_secret(page)
    assert browser.get(PAGE).document.one("code").text == page.document.one("code").text, "also reloaded"
    link = parse_qs(urlsplit(page.links["open it in the app"]).query)
    assert link == {"secret": [secret], "issuer": [pool.portal.config.organisation_name]}
    code = make_code(secret)
    done = browser.follow(browser.submit(PAGE, code=f" {code[:3]} {code[3:]} "))
    assert "signing in asks for its code" in done.text
    assert "Use another phone" in done.text
    assert pool.user(account)["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    (record,) = list_records(pool.portal, Action.SECOND_FACTOR_ADDED)
    assert me.id in str(record)
    assert code not in str(record)
    assert "Replace your app" in browser.get(PAGE).text, "what it was done with is gone"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "000000"])
def test_a_wrong_code_changes_nothing(
    pool: Pool, browser: Browser, me: Person, account: Account, code: str
) -> None:
    secret = read_secret(begin(browser))
    assert make_code(secret) != code, "one in a million"
    page = browser.submit(PAGE, 400, code=code)
    assert ("does not match" if code == "000000" else "6 digits") in page.text
    assert read_secret(page) == secret, "the same picture again"
    assert not pool.user(account).get("UserMFASettingList")


def test_nobody_adds_an_app_to_anybody_else(pool: Pool, browser: Browser, me: Person) -> None:
    """Who signs in there must be who is signed in here."""
    ben = pool.add("Ben Okoro")
    browser.get(PAGE)
    to_provider = browser.submit(f"{PAGE}/begin", 302)
    pool.provider.account = ben
    page = browser.follow(browser.come_back(browser.through_provider(to_provider)))
    assert "Someone else signed in there" in page.text
    assert not page.document.all("code")
    assert browser.get("/account").text.count(me.address), "and is who they were"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("access_denied", "You did not finish signing in"),
        ("invalid_scope", f"allow its client the scope {SCOPE}"),
    ],
)
def test_a_provider_that_will_not_says_why(browser: Browser, me: Person, error: str, said: str) -> None:
    browser.get(PAGE)
    asked = parse_qs(urlsplit(browser.submit(f"{PAGE}/begin", 302).location).query)
    back = browser.come_back(f"/login/callback?error={error}&state={asked['state'][0]}")
    assert said in browser.follow(back).text


@pytest.mark.requirement("R7")
def test_what_is_kept_is_sealed_and_over_after_ten_minutes(
    pool: Pool, browser: Browser, me: Person, new_browser: Callable[[], Browser], account: Account
) -> None:
    """And is this session's alone."""
    secret = read_secret(begin(browser))
    rows = str(list_rows(pool.portal))
    assert secret not in rows
    other = new_browser()
    pool.sign_in(other, account)
    assert not other.get(PAGE).document.all("code")
    browser.get(PAGE)
    pool.portal.clock.turn(seconds=timedelta(minutes=10).total_seconds() + 1)
    assert "Begin again" in browser.submit(PAGE, 409, code=make_code(secret)).text
    assert not browser.get(PAGE).document.all("code")


def test_the_token_ends_with_what_it_was_for(pool: Pool, browser: Browser, me: Person) -> None:
    page = begin(browser)
    before = set(pool.provider.refresh_tokens)
    browser.submit(PAGE, code=make_code(read_secret(page)))
    assert len(before - set(pool.provider.refresh_tokens)) == 1


def require(pool: Pool, value: str = "yes") -> None:
    """By a policy; whoever sets it has a factor."""
    directory: Any = pool.portal.portal.services.directory
    with patch.object(type(directory), "has_second_factor", return_value=True):
        set_policy(pool.portal, second_factor_required=value)
    pool.portal.clock.turn(seconds=61)  # a process keeps the policies for a minute


@pytest.mark.requirement("R12")
class TestRequired:
    def test_no_page_opens_before_there_is_one(self, pool: Pool, browser: Browser, me: Person) -> None:
        """Nor does a program's address; the pages that add it do, and signing out."""
        browser.get("/files")
        require(pool)
        with pool.portal.app.app_context():
            for endpoint, method, address in routes(pool.portal):
                audience = find_audience(endpoint)
                assert audience
                if audience.is_open or endpoint in WITHOUT_SECOND_FACTOR or method != "GET":
                    continue
                answer = browser.ask(method, address)
                if audience is Audience.PROGRAM:
                    assert (answer.status, answer.answer.json["reason"]) == (403, "second_factor_needed"), (
                        address
                    )
                else:
                    assert (answer.status, answer.location) == (303, PAGE), address
        assert "requires a second factor" in browser.get(PAGE).text
        page = begin(browser)
        browser.submit(PAGE, code=make_code(read_secret(page)))
        browser.get("/files")

    def test_whoever_has_one_is_asked_for_once(
        self, pool: Pool, browser: Browser, me: Person, new_browser: Callable[[], Browser], account: Account
    ) -> None:
        """A call for each session, and none for people whom the policy is not for."""
        page = begin(browser)
        browser.submit(PAGE, code=make_code(read_secret(page)))
        require(pool)
        other, ben = new_browser(), new_browser()
        pool.sign_in(other, account)
        with PoolCalls(pool) as calls:
            browser.get("/files")
            assert calls.names == [], "this session set it up"
            other.get("/files")
            assert calls.names == ["AdminGetUser"]
            other.get("/files")
            assert calls.names == ["AdminGetUser"]
        require(pool, "no")
        pool.sign_in(ben, pool.add("Ben Okoro"))
        with PoolCalls(pool) as calls:
            ben.get("/files")
            assert calls.names == []

    def test_what_was_typed_is_not_lost(self, pool: Pool, browser: Browser, me: Person) -> None:
        browser.get("/groups/new")
        require(pool)
        assert browser.submit("/groups/new", name="Board", recipients="x@example.com").location == PAGE
        page = begin(browser)
        browser.submit(PAGE, code=make_code(read_secret(page)))
        assert browser.get("/groups/new").fields("/groups/new")["name"] == "Board"

    def test_only_who_has_one_can_require_it(
        self, pool: Pool, new_browser: Callable[[], Browser], browser: Browser, me: Person
    ) -> None:
        ada = new_browser()
        pool.sign_in(ada, pool.add("Ada Minh", "admins"))
        services = pool.portal.portal.services
        fields = {"second_factor_required_rule": "default", "second_factor_required": "yes"}

        def try_it(status: int) -> str:
            ada.get("/admin/policies")
            return ada.submit("/admin/policies", status, **fields).text

        assert "for your own account first" in try_it(400)
        assert services.policies.read().is_empty
        page = begin(ada)
        ada.submit(PAGE, code=make_code(read_secret(page)))
        try_it(303)
        assert services.policies.read().for_all["second_factor_required"].value is True
        ada.get("/admin/policies")

    def test_a_reset_ends_every_session(
        self, pool: Pool, browser: Browser, me: Person, new_browser: Callable[[], Browser]
    ) -> None:
        """So that none goes on as one that has a factor."""
        page = begin(browser)
        browser.submit(PAGE, code=make_code(read_secret(page)))
        ada = new_browser()
        pool.sign_in(ada, pool.add("Ada Minh", "admins"))
        ada.get(f"/admin/people/{me.id}")
        ada.submit(f"/admin/people/{me.id}/reset-second-factor")
        assert "/login" in browser.get("/files", 303).location


class PoolCalls:
    """The calls to the user pool that a block makes."""

    def __init__(self, pool: Pool) -> None:
        directory: Any = pool.portal.portal.services.directory
        self.events = directory.clients.get("cognito-idp").meta.events
        self.names: list[str] = []

    def __enter__(self) -> PoolCalls:
        self.events.register("before-call.cognito-identity-provider", self.note, unique_id="pool-calls")
        return self

    def __exit__(self, *_: object) -> None:
        self.events.unregister("before-call.cognito-identity-provider", unique_id="pool-calls")

    def note(self, model: Any, **_: Any) -> None:
        self.names.append(model.name)


class TestAnotherProvider:
    @pytest.fixture
    def portal(self, aws: None, clock: Clock, provider: Provider) -> Running:
        metadata = f"{provider.url}/.well-known/openid-configuration"
        return make_running(clock, PORTAL_OIDC_METADATA_URL=metadata)

    def test_it_is_said_in_plain_words(self, browser: Browser, portal: Running) -> None:
        sign_in(browser)
        for path in ("/account", PAGE):
            page = browser.get(path)
            assert "Your organisation's own sign-in service decides how you sign in" in page.text
        assert not page.document.all("form", action=f"{PAGE}/begin")
        token = browser.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
        for action in (PAGE, f"{PAGE}/begin"):
            browser.ask("POST", action, 409, data={"csrf_token": token, "code": "123456"})
