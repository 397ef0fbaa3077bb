"""Sessions: how they begin, how long they live, and everything that ends them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain.people.person import Session
from portal.web.identity.sessions import Key
from tests.actions import list_rows, read_state
from tests.builders import SECRET, Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider, make_account


def find_kept_session(portal: Running, browser: Browser) -> Session | None:
    key = Key.parse(browser.cookie("session") or "")
    assert key is not None
    return portal.portal.sessions.get(key.person_id, key.secret_hash)


def is_signed_in(browser: Browser) -> bool:
    return browser.ask("GET", "/probe").status == 200


@pytest.mark.requirement("R7")
def test_the_cookie_is_opaque_and_well_kept(browser: Browser, portal: Running) -> None:
    """256 random bits, `__Host-`, Secure, HttpOnly, Lax, no Domain; the table holds a hash of it only."""
    answer = browser.sign_in()
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-session="))
    attributes = {each.strip() for each in cookie.split(";")[1:]}
    assert attributes == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    secret = str(browser.cookie("session")).partition(".")[2]
    assert len(secret) == 43
    assert secret not in str(list_rows(portal))


@pytest.mark.requirement("R7")
def test_tokens_are_nowhere_in_the_clear(browser: Browser, portal: Running, provider: Provider) -> None:
    """Neither a cookie nor the table has a refresh token that works."""
    browser.sign_in()
    token = next(iter(provider.refresh_tokens))
    assert token not in str(list_rows(portal))
    assert not any(token in each.value or "eyJ" in each.value for each in browser.client._cookies.values())


@pytest.mark.requirement("R6")
def test_signing_in_begins_anew(browser: Browser) -> None:
    """Another CSRF secret; the visitor's cookie and its secret are gone."""
    token = browser.get("/").fields("/language")["csrf_token"]
    assert browser.cookie("visitor")
    browser.sign_in()
    assert not browser.cookie("visitor")
    browser.get("/probe")
    browser.submit("/probe", 400, csrf_token=token, said="hello")
    browser.submit("/probe", said="hello")


@pytest.mark.requirement("R6")
def test_signing_in_over_a_session_ends_it(browser: Browser, new_browser: Callable[[], Browser]) -> None:
    """Also where someone finishes a second sign-in while the first is still open."""
    address = browser.to_provider()
    browser.sign_in()
    first = str(browser.cookie("session"))
    assert browser.come_back(address).status == 303
    thief = new_browser()
    thief.set_cookie("session", first)
    assert is_signed_in(browser)
    assert not is_signed_in(thief)


@pytest.mark.requirement("R6")
@pytest.mark.parametrize("planted", ["", "x", "0" * 26 + "." + "A" * 43, "../..", "a.b.c", "é" * 30])
def test_a_planted_cookie_opens_nothing(browser: Browser, planted: str) -> None:
    browser.set_cookie("session", planted)
    assert not is_signed_in(browser)


@pytest.mark.requirement("R9")
@pytest.mark.dates
def test_idle_sessions_end_by_the_servers_clock(browser: Browser, portal: Running) -> None:
    """Half an hour, although the item is still in the table."""
    browser.sign_in()
    portal.clock.turn(minutes=29)
    assert is_signed_in(browser)
    portal.clock.turn(minutes=29)
    assert is_signed_in(browser), "what was done meanwhile counts"
    portal.clock.turn(minutes=30)
    assert not is_signed_in(browser)


@pytest.mark.requirement("R9")
@pytest.mark.dates
def test_no_session_lives_longer_than_twelve_hours(browser: Browser, portal: Running) -> None:
    browser.sign_in()
    for _ in range(12 * 3 - 1):
        portal.clock.turn(minutes=20)
        assert is_signed_in(browser)
    portal.clock.turn(minutes=20)
    assert not is_signed_in(browser)


@pytest.mark.requirement("R14", "R33")
def test_a_busy_page_keeps_its_session(browser: Browser, portal: Running) -> None:
    """An upload of hours asks now and then, and can still say that it arrived."""
    browser.sign_in()
    browser.get("/probe")
    for _ in range(9):
        portal.clock.turn(minutes=20)
        said = browser.ask("GET", "/v1/session", 200).answer.json
    assert said["expires_at"] > portal.clock().isoformat()
    browser.submit("/probe", csrf_token=said["csrf_token"], said="hello")


@pytest.mark.requirement("R16")
def test_activity_is_written_down_rarely(browser: Browser, portal: Running) -> None:
    """Looking at pages changes nothing in the table for five minutes."""
    browser.sign_in()
    before = read_state(portal)
    portal.clock.turn(minutes=4)
    assert is_signed_in(browser)
    assert read_state(portal) == before


