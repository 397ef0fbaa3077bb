"""Of which days figures are shown, and the days before that they are compared with. Days are those of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from portal.domain.errors import N_, Invalid

MAX_DAYS = 90  # with as many before, read in two calls
PRESETS = (1, 7, 30, 90)
DEFAULT_DAYS = 7


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both of them within."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=each) for each in range(self.length)]

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days, just before."""
        length = timedelta(days=self.length)
        return Period(self.first - length, self.last - length)

    def preset(self, today: date) -> int:
        """Which of the offered periods it is; 0 for none."""
        return self.length if self.last == today and self.length in PRESETS else 0


def latest(days: int, today: date) -> Period:
    return Period(today - timedelta(days=days - 1), today)


def parse_period(days: str, first: str, last: str, today: date) -> Period:
    """What somebody asks for: one of the offered periods, or from one day to another. Raises Invalid."""
    if first or last:
        return check_period(parse_day(first), parse_day(last), today)
    offered = {str(each): each for each in PRESETS}
    return latest(offered.get(days, DEFAULT_DAYS), today)


def check_period(first: date, last: date, today: date) -> Period:
    if first > last:
        raise Invalid(N_("The period ends before it begins."), field="from", reason="period")
    if last > today:
        raise Invalid(N_("The period ends in the future."), field="to", reason="period")
    if (last - first).days >= MAX_DAYS:
        raise Invalid(
            N_("Choose %(most)s days or fewer."), field="from", reason="period", params={"most": MAX_DAYS}
        )
    return Period(first, last)


def parse_day(text: str) -> date:
    """A day as "2026-02-03"."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = None
    # So early that the days before it would be none.
    if found is None or found.year < 2000:
        raise Invalid(N_("Choose the two days of the period."), field="from", reason="period")
    return found
