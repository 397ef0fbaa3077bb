"""What the read of a session brings along is what the table says, for one look and one request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from contextvars import Context, copy_context
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.trace import trace_calls
from portal.aws.client import read_ahead
from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Key, check, put, update
from portal.deadline import set_deadline
from tests.builders import Running

HERE, AWAY, OTHER = ("PERSON#1", "USAGE"), ("PERSON#1", "DRAFTS"), ("PERSON#2", "USAGE")


@pytest.fixture
def table(portal: Running) -> Iterator[Table]:
    made = Table(clients(portal.config.region), portal.config.table, portal.clock)
    for key in (HERE, OTHER):
        made.write(put(make_item(key, 1)))
    with set_deadline(25):
        read_ahead.keep([HERE, AWAY], made.get_many([HERE, AWAY]))
        yield made


def make_item(key: Key, number: int) -> Item:
    return {"pk": key[0], "sk": key[1], "number": number}


def test_what_is_kept_is_handed_out_once(table: Table) -> None:
    """That nothing was there is kept as well; whoever looks a second time asks the table."""
    with trace_calls() as trace:
        assert table.get(HERE) == make_item(HERE, 1)
        assert table.get(AWAY) is None
    assert not trace
    with trace_calls() as trace:
        assert table.get(HERE) == make_item(HERE, 1)
        assert table.get(AWAY) is None
    assert len(trace) == 2


def test_of_several_only_the_rest_is_asked_for(table: Table) -> None:
    with trace_calls() as trace:
        assert table.get_many([HERE, AWAY, OTHER]) == {key: make_item(key, 1) for key in (HERE, OTHER)}
    assert [call.items for call in trace] == [("PERSON/USAGE",)]
    read_ahead.keep([HERE, AWAY], {HERE: make_item(HERE, 1)})
    with trace_calls() as trace:
        assert table.get_many([HERE, AWAY]) == {HERE: make_item(HERE, 1)}
    assert not trace


@pytest.mark.parametrize("deadline", [nullcontext, lambda: set_deadline(2)], ids=["same time", "less time"])
@pytest.mark.parametrize("way", ["write", "transact", "update_and_read"])
@pytest.mark.parametrize("holds", [True, False])
def test_what_is_written_is_read_again(table: Table, way: str, holds: bool, deadline: Any) -> None:
    """Also where its condition did not hold: whoever asks then wants to know why."""
    condition = "attribute_exists(#pk)" if holds else "#number > :number"
    write = update(HERE, "SET #number = :number", condition, number=2)
    with nullcontext() if holds else pytest.raises(ConditionFailed), deadline():
        getattr(table, way)([write] if way == "transact" else write)
    with trace_calls() as trace:
        assert table.get(HERE) == make_item(HERE, 2 if holds else 1)
        table.get(AWAY)
    assert [call.items for call in trace] == [("PERSON/USAGE",)]


def test_what_a_transaction_only_checked_is_read_again(table: Table) -> None:
    """Beside what it writes, too."""
    checked = check(HERE, "#number = :number", number=7)
    for writes in (
        [put(make_item(OTHER, 2)), checked],
        [replace(put(make_item(OTHER, 2)), beside=(checked,))],
    ):
        read_ahead.keep([HERE], {HERE: make_item(HERE, 7)})
        assert not table.try_transact(writes)
        assert table.get(HERE) == make_item(HERE, 1)


def test_what_is_wanted_comes_along_with_the_next_read_of_several(table: Table) -> None:
    read_ahead.take([HERE, AWAY])
    read_ahead.want([HERE, AWAY])
    with trace_calls() as trace:
        assert table.get_many([OTHER]) == {OTHER: make_item(OTHER, 1)}
        assert table.get(HERE) == make_item(HERE, 1)
        assert table.get(AWAY) is None
    assert [len(call.items) for call in trace] == [3]
    with trace_calls() as trace:
        table.get_many([OTHER])
    assert [len(call.items) for call in trace] == [1]


@pytest.mark.parametrize(
    ("asked", "along", "read"), [(98, 2, 100), (99, 1, 100), (99, 2, 99), (100, 1, 100), (1, 100, 1)]
)
def test_what_has_no_room_does_not_come_along(table: Table, asked: int, along: int, read: int) -> None:
    """One read takes a hundred items."""
    keys = [(f"PERSON#{number}", "USAGE") for number in range(10, 210)]
    read_ahead.want(keys[100 : 100 + along])
    with trace_calls() as trace:
        table.get_many(keys[:asked])
    assert [len(call.items) for call in trace] == [read]


def test_what_was_kept_belongs_to_its_own_work(table: Table) -> None:
    """A request inside another's time, or after it, or none at all, knows nothing of it."""
    with set_deadline(20):
        assert not read_ahead.take([HERE])
        read_ahead.want([HERE])
    assert not read_ahead.take_wanted([], 100)
    read_ahead.keep([HERE], {HERE: make_item(HERE, 7)})
    assert copy_context().run(read_ahead.take, [HERE]) == {HERE: make_item(HERE, 7)}
    assert Context().run(keep_and_take) == {}


def keep_and_take() -> object:
    """Outside of any deadline."""
    read_ahead.keep([HERE], {})
    return read_ahead.take([HERE])


def test_what_is_wanted_again_is_read_again(table: Table) -> None:
    """A second piece of the same work does not go by what the first was told."""
    read_ahead.want([OTHER])
    table.get_many([("PERSON#3", "USAGE")])
    Context().run(table.write, put(make_item(OTHER, 2)))
    read_ahead.want([OTHER])
    table.get_many([("PERSON#3", "USAGE")])
    assert table.get(OTHER) == make_item(OTHER, 2)
