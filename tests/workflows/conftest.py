"""Workflows run on a table in memory: nothing here is about DynamoDB itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.aws.client import calls
from tests.aws.ses_stub import SesStub, ses_stub
from tests.builders import Clock, Running, make_running


@pytest.fixture
def aws(table_in_memory: None) -> None:
    """As everywhere, but with the table in memory."""


@pytest.fixture
def ses() -> Iterator[SesStub]:
    with ses_stub() as server:
        yield server


@pytest.fixture
def portal_on_ses(
    ses: SesStub, aws: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    """Its email goes through the SDK to an SES that does what the test says."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", ses.url)
    calls.forget()
    yield make_running(clock)
    calls.forget()
