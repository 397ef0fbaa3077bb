"""How many bytes went to whom: of everybody by day, and who and what had most of a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.usage.figures import DayUsage, Kind
from portal.domain.usage.periods import Period
from portal.domain.usage.reading import Sums
from portal.domain.usage.tops import TopEntry, merge_tops
from portal.engine.services import Services

TOP_ROWS = 10
EXPORTED_ROWS = 100  # of a list that is downloaded


@dataclass(frozen=True)
class UsagePage:
    """names: of the people among the first; who is not there any more has none. sealed_at, log_taken_at: how
    fresh the figures are.
    """

    period: Period
    days: list[tuple[date, DayUsage]]
    sums: Sums
    before: Sums
    tops: Mapping[Kind, list[TopEntry]]
    names: Mapping[str, str]
    sealed_at: datetime | None
    log_taken_at: datetime | None


def get_usage(period: Period, services: Services, rows: int = TOP_ROWS) -> UsagePage:
    reading = services.usage.read([*period.before.days, *period.days], period.days)
    listed = [reading.tops[day] for day in period.days if day in reading.tops]
    tops = {kind: merge_tops(listed, kind, rows) for kind in Kind}
    return UsagePage(
        period,
        reading.list_days(period),
        reading.sum_up(period),
        reading.sum_up(period.before),
        tops,
        services.people.get_names([each.id for each in tops[Kind.PERSON]]),
        reading.state.sealed_at if reading.state else None,
        reading.log_taken_at,
    )


def get_days(period: Period, services: Services) -> list[tuple[date, DayUsage]]:
    return services.usage.read(period.days).list_days(period)
