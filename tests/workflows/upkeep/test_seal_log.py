"""Every record of the audit log is sealed once and counted once, whenever it came and whatever happened to
who seals.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.aws.client.keys import audit_key
from portal.domain.audit.chain import read_chain
from portal.domain.audit.record import Action, Actor
from portal.domain.audit.seals import SETTLING
from portal.engine.metrics import Metric
from portal.queries.admin.seals import list_seal_lines
from portal.workflows.upkeep import seal_log as sealing_module
from tests.actions import make_person
from tests.builders import Clock, Running, make_running
from tests.figures import list_values
from tests.quick_aws import quick_aws
from tests.workflows.upkeep.sealing import (
    BEGAN,
    FIRST,
    check_seals,
    get_client,
    list_unsealed,
    read_log,
    read_roots,
    read_seals,
    run_minutes,
    seal,
    write_records,
)

pytestmark = pytest.mark.requirement("R65")


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGAN)


def test_a_record_is_sealed_within_three_minutes(portal: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Once it has settled, and not before; the time it took is a metric."""
    write_records(portal, BEGAN, 40)
    portal.clock.turn(seconds=SETTLING.total_seconds())
    seal(portal)
    assert len(list_unsealed(portal)) == 40
    with caplog.at_level(logging.INFO, "portal.metrics"):
        run_minutes(portal, 1)
    assert list_unsealed(portal) == []
    assert list_values(caplog, Metric.AUDIT_SEAL) == [180.0]
    run_minutes(portal, 30)
    assert check_seals(portal).count == 4  # nothing is sealed again


def test_records_of_one_minute_go_into_as_many_seals_as_their_counters_need(portal: Running) -> None:
    """Each of another person, so that many counters change."""
    for place in range(400):
        actor = Actor("person", make_person(f"Person {place}").id)
        write_records(
            portal, BEGAN + timedelta(microseconds=place), action=Action.UPLOAD_COMPLETED, actor=actor,
            details={"file": f"file{place}", "bytes": "5"},
        )  # fmt: skip
    run_minutes(portal, 4)
    assert list_unsealed(portal) == []
    assert 8 <= read_seals(portal).count <= 16


