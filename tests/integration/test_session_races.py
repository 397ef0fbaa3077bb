"""Many requests of one session at once, on a table that is atomic: one of them may ask the provider."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.bootstrap import build
from portal.config.settings import Config
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.clock import SystemClock
from portal.domain.people.person import Session
from portal.local.session import LocalPortal
from portal.web.identity.sessions import ABSOLUTE, CHECK_EVERY, CLAIM, Key, find
from tests.actions import make_person
from tests.builders import Running, TrueClock
from tests.web.browser import Browser
from tests.web.probe import blueprint as probe
from tests.web.provider import CLIENT, SECRET, Provider, make_account, serve_provider

pytestmark = pytest.mark.requirement("R85")


def test_a_check_is_claimed_once(beside: Running) -> None:
    """Thirty requests at the quarter of an hour; then, with the provider silent, one every half minute."""
    store, at, person = beside.portal.sessions, beside.clock(), make_person("Race")
    record = AuditRecord(at, Action.SIGNED_IN, Actor("person", person.id, person.name), person.id)
    beside.portal.services.people.record_visit(person, at, record)
    key = Key.new(person.id)
    store.create(key.secret_hash, Session(person, "csrf", at, at, at, at + ABSOLUTE, "sealed"))
    asked: list[str] = []

    def ask(session: Session, silent: bool) -> Session:
        asked.append(secrets.token_hex(4))
        return session if silent else replace(session, checked_at=now, refresh_token="sealed anew")

    for now, silent, times in (
        (at + CHECK_EVERY, True, 1),
        (at + CHECK_EVERY + CLAIM, False, 2),
        (at + CHECK_EVERY + CLAIM + timedelta(minutes=1), False, 2),
    ):
        with ThreadPoolExecutor(30) as pool:
            found = list(
                pool.map(lambda _: find(store, key, now, lambda each, _: ask(each, silent)), range(30))  # noqa: B023
            )
        assert None not in found, "nobody is signed out by another request"
        assert len(asked) == times
    kept = store.get(person.id, key.secret_hash)
    assert kept is not None
    assert kept.refresh_token == "sealed anew"
    store.end(person.id, key.secret_hash)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serve_provider(SystemClock()) as provider:
        yield provider


@pytest.fixture
def portal(local: LocalPortal, beside: Running, provider: Provider) -> Running:
    """The portal in this process on the atomic table, with a provider that tests can hold up."""
    settings = {
        "PORTAL_OIDC_METADATA_URL": f"{provider.url}/.well-known/openid-configuration",
        "PORTAL_OIDC_CLIENT_ID": CLIENT,
        "PORTAL_OIDC_CLIENT_SECRET": SECRET,
    }
    clock = TrueClock()
    running = Running(build(Config.from_env({**local.environment, **settings}), clock), clock)
    running.app.register_blueprint(probe)
    return running


@pytest.mark.parametrize("many", [2, 3, 4])
@pytest.mark.parametrize("rotates", [True, False])
def test_requests_at_the_same_moment_refresh_once(
    portal: Running, provider: Provider, many: int, rotates: bool
) -> None:
    """Tabs that are restored together: one asks the provider, and the others do not even wait for it."""
    provider.rotates, browser = rotates, Browser(portal, provider)
    browser.sign_in(make_account("Race Lopes", "admins"))
    session = str(browser.cookie("session"))
    portal.clock.turn(minutes=15)
    asked = provider.asked.count("/token")
    provider.held["/token"] = threading.Event()

    def tab() -> int:
        browser = Browser(portal, provider)
        browser.set_cookie("session", session)
        return browser.ask("GET", "/admin/probe").status

    with ThreadPoolExecutor(many) as threads:
        tabs = [threads.submit(tab) for _ in range(many)]
        while len(wait(tabs, timeout=0.05).done) < many - 1:
            assert provider.asked.count("/token") - asked <= 1
        provider.held["/token"].set()
        assert [each.result(10) for each in tabs] == [200] * many
    assert provider.asked.count("/token") == asked + 1
    for _ in range(3):
        portal.clock.turn(minutes=20)
        browser.get("/admin/probe")
