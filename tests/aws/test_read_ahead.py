"""What the read of a session brings along is what the table says, for one look and one request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pytest

from benchmarks.trace import trace_calls
from portal.aws.client import read_ahead
from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Key, check, put, update
from tests.builders import Running

HERE, AWAY, OTHER = ("PERSON#1", "USAGE"), ("PERSON#1", "DRAFTS"), ("PERSON#2", "USAGE")


@pytest.fixture
def table(portal: Running) -> Iterator[Table]:
    made = Table(clients(portal.config.region), portal.config.table, portal.clock)
    for key in (HERE, OTHER):
        made.write(put(make_item(key, 1)))
    before = read_ahead.KEPT.set({})
    read_ahead.keep([HERE, AWAY], made.get_many([HERE, AWAY]))
    yield made
    read_ahead.KEPT.reset(before)


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


@pytest.mark.parametrize("way", ["write", "transact", "update_and_read"])
@pytest.mark.parametrize("holds", [True, False])
def test_what_is_written_is_read_again(table: Table, way: str, holds: bool) -> None:
    """Also where its condition did not hold: whoever asks then wants to know why."""
    condition = "attribute_exists(#pk)" if holds else "#number > :number"
    write = update(HERE, "SET #number = :number", condition, number=2)
    with nullcontext() if holds else pytest.raises(ConditionFailed):
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
