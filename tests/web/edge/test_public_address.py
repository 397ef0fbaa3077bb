"""The portal under a prefix, as behind a gateway's stage or a proxy's path."""

from __future__ import annotations

import pytest

from tests.builders import Clock, make_running
from tests.web.browser import Browser
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider

pytestmark = pytest.mark.requirement("R21")


def test_every_address_keeps_the_prefix(aws: None, clock: Clock, provider: Provider) -> None:
    """Links, forms, redirects, scripts and the way back from the provider; cookies stay at the root."""
    metadata = f"{provider.url}/.well-known/openid-configuration"
    address = "https://files.example.org/prod"
    portal = make_running(clock, PORTAL_PUBLIC_URL=address, PORTAL_OIDC_METADATA_URL=metadata)
    portal.app.register_blueprint(probe)
    browser = Browser(portal, provider)
    asked = browser.ask("GET", "/prod/probe?a=b", 303)
    assert asked.location == "/prod/login?next=/probe?a%3Db"
    answer = browser.sign_in(next_page="/probe?a=b")
    assert provider.requests[-1]["redirect_uri"] == f"{address}/login/callback"
    assert answer.location == "/prod/probe?a=b"
    assert all("Path=/;" in f"{each};" for each in answer.headers.getlist("Set-Cookie"))
    page = browser.follow(answer)
    named = {each.attributes.get(name) for each in page.document.all() for name in ("href", "src", "action")}
    for address in {each for each in named - {None, "/probe"} if not str(each).startswith("#")}:
        assert str(address).startswith("/prod/"), address
        assert not str(address).startswith("/prod/prod"), address


def test_healthz_answers_with_and_without_the_prefix(aws: None, clock: Clock) -> None:
    """A load balancer's own check need not know it."""
    browser = Browser(make_running(clock, PORTAL_PUBLIC_URL="https://files.example.org/prod"))
    browser.get("/prod/healthz")
    browser.get("/healthz")


@pytest.mark.requirement("R20", "T2")
def test_the_scheme_is_the_configured_one(browser: Browser) -> None:
    """A client that says http gets no form past the check of its origin."""
    headers = {"X-Forwarded-Proto": "http", "Referer": ""}
    browser.sign_in()
    fields = browser.get("/probe").fields("/probe")
    browser.ask("POST", "/probe", 400, data=fields, headers=headers)
