"""What storage, emails and deliveries of a period cost by the price table, and what keeping files for a
shorter time would save. Estimates: nobody's bill is made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.domain.usage.figures import Figure
from portal.domain.usage.periods import Period
from portal.domain.usage.prices import PriceName, PriceTable
from portal.domain.usage.reading import UsageReading

DAYS_A_MONTH = Decimal(365) / 12
RETENTIONS = (7, 14, 30, 60, 90)  # days that files could be kept for; no longer than is read of


@dataclass(frozen=True)
class Cost:
    """In USD."""

    storage: Decimal = Decimal(0)
    mail: Decimal = Decimal(0)
    delivery: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        return self.storage + self.mail + self.delivery

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.storage + other.storage, self.mail + other.mail, self.delivery + other.delivery)


@dataclass(frozen=True)
class DayCost:
    """A day, what was counted on it, and what that cost."""

    day: date
    stored: int
    mails: int
    delivered: int
    cost: Cost


@dataclass(frozen=True)
class Saving:
    """What would go at least, were files kept for so many days, and what its storage costs a month."""

    days: int
    bytes: int
    usd_a_month: Decimal


def find_cost(byte_days: int, mails: int, delivered: int, prices: PriceTable) -> Cost:
    """byte_days: bytes stored, times the days that they were."""
    return Cost(
        prices.cost(PriceName.STORAGE, byte_days / DAYS_A_MONTH),
        prices.cost(PriceName.MAIL, mails),
        prices.cost(PriceName.DELIVERY, delivered),
    )


def list_day_costs(reading: UsageReading, period: Period, prices: PriceTable) -> list[DayCost]:
    stored, found = fill_days(reading.stored, period, reading.totals.bytes), []
    for day, usage in reading.list_days(period):
        mails, delivered = usage.count(Figure.MAILS_SENT), usage.count(Figure.BYTES_DELIVERED)
        cost = find_cost(stored[day], mails, delivered, prices)
        found.append(DayCost(day, stored[day], mails, delivered, cost))
    return found


def add_up(costs: Iterable[Cost]) -> Cost:
    return sum(costs, Cost())


def fill_days(known: Mapping[date, int], period: Period, otherwise: int) -> dict[date, int]:
    """What was stored on each day: of a day that nobody looked at as on the day before, of the first ones as
    on the first day that is known; `otherwise` where none is.
    """
    last = next((known[day] for day in period.days if day in known), otherwise)
    found = {}
    for day in period.days:
        last = known.get(day, last)
        found[day] = last
    return found


def list_savings(reading: UsageReading, today: date, file_days: int, prices: PriceTable) -> list[Saving]:
    """For each shorter time than files are kept for now. What is stored and was not uploaded within that time
    is older; of what was uploaded some may be gone already, and then more would go than is said.
    """
    return [make_saving(reading, today, days, prices) for days in RETENTIONS if days < file_days]


def make_saving(reading: UsageReading, today: date, days: int, prices: PriceTable) -> Saving:
    recent = Period(today - timedelta(days=days - 1), today)
    old = max(0, reading.totals.bytes - reading.sum_up(recent).count(Figure.BYTES_UPLOADED))
    return Saving(days, old, prices.cost(PriceName.STORAGE, old))


def count_open_days(begins: date, ends: date, period: Period) -> int:
    """On how many days of a period something was there."""
    first, last = max(begins, period.first), min(ends, period.last)
    return max(0, (last - first).days + 1)


def sort_by_cost(rows: Sequence[tuple[str, Cost]]) -> list[tuple[str, Cost]]:
    """The dearest first; equals in the order of their ids."""
    return sorted(rows, key=lambda row: (-row[1].total, row[0]))
