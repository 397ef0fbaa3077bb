"""People without a browser window, on the portal as `make run` starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from portal.aws import calls
from portal.bootstrap import build
from portal.config import Config
from portal.local.people import STAFF, Person
from portal.local.session import LocalPortal
from portal.workflows.services import Services
from tests.integration.client import Client


@pytest.fixture
def signed_in(local: LocalPortal) -> Callable[..., Client]:
    """Somebody who has signed in at the pool's hosted page."""

    def made(who: Person = STAFF) -> Client:
        client = Client(local.url)
        client.get("/login")
        client.submit("/login", username=who.email, password=who.password)
        assert client.answer.url.startswith(local.url), client.answer.url
        return client

    return made


@pytest.fixture
def services(local: LocalPortal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The portal's services in this process, under the role that the portal itself runs with."""
    for name, value in local.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    calls.forget()  # it remembers whose keys it found first
    yield build(Config.from_env(local.environment)).services
    calls.forget()
