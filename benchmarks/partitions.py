"""Which partitions a file's way through the portal writes to, by how many units, and whose they are.

Three cycles as in `benchmarks/cycle.py`, two of one sender and one of another, each to somebody else. What
all three write to is everybody's, and so is as fast as one partition; what only the first two do is one
sender's. Units are those of each write as the table in memory did it: a transaction's count twice; an index
takes one for each entry that is added, changed or removed, and two where one moves; each by the item's size.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Any
from unittest.mock import patch

from benchmarks.cycle import Act, Cycle, run_cycle, start_cycle
from benchmarks.units import WRITE_BYTES, measure_item
from tests.dynamodb.tables import Schema, Table
from tests.dynamodb.writes import Change
from tests.web.browser import Browser
from tests.web.signed_in import sign_in


class Operation(StrEnum):
    UPLOAD = "upload"
    SHARE = "share"
    DOWNLOAD = "download"


# Each act of the cycle, by how it begins; all others belong to the download.
OF_UPLOADS = ("/send", "announce", "keep what", "take the", "S3: the object")
OF_SHARES = ("Send", "the share's page", "SES: the link's")


class Owner(StrEnum):
    EVERYBODY = "everybody's"
    SENDER = "one sender's"
    THING = "a thing's own"


@dataclass(frozen=True)
class Place:
    """A partition of a table, or of an index of it."""

    table: str
    index: str
    partition: str


@dataclass
class Written:
    """Units by partition and operation of one cycle."""

    units: dict[Operation, Counter[Place]] = field(
        default_factory=lambda: {each: Counter() for each in Operation}
    )

    def places(self) -> set[Place]:
        return {place for each in self.units.values() for place in each}


def operation_of(act: Act) -> Operation:
    if act.what.startswith(OF_SHARES):
        return Operation.SHARE
    return Operation.UPLOAD if act.what.startswith(OF_UPLOADS) else Operation.DOWNLOAD


def size_units(item: Mapping[str, Any]) -> int:
    return max(1, ceil(measure_item(item) / WRITE_BYTES))


def count_index(
    schema: Schema, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, int]]:
    """Of one index: which of its partitions a write costs, and how many units ("Write capacity of secondary
    indexes").
    """
    was, is_in = schema.has(before), schema.has(after)
    if was and is_in and schema.key(before) == schema.key(after):
        if before != after:
            yield value_of(after, schema), max(size_units(before), size_units(after))
        return
    if was:
        yield value_of(before, schema), size_units(before)
    if is_in:
        yield value_of(after, schema), size_units(after)


def value_of(item: Mapping[str, Any], schema: Schema) -> str:
    ((_, value),) = item[schema.names[0]].items()
    return str(value)


def list_units(change: Change, times: int) -> Iterator[tuple[str, str, int]]:
    """Index, partition and units of one write; the table's own is the index of no name."""
    before, after = change.before, change.after or {}
    size = max(size_units(before), size_units(after)) if before or after else 1
    yield "", change.key[0].decode(), size * times
    for name, schema in change.table.indexes.items():
        for partition, units in count_index(schema, before, after):
            yield name, partition, units


@contextmanager
def watch_writes(tables: Mapping[str, Table]) -> Iterator[Counter[Place]]:
    """The units of all writes of the block."""
    found, apply = Counter[Place](), Change.apply
    names = {id(table): name for name, table in tables.items()}

    def counted(change: Change) -> None:
        times = 2 if sys._getframe(1).f_code.co_name == "transact_write_items" else 1
        for index, partition, units in list_units(change, times):
            found[Place(names[id(change.table)], index, partition)] += units
        apply(change)

    with patch.object(Change, "apply", counted):
        yield found


class Watched(list[Act]):
    """The acts of a cycle; with each, what was written since the one before is its."""

    def __init__(self, found: Counter[Place]) -> None:
        super().__init__()
        self.found, self.written = found, Written()

    def append(self, act: Act) -> None:
        self.written.units[operation_of(act)] += self.found
        self.found.clear()
        super().append(act)


def run_watched(cycle: Cycle) -> Written:
    with watch_writes(cycle.database.tables) as found:
        cycle.acts = Watched(found)
        run_cycle(cycle)
        return cycle.acts.written


def run_three() -> tuple[Written, Written, Written]:
    """Two cycles of one sender, and one of another."""
    with start_cycle() as cycle:
        first = run_watched(cycle)
        cycle.partner, cycle.recipient = Browser(cycle.running), "second@example.com"
        second = run_watched(cycle)
        other = Browser(cycle.running, cycle.sender.provider)
        cycle.person, cycle.sender = sign_in(other, "Ben Okoro"), other
        cycle.partner, cycle.recipient = Browser(cycle.running), "third@example.com"
        third = run_watched(cycle)
    return first, second, third


def name_place(place: Place) -> str:
    """Without what tells one thing, day or shard from another."""
    name = re.sub(r"\b[0-9a-f]{64}\b|\b[0-9a-hjkmnp-tv-z]{26}\b", "<id>", place.partition)
    name = re.sub(r"^MESSAGE#.*", "MESSAGE#<id>", name)
    if name.startswith("RATE#"):  # of one source, of one person or of all, in a window of time
        name = re.sub(r"#\d+$", "#<window>", name).replace("127.0.0.1", "<source>")
    name = re.sub(r"\d{4}-\d\d-\d\d", "<day>", name)
    name = re.sub(r"#\d+$", "#<shard>", name)
    return f"{place.index or ('audit' if place.table.endswith('-audit') else 'table')}: {name}"
