"""How the minute's work shares its time: each part has a budget of its own, and what one leaves goes to the
others (R77).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from portal.domain.errors import Unavailable
from portal.engine.services import Services

log = logging.getLogger(__name__)

MIN_REMAINING_SECONDS = 10.0  # with less time left nothing new is begun
LEAST_SHARE = 0.2  # seconds; a smaller piece of what is left is worth no further round

T = TypeVar("T")

SecondsLeft = Callable[[], float]
Part = Callable[[Services, SecondsLeft], object]


@dataclass
class Budget:
    """The time that a part has left, told as if its own end were the end of all: so a part stops where it
    would stop for the whole. is_spent: whether it was told that no time is left, and so may have left work.
    """

    seconds_left: SecondsLeft
    until: float  # so many seconds are left for all when this part's own are over
    is_spent: bool = False

    def __call__(self) -> float:
        left = self.seconds_left() - self.until
        self.is_spent = self.is_spent or left < MIN_REMAINING_SECONDS
        return left


def iterate_in_time(things: Iterable[T], seconds_left: SecondsLeft) -> Iterator[T]:
    """These, as long as there is time to begin with another."""
    for each in things:
        if seconds_left() < MIN_REMAINING_SECONDS:
            return
        yield each


def run_in_turn(parts: Sequence[Part], services: Services, seconds_left: SecondsLeft) -> None:
    """Every part once, each with an equal piece of the time that is left; those that ran out of theirs go on
    in further rounds while there is time. One that fails keeps no other from its turn.
    """
    waiting = list(parts)
    while waiting and (seconds_left() - MIN_REMAINING_SECONDS) / len(waiting) > LEAST_SHARE:
        unfinished = []
        for place, part in enumerate(waiting):
            left = seconds_left()
            share = max(0.0, left - MIN_REMAINING_SECONDS) / (len(waiting) - place)
            budget = Budget(seconds_left, left - MIN_REMAINING_SECONDS - share)
            if run_apart(part, services, budget) and budget.is_spent:
                unfinished.append(part)
        waiting = unfinished


def run_apart(part: Part, services: Services, budget: Budget) -> bool:
    """Whether the part came to its end or to that of its time, and may go on."""
    name = getattr(part, "__name__", type(part).__name__)
    try:
        part(services, budget)
    except Unavailable:
        log.warning("a part of the sweep was put off", extra={"part": name})
        return False
    except Exception:
        log.exception("a part of the sweep failed", extra={"part": name})
        return False
    return True
