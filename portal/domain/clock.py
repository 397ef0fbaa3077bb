"""The one clock: what time it is, how much time is left, and waiting.

Whatever decides something by time asks the clock it was given, so that a test can set it. Three things
cannot: botocore signs with this machine's own time, as AWS judges signatures by its own; a log line says when
it was written; and what a request may wait for others is counted while this machine waits (`deadline.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def __call__(self) -> datetime:
        """The time now, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait, in this thread."""


class SystemClock:
    """This machine's own clock."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def start_countdown(clock: Clock, seconds: float) -> Callable[[], float]:
    """Begin to count: what it returns says how many seconds are left, below zero once they are over."""
    ends = clock.monotonic() + seconds
    return lambda: ends - clock.monotonic()
