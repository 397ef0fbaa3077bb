"""What sealing the audit log is handed. See `portal.domain.audit.seals` for the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.seals import DayRoot, LateNote, Leaf, Seal, SealHead
from portal.domain.usage.figures import UsageChanges


class Seals(Protocol):
    """The seals of the audit log, one chain a shard."""

    def list_heads(self) -> list[SealHead]:
        """Of the shards whose sealing has begun, in order: read_to says up to which mark a shard is sealed,
        last_at when its last seal was made.
        """

    def append(
        self, before: SealHead, after: SealHead, seal: Seal, leaves: Sequence[Leaf], usage: UsageChanges
    ) -> bool:
        """A seal with its leaves, the shard's new head and what its records add to the counters, in one
        transaction; False where the head is not the one that was read, so that somebody else went on from it.
        """

    def move(self, before: SealHead, after: SealHead) -> bool:
        """Note how far the log was read; False where the head is not the one that was read."""

    def get_leaves(self, shard: int, span: str) -> dict[str, bytes]:
        """The hashes of a span's records that are sealed, by their marks."""

    def find_sealed_span(self, shard: int, position: str) -> str | None:
        """The first span of the position's day, from there on, of which something is sealed."""

    def find_seal(self, mark: str) -> tuple[Seal, list[Leaf]] | None:
        """The seal that has the record of this mark, with all its leaves; None where it is not sealed yet."""

    def list_seals(self, shard: int, first: int = 1) -> Iterator[Seal]:
        """A shard's chain from a number on."""

    def list_leaves(self, shard: int, day: str) -> Iterator[tuple[int, list[Leaf]]]:
        """The leaves of a day's records, by the numbers of their seals."""

    def note_late(self, now: datetime, at: datetime) -> None:
        """Say, before it is written, that a record of an earlier time is about to be; so that its minute is
        looked at once more.
        """

    def list_late(self, after: str, until: datetime) -> list[LateNote]:
        """Notes of one day after a place, oldest first, that were made before a time."""

    def get_last_root(self) -> tuple[DayRoot, bool] | None:
        """The root of the last day that was closed, and whether it is stored outside the table."""

    def add_root(self, root: DayRoot) -> bool:
        """Close a day; False where somebody else did."""

    def note_stored(self, root: DayRoot) -> None: ...
    def list_roots(self, first: str, last: str) -> Iterator[DayRoot]:
        """The roots of these days (as 2026-02-03), both included."""


class RootStore(Protocol):
    """Where the days' roots are kept out of the reach of who can write the table."""

    def store(self, root: DayRoot) -> None:
        """Write a day's root, once; safe to repeat."""
