"""The first page of the administrators' dashboard: what needs attention, what happened, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.audit.record import AuditRecord
from portal.domain.paging import Page
from portal.domain.people.person import Totals
from portal.domain.usage.attention import Attention, MailRates, find_concerns
from portal.domain.usage.figures import DayUsage
from portal.domain.usage.periods import Period
from portal.domain.usage.reading import Sums
from portal.engine.services import Services

ACTIVITY_ROWS = 10


@dataclass(frozen=True)
class Overview:
    """before: of as many days before the period; newest: the last that happened, whatever the period."""

    period: Period
    days: list[tuple[date, DayUsage]]
    sums: Sums
    before: Sums
    totals: Totals
    rates: MailRates
    concerns: list[Attention]
    newest: Page[AuditRecord]


def get_overview(period: Period, now: datetime, services: Services) -> Overview:
    reading = services.usage.read([*period.before.days, *period.days])
    sums = reading.sum_up(period)
    rates = MailRates.from_counts(sums.counts)
    return Overview(
        period,
        reading.list_days(period),
        sums,
        reading.sum_up(period.before),
        reading.totals,
        rates,
        find_concerns(reading.state, rates, now),
        services.audit.list_newest(now, None, ACTIVITY_ROWS),
    )
