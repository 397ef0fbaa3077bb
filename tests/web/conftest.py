"""The portal on moto with a provider to sign in at, and browsers to drive it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.builders import Clock, Running, running
from tests.web.browser import Browser
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider, served


@pytest.fixture
def provider() -> Iterator[Provider]:
    with served() as provider:
        yield provider


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    """The portal with a provider that answers, and the tests' own pages."""
    portal = running(
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
