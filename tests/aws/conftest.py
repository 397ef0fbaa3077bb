"""The portal's services on embedded AWS, through a proxy that fails as told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.aws.client import calls
from portal.bootstrap import build
from portal.config.settings import Config
from portal.local.session import LocalPortal
from tests.aws.faulty import Faults, faulty
from tests.builders import Running, TrueClock


@pytest.fixture
def faults(local: LocalPortal) -> Iterator[Faults]:
    with faulty(local.endpoint) as server:
        yield server


@pytest.fixture
def on_embedded(local: LocalPortal, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Under the role's credentials, as deployed; every call goes through the proxy."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    environment = {**local.environment, "AWS_ENDPOINT_URL": faults.url}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    calls.forget()
    clock = TrueClock()  # embedded AWS checks signatures by the true time
    yield Running(build(Config.from_env(environment), clock), clock)
    calls.forget()
