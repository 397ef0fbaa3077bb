"""How many calls of AWS the request under way has made, tries counted, and how many of them AWS put off.

Whoever begins the work begins the count; threads that work for it with its context count with it.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Count:
    made: int = 0
    throttled: int = 0


COUNT: ContextVar[Count] = ContextVar("aws_calls")


def begin() -> Count:
    """A count of its own for the work that begins here."""
    count = Count()
    COUNT.set(count)
    return count


def current() -> Count:
    """The count of the work under way; one that nobody reads where nobody began any."""
    return COUNT.get(None) or Count()
