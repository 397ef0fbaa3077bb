"""Fixtures for every room: moto's AWS in process with the portal's resources, and a clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws  # before any client is made: it adds its hooks to botocore when it is imported

from portal.aws import calls
from portal.bootstrap import build
from portal.config import Config
from portal.local.session import LocalPortal, local_portal
from tests.builders import Clock, Running, environment, make_resources, running
from tests.parts import SMALL

# Rooms whose tests start a whole AWS of their own: one at a time.
STARTING = {"deployed", "infrastructure", "local"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side, keep what shares the one local portal, or starts another, together."""
    for item in items:
        if "local" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("the local portal"))
        elif STARTING & set(item.path.parts):
            item.add_marker(pytest.mark.xdist_group("portals of their own"))


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


@pytest.fixture
def beside(local: LocalPortal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The local portal's services in this process, under the role that it runs with itself."""
    for name, value in local.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    calls.forget()  # it remembers whose keys it found first
    yield Running(build(Config.from_env(local.environment)), Clock())
    calls.forget()
