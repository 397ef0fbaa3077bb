"""A sealed log as an export of it says it, to be tampered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.domain.audit.canonical import describe_record
from portal.domain.audit.chain import describe_head, describe_leaves, describe_range, describe_seal
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.audit.seals import (
    Seal,
    SealHead,
    begin_shard,
    close_day,
    make_leaf,
    make_seal,
    mark_at,
    split_for_seals,
)

BEGAN = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)
Line = dict[str, Any]


@dataclass
class Export:
    records: list[Line]
    seals: list[Line]
    root: Line


def make_record(place: int, seconds: int = 0) -> AuditRecord:
    at = BEGAN + timedelta(seconds=seconds or place)
    record = AuditRecord(
        at, Action.LINK_OPENED, Actor("recipient", "r", "Clara Diaz"), f"share-{place}", details={"to": "é\n"}
    )
    return replace(record, mark=f"{mark_at(at)}#{place:08}")


def seal_shard(
    shard: int, batches: Sequence[Sequence[AuditRecord]]
) -> tuple[SealHead, list[Line], Seal | None]:
    """One shard's chain, each batch in the seals that it needs."""
    head, lines, seal = begin_shard(shard, [], BEGAN), list[Line](), None
    for batch in batches:
        for some in split_for_seals(batch):
            leaves = [make_leaf(each) for each in some]
            seal = make_seal(head, leaves, BEGAN + timedelta(days=1))
            lines += [describe_seal(seal), describe_leaves(shard, seal.number, leaves)]
            head = replace(head, number=seal.number, hash=seal.hash)
    return head, lines, seal


def make_export(shards: Sequence[Sequence[Sequence[AuditRecord]]], read_to: str = "~") -> Export:
    """Records and seals of these batches of each shard, and the root of the day."""
    ends, seals = list[tuple[SealHead, Seal | None]](), list[Line]()
    for shard, batches in enumerate(shards):
        head, lines, last = seal_shard(shard, batches)
        ends.append((head, last))
        seals += lines
    marked = sorted((each for of in shards for batch in of for each in batch), key=lambda each: each.mark)
    records = [describe_record(each) for each in marked]
    lines = [describe_head(replace(head, read_to=read_to), last) for head, last in ends]
    days = describe_range("2026-02-06", "2026-02-06")
    return Export(
        records,
        [*seals, days, *lines],
        close_day("2026-02-06", [head for head, _ in ends], "", BEGAN).describe(),
    )


def make_usual_export() -> Export:
    """Two shards with a late record, records of two spans, and several seals each."""
    first = [
        [make_record(0), make_record(2), make_record(4)],
        [make_record(6, 700), make_record(8, 701)],
        [make_record(10, 3)],
    ]
    second = [[make_record(1), make_record(3)], [make_record(5, 900)]]
    return make_export([first, second])
