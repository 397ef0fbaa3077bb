"""Fixtures for every room: moto's AWS in process with the portal's resources, and a clock."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws  # before any client is made: it adds its hooks to botocore when it is imported

from portal.aws.client import calls
from portal.bootstrap import build
from portal.config.settings import Config
from portal.local.session import LocalPortal, local_portal
from tests.builders import Clock, Running, TrueClock, make_environment, make_resources, make_running
from tests.early_writes import refusing_early_writes
from tests.moments import MOMENTS, VARIABLE
from tests.parts import SMALL
from tests.quick_aws import quick_aws
from tests.requirements_held import HeldRequirements, note_requirements
from tests.scheduling import make_scheduler, put_in_order

# How long one example takes is the machine's business: a busy one fails nothing. The same examples each time:
# a change is refused for what it does, not by chance; `--hypothesis-profile explore` looks for new ones.
settings.register_profile(
    "portal", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("portal"), derandomize=False, max_examples=1_000)
settings.load_profile("portal")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(HeldRequirements(config), "requirements held")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    note_requirements(items)
    put_in_order(items)


def pytest_collection_finish() -> None:
    """Look for garbage less often, and never among what lasts for the whole run: the modules, templates and
    tests that are there by now. The collector took a seventh of a test's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: the first worker mostly waits for browsers."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config) -> object:
    return make_scheduler(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what concerns dates at each moment; all tests run at the one that the environment names, if any."""
    is_about_dates = metafunc.definition.get_closest_marker("dates")
    if is_about_dates and "clock" in metafunc.fixturenames and VARIABLE not in os.environ:
        metafunc.parametrize("clock", ["", *MOMENTS.values()], ids=["ordinary", *MOMENTS], indirect=True)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    moment = getattr(request, "param", "")
    return Clock(datetime.fromisoformat(moment)) if moment else Clock()


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """No AWS but the one in process; its S3 dates by the clock what it keeps, as the portal compares that."""
    monkeypatch.setattr("moto.s3.models.utcnow", lambda: clock().replace(tzinfo=None))
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aws(no_aws: None) -> Iterator[None]:
    """AWS in process, empty but for the portal's table, buckets and sender."""
    with mock_aws():
        make_resources(Config.from_env(make_environment()))
        yield


@pytest.fixture
def table_in_memory(no_aws: None) -> Iterator[None]:
    """The same with the table in memory, which is quicker than moto's and atomic."""
    with quick_aws() as database, refusing_early_writes(database):
        yield


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    """The portal on moto, with a sign-in page nobody answers at; `tests/web` has one that does."""
    return make_running(clock)


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
    clock = TrueClock()  # embedded AWS checks signatures by the true time
    yield Running(build(Config.from_env(local.environment), clock), clock)
    calls.forget()
