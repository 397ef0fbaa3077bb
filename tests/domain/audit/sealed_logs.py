"""A sealed log as an export of it says it, to be tampered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.domain.audit.canonical import describe_record
from portal.domain.audit.chain import describe_head, describe_sealed
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.audit.seals import (
    MarkedRecord,
    SealHead,
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


def make_record(place: int, seconds: int = 0) -> MarkedRecord:
    at = BEGAN + timedelta(seconds=seconds or place)
    record = AuditRecord(
        at, Action.LINK_OPENED, Actor("recipient", "r", "Clara Diaz"), f"share-{place}", details={"to": "é\n"}
    )
    return MarkedRecord(f"{mark_at(at)}#{place:08}", record)


def begin_shard(shard: int) -> SealHead:
    start = mark_at(BEGAN)
    return SealHead(shard, 0, "", start, start, start, start)


def seal_shard(shard: int, batches: Sequence[Sequence[MarkedRecord]]) -> tuple[SealHead, list[Line]]:
    """One shard's chain, each batch in the seals that it needs."""
    head, lines = begin_shard(shard), list[Line]()
    for batch in batches:
        for some in split_for_seals(batch):
            leaves = [make_leaf(each) for each in some]
            seal = make_seal(head, leaves, BEGAN + timedelta(days=1))
            lines.append(describe_sealed(seal, leaves))
            head = replace(head, number=seal.number, hash=seal.hash)
    return head, lines


def make_export(shards: Sequence[Sequence[Sequence[MarkedRecord]]], read_to: str = "~") -> Export:
    """Records and seals of these batches of each shard, and the root of the day."""
    heads, seals = list[SealHead](), list[Line]()
    for shard, batches in enumerate(shards):
        head, lines = seal_shard(shard, batches)
        heads.append(head)
        seals += lines
    marked = sorted((each for of in shards for batch in of for each in batch), key=lambda each: each.mark)
    records = [describe_record(each.mark, each.record) for each in marked]
    lines = [describe_head(replace(each, read_to=read_to)) for each in heads]
    return Export(records, [*seals, *lines], close_day("2026-02-06", heads, "", BEGAN).describe())


def make_usual_export() -> Export:
    """Two shards with a late record, records of two spans, and several seals each."""
    first = [
        [make_record(0), make_record(2), make_record(4)],
        [make_record(6, 700), make_record(8, 701)],
        [make_record(10, 3)],
    ]
    second = [[make_record(1), make_record(3)], [make_record(5, 900)]]
    return make_export([first, second])
