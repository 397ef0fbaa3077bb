"""Until when a share is open, wherever the sender is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.shares.expiry import check_expiry, end_of_day, end_of_day_in, last_day, zone

pytestmark = pytest.mark.requirement("R47")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_day_ends_with_its_last_second_there() -> None:
    assert end_of_day(date(2026, 11, 27), zone("Europe/Berlin")) == datetime(
        2026, 11, 27, 22, 59, 59, tzinfo=UTC
    )
    assert end_of_day(date(2028, 2, 29), zone("UTC")) == datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)


def test_days_across_a_clock_change_end_with_their_own_last_second() -> None:
    """Berlin's 25 October 2026 has 25 hours."""
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert end_of_day_in(1, before, zone("Europe/Berlin")) == datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)


def test_today_is_the_senders_today() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert end_of_day_in(0, late, zone("Asia/Tokyo")) == datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["", "Nowhere/City", "../../etc/passwd", "/etc/passwd", "Europe", "\x00", "a" * 9000]
)
def test_a_zone_that_is_none_is_utc(name: str) -> None:
    assert str(zone(name)) == "UTC"


@pytest.mark.parametrize("ends", [NOON, NOON - timedelta(seconds=1), NOON + timedelta(days=31)])
def test_past_and_beyond_policy_are_refused(ends: datetime) -> None:
    """At exactly the moment it is over."""
    with pytest.raises(Invalid):
        check_expiry(ends, NOON, 30, zone("UTC"))


def test_the_last_day_that_is_allowed_is_allowed_to_its_end() -> None:
    ends = end_of_day_in(30, NOON, zone("UTC"))
    assert check_expiry(ends, NOON, 30, zone("UTC")) == ends
    assert last_day(ends.date(), NOON, 30, zone("UTC")) == ends
    with pytest.raises(Invalid):
        check_expiry(ends + timedelta(microseconds=1), NOON, 30, zone("UTC"))
    for day in (ends.date() + timedelta(days=1), date.max, NOON.date() - timedelta(days=1)):
        with pytest.raises(Invalid):
            last_day(day, NOON, 30, zone("UTC"))


@given(st.integers(0, 90), st.sampled_from(["Pacific/Kiritimati", "America/St_Johns", "Africa/Cairo", "UTC"]))
def test_every_offered_day_is_allowed(days: int, name: str) -> None:
    assert check_expiry(end_of_day_in(days, NOON, zone(name)), NOON, 90, zone(name)) > NOON
