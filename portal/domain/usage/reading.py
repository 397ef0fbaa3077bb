"""What one page shows of how much the portal is used, and of how its service does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.domain.people.person import Totals
from portal.domain.usage.attention import ServiceState
from portal.domain.usage.figures import DayUsage, Figure, count_people
from portal.domain.usage.periods import Period
from portal.domain.usage.tops import DayTops


@dataclass(frozen=True)
class Sums:
    """What was counted in a period. people: how many were active in it, each once."""

    counts: Mapping[Figure, int]
    people: int

    def count(self, figure: Figure) -> int:
        return self.counts.get(figure, 0)


@dataclass(frozen=True)
class UsageReading:
    """log_taken_at: when a log of S3's was last taken in; stored: how many bytes there were at the end of a
    day, or at the last look, of days that it is known of.
    """

    days: Mapping[date, DayUsage] = field(default_factory=dict)
    tops: Mapping[date, DayTops] = field(default_factory=dict)
    stored: Mapping[date, int] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)
    state: ServiceState | None = None
    log_taken_at: datetime | None = None

    def list_days(self, period: Period) -> list[tuple[date, DayUsage]]:
        """Every day of a period, also those on which nothing was counted."""
        return [(day, self.days.get(day, DayUsage())) for day in period.days]

    def sum_up(self, period: Period) -> Sums:
        days = [self.days[day] for day in period.days if day in self.days]
        counts: Counter[Figure] = Counter()
        for each in days:
            counts.update(each.counts)
        return Sums(dict(counts), count_people(frozenset[int]().union(*(each.active for each in days))))
