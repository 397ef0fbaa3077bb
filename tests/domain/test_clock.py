"""Counting down, on whatever clock."""

from __future__ import annotations

from portal.domain.clock import SystemClock, start_countdown
from tests.builders import Clock


def test_a_countdown_says_what_is_left_and_goes_below_zero() -> None:
    clock = Clock()
    seconds_left = start_countdown(clock, 10)
    left = [seconds_left()]
    for _ in range(2):
        clock.sleep(7.5)
        left.append(seconds_left())
    assert left == [10, 2.5, -5]


def test_this_machines_clock_waits() -> None:
    clock = SystemClock()
    seconds_left = start_countdown(clock, 0.01)
    clock.sleep(0.02)
    assert seconds_left() < 0
    assert clock().utcoffset() is not None