def test_more_records_than_one_read_are_sealed(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """And those of several days, where nobody sealed for a while."""
    monkeypatch.setattr(sealing_module, "READ_AT_ONCE", 7)
    seal(portal)
    write_records(portal, BEGAN, 50)
    write_records(portal, BEGAN + timedelta(hours=20), 30)
    portal.clock.turn(days=2)
    write_records(portal, BEGAN + timedelta(days=1, hours=3), 20)
    seal(portal)
    assert len(check_seals(portal).leaves) == 100


@pytest.mark.parametrize(
    ("ago", "hours", "minutes"),
    [
        (timedelta(minutes=8), 0, 14),  # by the second look
        (timedelta(hours=3), 15, 20),  # by the third, after the day
    ],
)
def test_a_late_record_goes_into_a_later_seal(
    ago: timedelta, hours: int, minutes: int, portal: Running
) -> None:
    seal(portal)
    for _ in range(10):
        portal.clock.turn(minutes=4)
        write_records(portal, portal.clock(), 10)
        seal(portal)
    seal(portal)
    portal.clock.turn(minutes=3)
    seal(portal)
    write_records(portal, portal.clock() - ago)
    run_minutes(portal, 2)
    assert len(list_unsealed(portal)) == 1
    portal.clock.turn(hours=hours)
    run_minutes(portal, minutes)
    assert list_unsealed(portal) == []


def test_a_late_record_that_was_announced_is_sealed_at_once(portal: Running) -> None:
    """As the log of the bucket tells of yesterday, long after that was read for the last time."""
    write_records(portal, BEGAN - timedelta(hours=12))
    seal(portal)
    portal.clock.turn(hours=20)
    seal(portal)
    late = BEGAN - timedelta(hours=11)
    portal.portal.services.seals.note_late(portal.clock(), late)
    write_records(portal, late, 9)
    run_minutes(portal, 2)
    assert len(list_unsealed(portal)) == 9
    run_minutes(portal, 2)
    assert list_unsealed(portal) == []


def test_a_note_of_a_minute_that_is_not_over_seals_nothing_twice(portal: Running) -> None:
    """As of a clock that runs ahead: the rest of that minute is for who reads the log next."""
    portal.portal.services.seals.note_late(BEGAN, BEGAN + timedelta(seconds=90))
    write_records(portal, BEGAN + timedelta(seconds=65), 5)
    write_records(portal, BEGAN + timedelta(seconds=90), 5)
    portal.clock.turn(seconds=10)
    run_minutes(portal, 3)
    assert len(list_unsealed(portal)) == 5
    run_minutes(portal, 3)
    assert list_unsealed(portal) == []


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_changed_record_is_told_to_the_operator(
    is_removed: bool, portal: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """When its minute is read again: by an error that names it, and by a metric with an alarm."""
    write_records(portal, BEGAN, 8)
    run_minutes(portal, 5)
    mark = read_log(portal)[0].mark
    pk, sk = audit_key(mark)
    where: Any = {"TableName": portal.config.audit_table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
    if is_removed:
        get_client(portal, "dynamodb").delete_item(**where)
    else:
        change = {"UpdateExpression": "SET about = :x", "ExpressionAttributeValues": {":x": {"S": "other"}}}
        get_client(portal, "dynamodb").update_item(**where, **change)
    with caplog.at_level(logging.INFO):
        run_minutes(portal, 20)
    (told,) = [vars(each) for each in caplog.records if each.levelno == logging.ERROR]
    assert told["marks"] == [mark]
    assert list_values(caplog, Metric.AUDIT_ALTERED) == [1]


class Killed(BaseException):
    """The process ended here."""


def kill() -> None:
    raise Killed


@contextmanager
def at_call(portal: Running, call: int, when: str, do: Callable[[], None]) -> Iterator[None]:
    """Let something happen at this call to AWS: before it is made, or before its answer is read."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)
        if len(made) == call + 1:
            do()

    events = [get_client(portal, each).meta.events for each in ("s3", "dynamodb")]
    for each in events:
        each.register(when, note, unique_id="at call")
    try:
        yield
    except Killed:
        pass
    finally:
        for each in events:
            each.unregister(when, unique_id="at call")


@pytest.mark.requirement("R61", "R74")
@pytest.mark.parametrize(
    ("when", "what", "step"),
    [("before-call", "killed", 3), ("after-call", "killed", 4), ("before-call", "overtaken", 5)],
)
def test_a_worker_that_is_stopped_or_overtaken_leaves_whole_seals(
    when: str, what: str, step: int, portal: Running
) -> None:
    """At any call: each record is in one seal and counted once, and the chains hold; the next ones go on."""
    do = kill if what == "killed" else lambda: seal(portal)
    seal(portal)
    for call in range(0, 45, step):
        now = portal.clock.turn(minutes=97 * step)
        write_records(portal, now - timedelta(minutes=5), 3)
        write_records(portal, now - timedelta(minutes=40))
        with at_call(portal, call, when, do):
            seal(portal)
        if call % 15 == 0:
            check_seals(portal)
    portal.clock.turn(days=2)
    seal(portal)
    assert list_unsealed(portal) == []
    roots = read_roots(portal)
    assert (
        read_chain(list_seal_lines(FIRST, portal.clock.now.date(), portal.portal.services), roots).findings
        == []
    )
    assert len(roots) == 6


steps = st.lists(
    st.tuples(
        st.integers(0, 900),  # minutes that pass
        st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 3)), max_size=3),  # records of so many ago
        st.one_of(st.none(), st.integers(0, 30)),  # at which call the worker is killed
    ),
    min_size=2,
    max_size=4,
)


@settings(max_examples=6)
@given(steps)
def test_whenever_records_come_each_is_sealed_and_counted_once(
    steps: list[tuple[int, list[tuple[int, int]], int | None]],
) -> None:
    with quick_aws():
        portal = make_running(Clock(BEGAN))
        seal(portal)
        for minutes, records, killed_at in steps:
            now = portal.clock.turn(minutes=minutes)
            for ago, many in records:
                at = now - timedelta(minutes=ago)
                portal.portal.services.seals.note_late(now, at)
                write_records(portal, at, many)
            with at_call(portal, 1000 if killed_at is None else killed_at, "after-call", kill):
                seal(portal)
            check_seals(portal)
        portal.clock.turn(minutes=3)
        seal(portal)
        assert list_unsealed(portal) == []
