"""The audit log's seals in the main table: a head and a chain a shard, and the leaves by the time of their
records.

A head is replaced on condition of its revision, in the transaction of the seal that follows it: of two
workers one goes on, and a seal is there with everything that belongs to it or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from portal.aws.client.codec import pack, unpack
from portal.aws.client.seal_keys import (
    DAY_ROOTS,
    day_root_key,
    late_partition,
    late_span_key,
    leaves_key,
    leaves_partition,
    place_of_seal,
    seal_head_key,
    seal_key,
    seals_partition,
)
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Write, put, put_new, update
from portal.aws.tables.usage_table import changes_as_writes
from portal.domain.audit.marks import SHARDS, shard_of
from portal.domain.audit.seals import DayRoot, LateNote, Leaf, Seal, SealHead, day_of, mark_at, span_of
from portal.domain.usage.figures import UsageChanges

HEX_CHARACTERS = 64  # of one hash
NOTE_DAYS = 30
ROWS = 50  # of leaves at a time: 120 bytes each, at most 2,000 an item


class Seals:
    def __init__(self, table: Table) -> None:
        self.table = table

    def list_heads(self) -> list[SealHead]:
        found = self.table.get_many([seal_head_key(shard) for shard in range(SHARDS)])
        return sorted((unpack(SealHead, item) for item in found.values()), key=lambda each: each.shard)

    def append(
        self, before: SealHead, after: SealHead, seal: Seal, leaves: Sequence[Leaf], usage: UsageChanges
    ) -> bool:
        writes = [replace_head(before, after), *write_seal(seal, leaves), *changes_as_writes(usage)]
        return self.table.try_transact(writes)

    def move(self, before: SealHead, after: SealHead) -> bool:
        return self.table.try_write(replace_head(before, after))

    def get_leaves(self, shard: int, span: str) -> dict[str, bytes]:
        return {leaf.mark: leaf.hash for item in self.query_leaves(shard, span) for leaf in read_leaves(item)}

    def query_leaves(self, shard: int, prefix: str) -> Iterator[Item]:
        return self.table.query_all(
            "#pk = :pk AND begins_with(#sk, :prefix)",
            rows=ROWS, pk=leaves_partition(day_of(prefix), shard), prefix=prefix,
        )  # fmt: skip

    def find_sealed_span(self, shard: int, position: str) -> str | None:
        items, _ = self.table.query(
            "#pk = :pk AND #sk > :position",
            limit=1, pk=leaves_partition(day_of(position), shard), position=position,
        )  # fmt: skip
        return span_of(items[0]["sk"]) if items else None

    def find_seal(self, mark: str) -> tuple[Seal, list[Leaf]] | None:
        shard = shard_of(mark)
        for item in self.query_leaves(shard, span_of(mark)):
            leaves = read_leaves(item)
            if any(leaf.mark == mark for leaf in leaves):
                seal = self.table.get(seal_key(shard, item["number"]))
                return (unpack(Seal, seal), leaves) if seal else None
        return None

    def list_seals(self, shard: int, first: int = 1) -> Iterator[Seal]:
        items = self.table.query_all(
            "#pk = :pk AND #sk >= :first", pk=seals_partition(shard), first=place_of_seal(first)
        )
        return (unpack(Seal, item) for item in items)

    def list_leaves(self, shard: int, day: str) -> Iterator[tuple[int, list[Leaf]]]:
        return ((item["number"], read_leaves(item)) for item in self.query_leaves(shard, day))

    def note_late(self, now: datetime, at: datetime) -> None:
        pk, sk = late_span_key(now, span_of(mark_at(at)))
        ttl = int((now + timedelta(days=NOTE_DAYS)).timestamp())
        self.table.try_write(put_new({"pk": pk, "sk": sk, "ttl": ttl}))

    def list_late(self, after: str, until: datetime) -> list[LateNote]:
        items, _ = self.table.query(
            "#pk = :pk AND #sk BETWEEN :after AND :until",
            pk=late_partition(day_of(after)), after=after, until=span_of(mark_at(until)),
        )  # fmt: skip
        return [read_note(item["sk"]) for item in items if item["sk"] != after]

    def get_last_root(self) -> tuple[DayRoot, bool] | None:
        items, _ = self.table.query("#pk = :pk", descending=True, limit=1, pk=DAY_ROOTS)
        return (unpack(DayRoot, items[0]), bool(items[0].get("stored"))) if items else None

    def add_root(self, root: DayRoot) -> bool:
        pk, sk = day_root_key(root.day)
        return self.table.try_write(put_new({**pack(root), "pk": pk, "sk": sk}))

    def note_stored(self, root: DayRoot) -> None:
        self.table.write(
            update(day_root_key(root.day), "SET #stored = :yes", "attribute_exists(#pk)", yes=True)
        )

    def list_roots(self, first: str, last: str) -> Iterator[DayRoot]:
        items = self.table.query_all(
            "#pk = :pk AND #sk BETWEEN :first AND :last", pk=DAY_ROOTS, first=first, last=last
        )
        return (unpack(DayRoot, item) for item in items)


def replace_head(before: SealHead, after: SealHead) -> Write:
    """The shard's head in the place of the one that was read; a shard has none before its first."""
    pk, sk = seal_head_key(after.shard)
    item = {**pack(after), "pk": pk, "sk": sk}
    return put(item, "#revision = :seen", seen=before.revision) if before.revision else put_new(item)


def write_seal(seal: Seal, leaves: Sequence[Leaf]) -> list[Write]:
    pk, sk = seal_key(seal.shard, seal.number)
    chained = put_new({**pack(seal), "pk": pk, "sk": sk})
    pk, sk = leaves_key(seal.span, seal.shard, seal.number)
    hashes = "".join(leaf.hash.hex() for leaf in leaves)
    marks = [leaf.mark for leaf in leaves]
    return [chained, put_new({"pk": pk, "sk": sk, "number": seal.number, "marks": marks, "hashes": hashes})]


def read_leaves(item: Item) -> list[Leaf]:
    hashes = item["hashes"]
    return [
        Leaf(mark, bytes.fromhex(hashes[place * HEX_CHARACTERS : (place + 1) * HEX_CHARACTERS]))
        for place, mark in enumerate(item["marks"])
    ]


def read_note(place: str) -> LateNote:
    minute, _, span = place.partition("#")
    return LateNote(place, span, datetime.fromisoformat(minute).replace(tzinfo=UTC))
