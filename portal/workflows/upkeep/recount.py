"""Counting a day again out of the audit log: what differs from the counters, and putting it right.

Only records that are sealed are counted, since the others still will be. A day of which something is sealed
in the meantime is counted anew, and each counter is put right only while it is as it was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain.audit.marks import SHARDS
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.usage.drift import Drift, find_drift
from portal.domain.usage.figures import UsageChanges
from portal.domain.usage.folding import fold
from portal.engine.services import Services

READ_AT_ONCE = 500
MAX_ATTEMPTS = 4


@dataclass(frozen=True)
class Recount:
    """counted: the counters; recorded: what they should be."""

    day: date
    counted: UsageChanges
    recorded: UsageChanges

    @property
    def drift(self) -> list[Drift]:
        return list(find_drift(self.day, self.counted, self.recorded))


def recount_day(day: date, services: Services) -> Recount:
    """Raises Unavailable where the day is being sealed all the time."""
    for _ in range(MAX_ATTEMPTS):
        sealed = list_sealed(day, services)
        recorded = fold(iterate_sealed(day, sealed, services))
        counted = services.usage_mending.read_counters(day)
        if list_sealed(day, services) == sealed:
            return Recount(day, counted, recorded)
    raise Unavailable()


def mend_day(recount: Recount, services: Services) -> bool:
    """False where a counter moved in the meantime: then it is to be counted anew."""
    mended = services.usage_mending.mend(recount.day, recount.counted, recount.recorded)
    services.usage.keep_tops(recount.day, services.clock())
    return mended


def list_sealed(day: date, services: Services) -> list[set[str]]:
    """The marks of the day's sealed records, by shard."""
    return [
        {leaf.mark for _, leaves in services.seals.list_leaves(shard, str(day)) for leaf in leaves}
        for shard in range(SHARDS)
    ]


def iterate_sealed(day: date, sealed: list[set[str]], services: Services) -> Iterator[AuditRecord]:
    for shard in range(SHARDS):
        after = ""
        while records := services.audit.read_shard(day, shard, after, READ_AT_ONCE):
            yield from (each for each in records if each.mark in sealed[shard])
            after = records[-1].mark
