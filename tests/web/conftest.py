"""The portal on moto with a provider to sign in at, and browsers to drive it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.web.app import create_app
from tests.on_moto import MotoPortal, moto_portal
from tests.web.browser import Browser
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider, served


@pytest.fixture
def provider() -> Iterator[Provider]:
    with served() as provider:
        yield provider


@pytest.fixture
def portal(provider: Provider) -> Iterator[MotoPortal]:
    with moto_portal(**provider_settings(provider)) as portal:
        yield portal


@pytest.fixture
def app(portal: MotoPortal) -> Flask:
    app = create_app(portal.config, portal.services, portal.sessions)
    app.register_blueprint(probe)
    return app


@pytest.fixture
def new_browser(app: Flask, portal: MotoPortal, provider: Provider) -> Callable[[], Browser]:
    """One more browser, with cookies of its own."""
    return lambda: Browser(app, portal.config, provider)


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


def provider_settings(provider: Provider) -> dict[str, str]:
    return {
        "PORTAL_OIDC_METADATA_URL": f"{provider.url}/.well-known/openid-configuration",
        "PORTAL_SIGN_OUT_URL": f"{provider.url}/logout",
    }
