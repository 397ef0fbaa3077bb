"""Fixtures for every room: moto's AWS in process with the portal's resources, and a clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws  # before any client is made: it adds its hooks to botocore when it is imported

from portal.config import Config
from portal.local.session import LocalPortal, local_portal
from tests.builders import Clock, Running, environment, make_resources, running
from tests.parts import SMALL


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in process, empty but for the portal's table, buckets and sender."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        make_resources(Config.from_env(environment()))
        yield


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    """The portal on moto, with a sign-in page nobody answers at; `tests/web` has one that does."""
    return running(clock)


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPortal]:
    """The whole portal as `make run` starts it, on embedded AWS that is atomic and checks every signature."""
    with local_portal(tmp_path_factory.mktemp("local"), settings=SMALL) as running:
        yield running
