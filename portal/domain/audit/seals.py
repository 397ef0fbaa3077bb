"""Seals: what makes a change of the audit log show.

A seal takes records of one shard and of one minute (its span), as a Merkle tree over their hashes, and
names the seal before it by its hash: each shard has one chain. A record that comes late goes into the shard's
next seal. Once a day is over, the day's root names the last seal of each shard, and so all seals before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from portal.domain.audit.canonical import describe_record, hash_canonical, hash_record, to_plain
from portal.domain.audit.merkle import merkle_root
from portal.domain.audit.record import AuditRecord

SEAL, DAY = "portal audit seal 1", "portal audit day 1"
SPAN_CHARACTERS = len("2026-11-29T10:31")  # the start of a mark that all records of a minute share
SPAN = timedelta(minutes=1)
# An item of the table holds 400 KB; a leaf takes a mark of 52 characters and a hash of 64.
MAX_LEAVES = 2000

# A request ends within 25 seconds, and stamps its records when it begins: after two minutes nothing of it is
# still to come, even where clocks differ by a minute.
SETTLING = timedelta(minutes=2)
# For what took longer all the same, such as a write that was tried again while the table was not there.
SECOND_LOOK = timedelta(minutes=15)
THIRD_LOOK = timedelta(hours=1)  # behind the end of the day


@dataclass(frozen=True)
class Leaf:
    mark: str
    hash: bytes


@dataclass(frozen=True)
class Seal:
    """One link of a shard's chain. previous: the hash of the seal before, empty for the first; hashes and the
    root are hexadecimal; from_mark and to_mark: of its first and last record.
    """

    shard: int
    number: int
    span: str
    count: int
    root: str
    previous: str
    from_mark: str
    to_mark: str
    sealed_at: datetime

    @property
    def hash(self) -> str:
        return hash_canonical(SEAL, self.describe())

    def describe(self) -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain


@dataclass(frozen=True)
class SealHead:
    """Where sealing a shard has come to: its last seal, and how far the log was read once, a second and a
    third time, each as a text that sorts among marks; late_to: the same for notes of late records; last_at:
    when its last seal was made; began: the first day that is sealed. revision counts its changes, so that of
    two workers only one goes on from it.
    """

    shard: int
    number: int
    hash: str
    read_to: str
    again_to: str
    day_to: str
    late_to: str
    began: str
    last_at: datetime | None = None
    revision: int = 0


@dataclass(frozen=True)
class LateNote:
    """That records of a span were about to be written late. place: what notes are in order by."""

    place: str
    span: str
    noted_at: datetime


@dataclass(frozen=True)
class ShardEnd:
    """A shard's last seal when a day was closed."""

    shard: int
    number: int
    hash: str


@dataclass(frozen=True)
class DayRoot:
    """What is kept where nobody can change it: the last seal of each shard once a day is over. previous: the
    hash of the day's root before.
    """

    day: str
    shards: tuple[ShardEnd, ...]
    root: str
    previous: str
    made_at: datetime

    @property
    def hash(self) -> str:
        return hash_canonical(DAY, self.describe())

    def describe(self) -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain


def begin_shard(shard: int, heads: Iterable[SealHead], now: datetime) -> SealHead:
    """Where sealing a shard begins: where the others have, or else with the day before, so that nothing is
    left out of a log as old as its seals.
    """
    start = min([each.began for each in heads], default=day_of(mark_at(now - timedelta(days=1))))
    return SealHead(shard, 0, "", start, start, start, start, began=start)


def mark_at(at: datetime) -> str:
    """Before every mark of this moment, and behind all before it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(mark: str) -> datetime:
    return datetime.fromisoformat(mark.partition("#")[0]).replace(tzinfo=UTC)


def day_of(mark: str) -> str:
    return mark[:10]


def span_of(mark: str) -> str:
    return mark[:SPAN_CHARACTERS]


def start_of_span(span: str) -> datetime:
    return datetime.fromisoformat(span).replace(tzinfo=UTC)


def next_span(span: str) -> str:
    return span_of(mark_at(start_of_span(span) + SPAN))


def next_day(day: str) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()


def make_leaf(record: AuditRecord) -> Leaf:
    return Leaf(record.mark, hash_record(describe_record(record)))


def split_for_seals(records: Iterable[AuditRecord]) -> Iterator[list[AuditRecord]]:
    """Records in order of their marks, as seals take them: those of a span, at most so many at once."""
    for _, together in groupby(records, key=lambda each: span_of(each.mark)):
        while some := list(islice(together, MAX_LEAVES)):
            yield some


def make_seal(head: SealHead, leaves: Sequence[Leaf], now: datetime) -> Seal:
    """The seal that follows the head's, over leaves of one span in the order of their marks."""
    marks = [each.mark for each in leaves]
    if not marks or marks != sorted(set(marks)) or span_of(marks[0]) != span_of(marks[-1]):
        raise ValueError("a seal takes records of one span, each once and in order")
    return Seal(
        shard=head.shard,
        number=head.number + 1,
        span=span_of(marks[0]),
        count=len(leaves),
        root=merkle_root([each.hash for each in leaves]).hex(),
        previous=head.hash,
        from_mark=marks[0],
        to_mark=marks[-1],
        sealed_at=now,
    )


def next_to_close(heads: Sequence[SealHead], last: str | None) -> str | None:
    """The day that is to be closed after the last one; None where not all shards have come to its end."""
    day = next_day(last) if last else min(each.began for each in heads)
    return day if next_day(day) <= min(each.day_to for each in heads) else None


def close_day(day: str, heads: Sequence[SealHead], previous: str, now: datetime) -> DayRoot:
    """A day's root over the chains of all shards."""
    ends = tuple(ShardEnd(each.shard, each.number, each.hash) for each in heads)
    return DayRoot(day, ends, root_of_ends(ends), previous, now)


def root_of_ends(ends: Sequence[ShardEnd]) -> str:
    return merkle_root([hash_record(to_plain(each)) for each in ends]).hex()


def read_seal(described: Mapping[str, Any]) -> Seal:
    """A seal from what `describe` made of it. Raises KeyError or ValueError for what none is."""
    numbers = {name: read_number(described[name]) for name in ("shard", "number", "count")}
    texts = {
        name: read_text(described[name]) for name in ("span", "root", "previous", "from_mark", "to_mark")
    }
    return Seal(**numbers, **texts, sealed_at=read_time(described["sealed_at"]))  # type: ignore[arg-type]


def read_day_root(described: Mapping[str, Any]) -> DayRoot:
    """A day's root from what `describe` made of it. Raises KeyError or ValueError for what none is."""
    shards = described["shards"]
    if not isinstance(shards, list) or not all(isinstance(each, Mapping) for each in shards):
        raise ValueError("shards")
    ends = tuple(
        ShardEnd(read_number(each["shard"]), read_number(each["number"]), read_text(each["hash"]))
        for each in shards
    )
    day, root, previous = (read_text(described[name]) for name in ("day", "root", "previous"))
    return DayRoot(day, ends, root, previous, read_time(described["made_at"]))


def read_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no number")
    return value


def read_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def read_time(value: object) -> datetime:
    at = datetime.fromisoformat(read_text(value))
    if at.tzinfo is None:
        raise ValueError(f"{value!r} names no time zone")
    return at
