"""The function's handler over the portal on moto, with its queue and its topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from portal import lambda_entry
from tests.builders import Running
from tests.recorded_events import load_event

QUEUE = load_event("sqs_message")["eventSourceARN"]
TOPIC = load_event("sns_envelope")["TopicArn"]


@dataclass(frozen=True)
class Arrivals:
    """Hands events to the function as Lambda does."""

    portal: Running
    handler: lambda_entry.Handler

    def __call__(self, event: Any, seconds_left: float = 29) -> Any:
        context = SimpleNamespace(
            aws_request_id="request-1", get_remaining_time_in_millis=lambda: seconds_left * 1000
        )
        return self.handler(event, context)


@pytest.fixture
def make_arrivals(portal: Running) -> Callable[..., Arrivals]:
    """Arrivals at a portal some of whose services, or sources, are others."""

    def make(sources: dict[str, str] | None = None, **services: Any) -> Arrivals:
        settings = {"events_queue_arn": QUEUE, "feedback_topic_arn": TOPIC} | (sources or {})
        changed = replace(
            portal.portal,
            config=replace(portal.config, **settings),
            services=replace(portal.portal.services, **services),
        )
        return Arrivals(portal, lambda_entry.make_handler(portal.app, changed))

    return make


@pytest.fixture
def arrive(make_arrivals: Callable[..., Arrivals]) -> Arrivals:
    return make_arrivals()
