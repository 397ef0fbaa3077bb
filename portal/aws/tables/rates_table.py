"""Counters of how often something was done: one item a bucket, whoever does it and window of time (R46).

Taken by a conditional update, so that of many at once exactly as many pass as may; each forgets itself.
"""

from __future__ import annotations

from datetime import datetime

from portal.aws.client.keys import rate_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Write, update
from portal.domain.policy.limits import Rate


class Rates:
    def __init__(self, table: Table) -> None:
        self.table = table

    def take(self, rate: Rate, who: str, most: int, now: datetime) -> int | None:
        try:
            counted = self.table.update_and_read(take_one(rate, who, most, now))
        except ConditionFailed:
            return None
        return most - int(counted["times"]) if counted else most


def take_one(rate: Rate, who: str, most: int, now: datetime) -> Write:
    """One more in this window; fails where that would pass the most."""
    return update(
        rate_key(rate, who, now), "SET #ttl = :ttl ADD #times :one",
        "attribute_not_exists(#times) OR #times < :most",
        one=1, most=most, ttl=int(now.timestamp()) + 2 * rate.seconds,
    )  # fmt: skip
