"""Workers that come for a lane in the same moment, on a table that is atomic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from portal.aws.tables.lanes_table import LEASE_SECONDS
from portal.domain.errors import Conflict
from tests.builders import Running
from tests.integration.test_change_races import DONE, run_at_once, running

__all__ = ["running"]  # a fixture


def succeed(call: Callable[..., bool], *arguments: object) -> Callable[[], object]:
    def go() -> None:
        if not call(*arguments):
            raise Conflict(reason="not_free")

    return go


@pytest.mark.requirement("R77")
def test_a_lane_is_planned_once_and_taken_by_one(running: Running) -> None:
    """By one of ten each time; by another once it is left, or its lease is over."""
    lanes, clock = running.portal.services.lanes, running.clock
    one_of_ten = {DONE: 1, "not_free": 9}
    plans = [succeed(lanes.plan, "file", clock()) for _ in range(10)]
    taken = [succeed(lanes.begin, "file", f"worker-{place}", clock()) for place in range(10)]
    assert Counter(run_at_once(plans)) == one_of_ten
    assert Counter(run_at_once(taken)) == one_of_ten
    assert not lanes.plan("file", clock())
    for place in range(10):
        lanes.end("file", f"worker-{place}")
    assert lanes.begin("file", "killed", clock())
    clock.turn(seconds=LEASE_SECONDS)
    late = [succeed(lanes.begin, "file", f"late-{place}", clock()) for place in range(10)]
    assert Counter(run_at_once(late)) == one_of_ten
