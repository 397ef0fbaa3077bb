"""Signing out: here, everywhere, with and without the provider, and for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.domain.audit.record import Action
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.identity.test_sessions import find_kept_session, is_signed_in
from tests.web.provider import Provider


@pytest.mark.requirement("R10")
def test_sign_out_everywhere_counts_at_once(new_browser: Callable[[], Browser], portal: Running) -> None:
    """The very next request of every session."""
    browsers = [new_browser(), new_browser()]
    for each in browsers:
        each.sign_in()
    session = find_kept_session(portal, browsers[0])
    assert session is not None
    portal.portal.services.people.end_sessions(session.person, portal.clock())
    assert [is_signed_in(each) for each in browsers] == [False, False]


@pytest.mark.requirement("R8")
def test_signing_out_ends_it_here_and_at_the_provider(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """By POST with the form's secret; the stolen cookie is worth nothing afterwards."""
    browser.sign_in()
    stolen = str(browser.cookie("session"))
    browser.get("/probe")
    portal.clock.turn(seconds=1)
    answer = browser.submit("/logout")
    assert answer.location == (
        f"{provider.url}/logout?client_id=portal-client&logout_uri=https%3A%2F%2Ffiles.example.org%2F"
    )
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not browser.cookie("session")
    assert not provider.refresh_tokens
    browser.set_cookie("session", stolen)
    assert not is_signed_in(browser)
    newest = portal.portal.services.audit.list_newest(portal.clock(), None, 1).items[0]
    assert newest.action is Action.SIGNED_OUT


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("down", [{"/revoke"}, {"/revoke", "/.well-known/openid-configuration", "/token"}])
def test_signing_out_works_without_the_provider(browser: Browser, provider: Provider, down: set[str]) -> None:
    browser.sign_in()
    browser.get("/probe")
    provider.down = down
    browser.submit("/logout")
    assert not is_signed_in(browser)


@pytest.mark.requirement("R8", "R14")
def test_signing_out_needs_the_forms_secret(browser: Browser) -> None:
    """No other site signs anyone out, and no link does."""
    browser.sign_in()
    browser.ask("POST", "/logout", 400)
    browser.ask("GET", "/logout", 405)
    assert is_signed_in(browser)


@pytest.mark.requirement("I7")
def test_signing_out_twice_is_no_error(browser: Browser) -> None:
    """The form on a page whose session has ended leads to the front page, not to signing in."""
    assert browser.ask("POST", "/logout", 303).location == "/"


@pytest.mark.requirement("R61")
def test_a_closing_account_cannot_be_signed_in_to(browser: Browser, portal: Running) -> None:
    """The provider still knows it while the schedule clears up."""
    browser.sign_in()
    session = find_kept_session(portal, browser)
    assert session is not None
    record = portal.portal.services.audit.list_newest(portal.clock(), None, 1).items[0]
    portal.portal.services.people.close(session.person, portal.clock(), record)
    assert not is_signed_in(browser)
    assert browser.sign_in().status == 403
    assert not is_signed_in(browser)
