"""Counters of how often something was done: one item a bucket, whoever does it and window of time (R46).

Taken by a conditional update, so that of many at once exactly as many pass as may; each forgets itself.
"""

from __future__ import annotations

from datetime import datetime

from portal.aws.table import ConditionFailed, Key, Table, Write, update
from portal.domain.limits import Rate


class Rates:
    def __init__(self, table: Table) -> None:
        self.table = table

    def take(self, rate: Rate, who: str, most: int, now: datetime) -> bool:
        try:
            self.table.write(taken(rate, who, most, now))
        except ConditionFailed:
            return False
        return True

    def used(self, rate: Rate, who: str, now: datetime) -> int:
        found = self.table.get(window_key(rate, who, now))
        return int(found["times"]) if found else 0


def taken(rate: Rate, who: str, most: int, now: datetime) -> Write:
    """One more in this window; fails where that would pass the most."""
    return update(
        window_key(rate, who, now), "SET #ttl = :ttl ADD #times :one",
        "attribute_not_exists(#times) OR #times < :most",
        one=1, most=most, ttl=int(now.timestamp()) + 2 * rate.seconds,
    )  # fmt: skip


def window_key(rate: Rate, who: str, now: datetime) -> Key:
    """Each window is an item of its own, so that no partition grows and none is asked for everybody."""
    return f"RATE#{rate.bucket}#{who}#{int(now.timestamp()) // rate.seconds}", "RATE"
