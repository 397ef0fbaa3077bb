"""People without a browser window, on the portal as `make run` starts it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.engine.services import Services
from portal.local.people import STAFF, Person
from portal.local.session import LocalPortal
from tests.builders import Running
from tests.integration.client import Client


@pytest.fixture
def signed_in(local: LocalPortal) -> Callable[..., Client]:
    """Someone who has signed in at the pool's hosted page."""

    def made(who: Person = STAFF) -> Client:
        client = Client(local.url)
        client.get("/login")
        client.submit("/login", username=who.email, password=who.password)
        assert client.answer.url.startswith(local.url), client.answer.url
        return client

    return made


@pytest.fixture
def services(beside: Running) -> Services:
    """The portal's services in this process, under the role that the portal itself runs with."""
    return beside.portal.services
