"""What a period costs: by hand for simple cases, and what holds for any."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config.parsing import ConfigurationError
from portal.config.settings import Config
from portal.domain.people.person import Totals
from portal.domain.usage.costs import (
    Cost,
    add_up,
    count_open_days,
    fill_days,
    find_cost,
    list_day_costs,
    list_savings,
    sort_by_cost,
)
from portal.domain.usage.figures import DayUsage, Figure
from portal.domain.usage.periods import Period, latest
from portal.domain.usage.prices import GIB, LEAST_SCANNED, LIST_PRICES, TERABYTE, PriceName, PriceTable
from portal.domain.usage.reading import UsageReading
from tests.builders import make_environment

DAY = date(2026, 2, 3)
LISTED = PriceTable()
SIZES = st.integers(0, 10**15)


def test_prices_are_per_unit() -> None:
    assert LISTED.cost(PriceName.DELIVERY, 2 * GIB) == Decimal("0.18")
    assert LISTED.cost(PriceName.MAIL, 500) == Decimal("0.05")
    assert LISTED.cost_of_query(2 * TERABYTE) == Decimal(10)
    assert LISTED.cost_of_query(1) == LISTED.cost_of_query(LEAST_SCANNED) > 0
    assert LISTED.cost_of_query(0) == 0
    assert all(each.source.startswith("https://aws.amazon.com/") for each in LIST_PRICES.values())


def test_a_deployers_prices_replace_listed_ones() -> None:
    config = Config.from_env(make_environment(PORTAL_PRICES="storage=0.0245, mail=0"))
    assert config.prices.get(PriceName.STORAGE).usd == Decimal("0.0245")
    assert config.prices.get(PriceName.STORAGE).source == ""
    assert config.prices.cost(PriceName.MAIL, 10**6) == 0
    assert config.prices.get(PriceName.QUERY) == LIST_PRICES[PriceName.QUERY]


@pytest.mark.parametrize(
    "text", ["storage", "storage=", "storage=-1", "x=1", "mail=1e3", "mail=0,10", "mail=NaN"]
)
def test_prices_that_cannot_be_read_stop_the_start(text: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_PRICES"):
        Config.from_env(make_environment(PORTAL_PRICES=text))


def test_a_gibibyte_for_a_month_costs_its_price() -> None:
    """Over the days of a year as many months."""
    year = add_up(find_cost(GIB, 0, 0, LISTED) for _ in range(365))
    assert round(year.storage, 9) == Decimal("0.276")  # 12 times 0.023
    assert (year.mail, year.delivery, year.total) == (0, 0, year.storage)


def test_a_day_costs_what_was_counted_on_it() -> None:
    period = Period(DAY, DAY + timedelta(days=2))
    counted = DayUsage({Figure.MAILS_SENT: 1000, Figure.BYTES_DELIVERED: GIB})
    reading = UsageReading({DAY: counted}, {}, {DAY: GIB, period.last: 3 * GIB}, Totals(bytes=9 * GIB))
    days = list_day_costs(reading, period, LISTED)
    assert [each.stored for each in days] == [GIB, GIB, 3 * GIB]
    assert days[0].cost.mail == Decimal("0.10")
    assert days[0].cost.delivery == Decimal("0.09")
    assert days[1].cost == find_cost(GIB, 0, 0, LISTED)


@given(st.dictionaries(st.integers(0, 9), SIZES), SIZES)
def test_every_day_has_a_storage_that_was_seen(known: dict[int, int], otherwise: int) -> None:
    period = Period(DAY, DAY + timedelta(days=9))
    seen = {DAY + timedelta(days=each): size for each, size in known.items()}
    found = fill_days(seen, period, otherwise)
    assert list(found) == period.days
    assert found.items() >= seen.items()
    assert set(found.values()) <= (set(seen.values()) or {otherwise})


@given(st.lists(SIZES, min_size=90, max_size=90), SIZES, st.integers(1, 400))
def test_a_shorter_retention_saves_more_and_never_more_than_there_is(
    uploads: list[int], stored: int, file_days: int
) -> None:
    days = latest(90, DAY).days
    counted = {day: DayUsage({Figure.BYTES_UPLOADED: size}) for day, size in zip(days, uploads, strict=True)}
    savings = list_savings(UsageReading(counted, totals=Totals(bytes=stored)), DAY, file_days, LISTED)
    assert all(each.days < file_days for each in savings)
    assert [each.bytes for each in savings] == sorted((each.bytes for each in savings), reverse=True)
    assert all(0 <= each.bytes <= stored for each in savings)
    assert all(each.usd_a_month == LISTED.cost(PriceName.STORAGE, each.bytes) for each in savings)


def test_what_was_uploaded_lately_stays() -> None:
    counted = {
        DAY: DayUsage({Figure.BYTES_UPLOADED: 30}),
        DAY - timedelta(days=10): DayUsage({Figure.BYTES_UPLOADED: 50}),
    }
    savings = list_savings(UsageReading(counted, totals=Totals(bytes=100)), DAY, 90, LISTED)
    assert {each.days: each.bytes for each in savings} == {7: 70, 14: 20, 30: 20, 60: 20}
    assert list_savings(UsageReading(), DAY, 7, LISTED) == []


@pytest.mark.parametrize(
    ("begins", "ends", "days"),
    [(0, 2, 3), (-9, 99, 3), (1, 1, 1), (3, 9, 0), (-9, -1, 0), (2, 1, 0)],
)
def test_days_of_a_period_that_something_was_there(begins: int, ends: int, days: int) -> None:
    period = Period(DAY, DAY + timedelta(days=2))
    assert count_open_days(DAY + timedelta(days=begins), DAY + timedelta(days=ends), period) == days


def test_the_dearest_is_first() -> None:
    rows = [("b", Cost(mail=Decimal(1))), ("c", Cost(storage=Decimal(2))), ("a", Cost(delivery=Decimal(1)))]
    assert [each for each, _ in sort_by_cost(rows)] == ["c", "a", "b"]
