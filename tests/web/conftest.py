"""The portal on moto with a provider to sign in at, and browsers to drive it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from portal.domain.people.person import Person
from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider, serve_provider
from tests.web.signed_in import sign_in
from tests.web.tokens import Program


@pytest.fixture
def aws(table_in_memory: None) -> None:
    """The table is in memory: nothing here is about DynamoDB itself."""


@pytest.fixture
def provider(clock: Clock) -> Iterator[Provider]:
    with serve_provider(clock) as provider:
        yield provider


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    """The portal with a provider that answers, and the tests' own pages."""
    portal = make_running(
        clock,
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
        PORTAL_SIGN_OUT_URL=f"{provider.url}/logout",
    )
    portal.app.register_blueprint(probe)
    return portal


@pytest.fixture
def new_browser(portal: Running, provider: Provider) -> Callable[[], Browser]:
    """One more browser, with cookies of its own."""
    return lambda: Browser(portal, provider)


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


@pytest.fixture
def program(portal: Running) -> Callable[[str], Program]:
    """A program that shows this token."""
    return lambda token: Program(portal, token)


@pytest.fixture
def ana(browser: Browser) -> Person:
    """Ana, signed in in `browser`."""
    return sign_in(browser)
