"""What sealing costs where nothing happens: days without records are passed by."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest

from portal.domain.audit.marks import SHARDS
from portal.workflows.upkeep.seal_log import seal_log
from tests.builders import Clock, Running
from tests.web.signed_in import Calls
from tests.workflows.upkeep.sealing import (
    BEGAN,
    check_seals,
    list_unsealed,
    seal,
    write_records,
)


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGAN)


def test_days_without_records_are_passed_by_with_few_calls(portal: Running) -> None:
    """Each day is read once a shard, and its notes once; a head is written once, however many days passed."""
    seal(portal)
    writes = set[int]()
    for days in (5, 40):
        portal.clock.turn(days=days)
        with Calls(portal) as calls:
            seal(portal)
        made = Counter(calls.names)
        roots = made["UpdateItem"]  # marked as stored, each after it was fixed
        writes.add(made["PutItem"] - roots)
        assert roots == days
        assert made["Query"] <= (SHARDS + 1) * days + 10 * SHARDS
    assert writes == {SHARDS}


def test_what_was_passed_by_is_kept_when_the_time_is_over(portal: Running) -> None:
    """So that each turn begins where the one before it ended, and none begins the whole way again."""
    seal(portal)
    write_records(portal, portal.clock.turn(days=20), 8)
    portal.clock.turn(days=20)
    turns, made = 0, Counter({"PutItem": 1})
    while made["PutItem"]:
        times_asked, turns = count(), turns + 1
        with Calls(portal) as calls:
            seal_log(portal.portal.services, lambda asked=times_asked: 29.0 if next(asked) < 25 else 0.0)
        made = Counter(calls.names)
    assert 5 < turns < 40
    seal(portal)
    assert list_unsealed(portal) == []
    check_seals(portal)