@pytest.mark.requirement("R10", "R12")
@pytest.mark.dates
def test_groups_are_read_again_every_quarter_of_an_hour(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """Who was made an administrator is one within 15 minutes, and is none when that is over."""
    browser.sign_in()
    browser.get("/admin/probe", 403)
    provider.account.claims["cognito:groups"] = ["admins"]
    portal.clock.turn(minutes=15)
    browser.get("/admin/probe")
    provider.account.claims["cognito:groups"] = []
    portal.clock.turn(minutes=14)
    browser.get("/admin/probe")
    portal.clock.turn(minutes=1)
    browser.get("/admin/probe", 403)


@pytest.mark.requirement("R10")
def test_the_provider_ends_a_session(browser: Browser, provider: Provider, portal: Running) -> None:
    """`invalid_grant`, as for an account that was disabled."""
    browser.sign_in()
    provider.refresh_tokens.clear()
    portal.clock.turn(minutes=15)
    assert not is_signed_in(browser)
    assert find_kept_session(portal, browser) is None


@pytest.mark.requirement("R10")
def test_somebody_else_in_the_answer_ends_the_session(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """A refreshed token must be about the same person."""
    browser.sign_in()
    token = next(iter(provider.refresh_tokens))
    provider.refresh_tokens[token] = make_account("Ben Okoro", "admins")
    portal.clock.turn(minutes=15)
    assert not is_signed_in(browser)


@pytest.mark.requirement("R10")
@pytest.mark.dates
def test_a_provider_that_is_silent_is_waited_for_an_hour(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """The documented grace."""
    browser.sign_in()
    provider.down = {"/token"}
    for _ in range(5):
        portal.clock.turn(minutes=11)
        assert is_signed_in(browser)
    portal.clock.turn(minutes=5)
    assert not is_signed_in(browser)


@pytest.mark.requirement("R59")
def test_a_silent_provider_is_not_asked_by_every_request(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """Its time-out must not become everyone's."""
    browser.sign_in()
    provider.down = {"/token"}
    portal.clock.turn(minutes=15)
    asked = provider.asked.count("/token")
    for _ in range(5):
        assert is_signed_in(browser)
    assert provider.asked.count("/token") == asked + 1


@pytest.mark.requirement("R10")
def test_a_request_under_way_brings_no_session_back(browser: Browser, portal: Running) -> None:
    """Writing down that someone was seen needs a session that is still there."""
    browser.sign_in()
    session, key = find_kept_session(portal, browser), Key.parse(browser.cookie("session") or "")
    assert session is not None
    assert key is not None
    portal.portal.sessions.end(key.person_id, key.secret_hash)
    assert not portal.portal.sessions.touch(key.secret_hash, replace(session, seen_at=portal.clock()))
    assert not is_signed_in(browser)


@pytest.mark.requirement("R13")
def test_a_new_secret_key_keeps_sessions_and_forms(
    browser: Browser, portal: Running, provider: Provider, clock: Clock
) -> None:
    """With the old one as a fallback; without it, what it made is not believed."""
    browser.sign_in()
    browser.get("/probe")
    newer = {"PORTAL_SECRET_KEY": SECRET[::-1], "PORTAL_OIDC_METADATA_URL": portal.config.oidc_metadata_url}
    for fallback, status in ((SECRET, 303), ("", 400)):
        rotated = make_running(clock, **newer, PORTAL_SECRET_KEY_FALLBACKS=fallback)
        rotated.app.register_blueprint(probe)
        again = Browser(rotated, provider)
        again.set_cookie("session", str(browser.cookie("session")))
        again.page = browser.page
        again.submit("/probe", status, said="hello")


@pytest.mark.requirement("R64")
def test_nobody_sees_what_another_is_shown(new_browser: Callable[[], Browser]) -> None:
    """One process, two people, turn by turn."""
    ana, ben = new_browser(), new_browser()
    ana.sign_in(make_account("Ana Lopes"))
    ben.sign_in(make_account("Ben Okoro"))
    for _ in range(3):
        assert "Ana Lopes" in ana.get("/probe").text
        assert "Ben Okoro" in ben.get("/probe").text
        assert "Ana" not in ben.get("/probe").text


ODD_NAMES = [
    "<script>alert(1)</script>", "{{ 7777*7777 }}", "{% raw %}", "{0.__class__}", "%s%n",
    "Ana\r\nSet-Cookie: a=b", "\x1b[31mAna", "\u202eanA", "\ufeff", "A" + "\u0301" * 10_000,
    "\x00", "' onload='x", "",
]  # fmt: skip


@pytest.mark.requirement("R24")
def test_odd_names_are_only_names(new_browser: Callable[[], Browser]) -> None:
    """A claim of the provider is shown as text, on one line, in every place a page has it."""
    for name in ODD_NAMES:
        browser = new_browser()
        assert browser.sign_in(make_account("Ana Lopes", name=name)).status == 303
        page = browser.get("/probe")
        assert "60481729" not in page.text
        assert not {"\u202e", "\x1b", "\x00", "\ufeff"} & set(page.answer.text)
        assert len(page.answer.text) < 20_000
