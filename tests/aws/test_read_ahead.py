"""What the read of a session brings along is what the table says, for one look and one request."""

from __future__ import annotations

import pytest

from benchmarks.trace import trace_calls
from portal.aws.client import read_ahead
from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Key, put, update
from tests.builders import Running

HERE, AWAY, OTHER = ("PERSON#1", "USAGE"), ("PERSON#1", "DRAFTS"), ("PERSON#2", "USAGE")


@pytest.fixture
def table(portal: Running) -> Table:
    made = Table(clients(portal.config.region), portal.config.table, portal.clock)
    for key in (HERE, OTHER):
        made.write(put(make_item(key, 1)))
    read_ahead.keep([HERE, AWAY], made.get_many([HERE, AWAY]))
    return made


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
@pytest.mark.parametrize("written", [HERE, OTHER], ids=["the item", "another"])
def test_nothing_is_kept_beyond_a_write(table: Table, way: str, written: Key) -> None:
    """Also where the write was to another item: what was read before it is what was before it."""
    write = update(written, "SET #number = :number", number=2)
    getattr(table, way)([write] if way == "transact" else write)
    with trace_calls() as trace:
        found = table.get(HERE)
    assert len(trace) == 1
    assert found == make_item(HERE, 2 if written == HERE else 1)
