"""When a file's end is near, when its owner is warned, and what counts as for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.files.lifetimes import (
    FOR_EVER_DAYS,
    LEADS,
    LONGEST_LEAD,
    Ending,
    find_ending,
    find_next_look,
    find_warning_time,
    is_for_ever,
)

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
YEARS = st.integers(0, 5 * 365 * 24 * 3600)
MOMENTS = YEARS.map(lambda seconds: NOW + timedelta(seconds=seconds))
LIVES = st.integers(0, 400 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("left", "ending"),
    [
        (timedelta(days=7), None), (timedelta(days=7, seconds=-1), Ending.SOON),
        (timedelta(days=1), Ending.SOON), (timedelta(days=1, seconds=-1), Ending.VERY_SOON),
        (timedelta(0), Ending.VERY_SOON), (timedelta(days=-3), Ending.VERY_SOON),
    ],
)  # fmt: skip
def test_an_end_is_near_below_a_week_and_very_near_below_a_day(left: timedelta, ending: Ending) -> None:
    assert find_ending(NOW + left, NOW) is ending
    assert find_ending(None, NOW) is None


@given(MOMENTS, LIVES)
def test_owners_are_warned_in_time_and_never_before_the_life_began(since: datetime, life: timedelta) -> None:
    """A week ahead, a day of a shorter life, not at all of one below two days; up to a day earlier, since all
    that ends on one day is told of at one hour.
    """
    ends = since + life
    at = find_warning_time(ends, since)
    lead = next((lead for least, lead in LEADS if life >= least), None)
    assert find_next_look(ends, since) == (at or ends)
    assert (at is None) == (lead is None) == (life < timedelta(days=2))
    if at and lead:
        assert since <= at <= ends - lead
        assert ends - at <= LONGEST_LEAD
        assert at == since or (at.hour, at.minute, at.second) == (6, 0, 0)


@pytest.mark.parametrize(("days", "answer"), [(365, False), (FOR_EVER_DAYS, True)])
def test_a_hundred_years_are_for_ever(days: int, answer: bool) -> None:
    later = NOW + timedelta(days=20 * 365)
    assert is_for_ever(NOW + timedelta(days=days), NOW) is answer
    assert is_for_ever(NOW + timedelta(days=days), later) is answer
    assert not is_for_ever(None, NOW)
