"""How long the work under way may still take: one end for a whole request, or for one message of the queue.

Whoever begins the work sets it; whatever waits for someone else asks how long it may wait (R59, I10). Each
thread and task has its own. Without one, every call has its own time-outs only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

from portal.domain.clock import SystemClock
from portal.domain.errors import Unavailable

# With less left nothing is begun: an answer in so short a time would be luck.
MIN_SECONDS = 0.1
monotonic = SystemClock().monotonic  # what is bounded is this machine's own waiting
ENDS: ContextVar[float] = ContextVar("ends", default=inf)


@contextmanager
def set_deadline(seconds: float) -> Iterator[None]:
    """End what is done inside after so many seconds, or when the work around it must end, if that is
    earlier.
    """
    token = ENDS.set(min(ENDS.get(), monotonic() + seconds))
    try:
        yield
    finally:
        ENDS.reset(token)


def seconds_left() -> float:
    """Until the end of the work under way; infinite where nobody set one, below zero once it is over."""
    return ENDS.get() - monotonic()


def cut(seconds: float) -> float:
    """So many seconds, or what is left, if that is less. Raises Unavailable where it is too little."""
    left = seconds_left()
    if left < MIN_SECONDS:
        raise Unavailable()
    return min(seconds, left)
