"""How often is too often: from one source, and from all together (R46).

What lets someone in (codes, passwords) is closed while the counters cannot be reached, by the Unavailable
that they raise; what only shows a page stays open then, with a warning in the log. Each recipient's own
limits of codes, tries and requests stand beside these (`confirm.py`, `asking.py`). Downloads are counted in
the transaction that counts them anyway (`Shares.spend`), so that a press costs no further call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar

from portal import deadline
from portal.domain.errors import N_, TooMany, Unavailable
from portal.domain.policy.limits import Rate
from portal.engine.metrics import Metric, emit
from portal.engine.services import Services
from portal.engine.workflow import Context

log = logging.getLogger(__name__)

C = TypeVar("C", bound=Context)
ALL = "all"
METRICS = {"refused": Metric.RATES_REFUSED, "unknown": Metric.RATES_UNKNOWN}
COUNTING_SECONDS = 2.0  # what is not closed without its counter waits no longer for it


def count_within(rate: Rate, source: str, now: datetime, services: Services) -> int:
    """Take one of what this source may, and of what all may; how many this source has left.

    Raises TooMany; Unavailable where that cannot be known.
    """
    left = list[int]()
    shares = [(part_of(source), rate.each)] + ([(ALL, rate.together)] if rate.together else [])
    for who, most in shares:
        taken = services.rates.take(rate, who, most, now)
        if taken is None:
            log_decision(rate, who, "refused")
            raise too_often(rate, now)
        left.append(taken)
    log_decision(rate, shares[0][0], "passed")
    return left[0]


def count_within_if_known(rate: Rate, source: str, now: datetime, services: Services) -> int | None:
    """The same, but open where the counters cannot be reached, or not soon; None then."""
    try:
        with deadline.set_deadline(COUNTING_SECONDS):
            return count_within(rate, source, now, services)
    except Unavailable:
        log_decision(rate, source, "unknown")
    return None


def step(rate: Callable[[Services], Rate]) -> Callable[[C, Services], C]:
    """A workflow's step that takes one from where the request comes; closed where that cannot be known."""

    def not_too_often(context: C, services: Services) -> C:
        count_within(rate(services), context.actor.source_ip, context.now, services)
        return context

    return not_too_often


def too_often(rate: Rate, now: datetime) -> TooMany:
    wait = seconds_left(rate, now)
    return TooMany(
        N_("Too many attempts in a short time. Try again in %(minutes)s minutes."),
        reason=f"rate_{rate.bucket}", retry_after_seconds=wait, params={"minutes": -(-wait // 60)},
    )  # fmt: skip


def seconds_left(rate: Rate, now: datetime) -> int:
    """Until the next window begins."""
    return rate.seconds - int(now.timestamp()) % rate.seconds


def log_decision(rate: Rate, who: str, outcome: str) -> None:
    """One line for each decision; what passed is for debugging only, since every request has its line."""
    level = logging.DEBUG if outcome == "passed" else logging.WARNING
    log.log(level, "rate", extra={"bucket": rate.bucket, "who": who, "outcome": outcome})
    if outcome in METRICS:
        emit({METRICS[outcome]: 1})


def part_of(source: str) -> str:
    """Whom an address stands for: someone has the whole /64 of an IPv6 address (RFC 6177). Anything but an
    address is itself, such as a person's id.
    """
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return source
