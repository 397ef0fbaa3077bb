"""AWS that takes its time by the tests' clock, which nothing really waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal.aws.client.calls import clients
from tests.builders import Running


@contextmanager
def slow_calls(running: Running, service: str, operation: str, seconds: float) -> Iterator[list[str]]:
    """Every such call takes so long; yields the operations that were called."""
    events, called = (
        clients(running.config.region, running.config.s3_endpoint_url).get(service).meta.events,
        list[str](),
    )
    event = f"before-call.{service}.{operation}"

    def note(model: Any, **_: Any) -> None:
        called.append(model.name)
        running.clock.turn(seconds=seconds)

    events.register(event, note, unique_id="slow-calls")
    try:
        yield called
    finally:
        events.unregister(event, unique_id="slow-calls")
