"""Of which days figures are shown, and how single days are put together."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.domain.errors import Invalid
from portal.domain.usage.figures import DayUsage, Figure, Kind
from portal.domain.usage.periods import MAX_DAYS, PRESETS, Period, latest, parse_period
from portal.domain.usage.reading import UsageReading
from portal.domain.usage.tops import TopEntry, merge_tops

TODAY = date(2026, 3, 1)
WEEK = Period(date(2026, 2, 23), TODAY)


def test_a_period_ends_today_and_follows_the_one_before() -> None:
    assert (WEEK.length, WEEK.days[0], WEEK.days[-1]) == (7, date(2026, 2, 23), TODAY)
    assert WEEK.before == Period(date(2026, 2, 16), date(2026, 2, 22))
    assert latest(1, TODAY) == Period(TODAY, TODAY)


@pytest.mark.parametrize("days", [*PRESETS, 2, 8, 91])
@pytest.mark.parametrize("ago", [0, 1])
def test_a_period_is_one_of_those_offered_where_it_ends_today(days: int, ago: int) -> None:
    period = latest(days, TODAY - timedelta(days=ago))
    assert period.preset(TODAY) == (days if days in PRESETS and not ago else 0)


@pytest.mark.parametrize("days", ["", "7", "8", "-1", "7 ", "x", "9" * 50])
def test_what_is_not_offered_is_a_week(days: str) -> None:
    assert parse_period(days, "", "", TODAY) == WEEK


def test_ones_own_period_is_as_long_as_the_longest_offered() -> None:
    first = TODAY - timedelta(days=MAX_DAYS - 1)
    assert parse_period("", str(first), str(TODAY), TODAY) == Period(first, TODAY)
    assert parse_period("", "2026-02-01", "2026-02-01", TODAY).length == 1


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-02-02", "2026-02-01"), ("2026-02-01", "2026-03-02"), ("2025-12-01", "2026-03-01"),
        ("2026-02-30", "2026-03-01"), ("", "2026-03-01"), ("2026-02-01", ""), ("0001-01-01", "0001-01-02"),
        ("<script>", "x"),
    ],
)  # fmt: skip
def test_other_periods_are_refused(first: str, last: str) -> None:
    with pytest.raises(Invalid):
        parse_period("7", first, last, TODAY)


def test_days_are_summed_and_people_counted_once() -> None:
    days = {
        TODAY: DayUsage({Figure.UPLOADS: 1}, frozenset({1, 2})),
        date(2026, 2, 23): DayUsage({Figure.UPLOADS: 2}, frozenset({2, 3})),
        date(2026, 2, 22): DayUsage({Figure.UPLOADS: 4}, frozenset({4})),
    }
    sums = UsageReading(days).sum_up(WEEK)
    assert (sums.count(Figure.UPLOADS), sums.count(Figure.SHARES), sums.people) == (3, 0, 3)


def test_lists_of_days_are_put_together() -> None:
    def entry(name: str, bytes_: int, downloads: int = 0) -> TopEntry:
        return TopEntry(name, {Figure.BYTES_DELIVERED: bytes_, Figure.DOWNLOADS: downloads}, name)

    days = [
        {Kind.FILE: (entry("a", 5), entry("b", 3)), Kind.PERSON: (entry("ana", 9),)},
        {Kind.FILE: (entry("b", 4), entry("c", 1, 2), entry("d", 1, 1))},
        {},
    ]
    merged = merge_tops(days, Kind.FILE, 3)
    assert [(each.name, each.counts[Figure.BYTES_DELIVERED]) for each in merged] == [
        ("b", 7),
        ("a", 5),
        ("c", 1),
    ]
