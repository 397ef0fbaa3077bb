"""Checking an export of the audit log against its seals, and these against the days' roots.

A record is what its seal says, or it was changed, removed, added or moved; the first one is named. Without a
day's root a whole log can be replaced by another with seals of its own: only what is kept under Object Lock
says that these are the seals that were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.domain.audit.canonical import hash_record
from portal.domain.audit.chain import Chain

Described = Mapping[str, Any]


class Tampering(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    MOVED = "moved"


@dataclass(frozen=True)
class Finding:
    """What is wrong with the record of this mark; other: the mark that it was moved from or to."""

    kind: Tampering
    mark: str
    other: str = ""
    seal: str = ""
    action: str = ""


@dataclass
class Comparison:
    """A log beside its seals. not_sealed: records so new that no seal can have them yet."""

    records: int = 0
    sealed: int = 0
    not_sealed: int = 0
    repeated: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    @property
    def marks(self) -> set[str]:
        return self.changed | self.added | self.removed | set(self.repeated)


def find_tampering(
    read: Callable[[], Iterable[Described]], chain: Chain
) -> tuple[Comparison, Finding | None]:
    """What was compared, and the first record in the order of the log that is not as it was sealed.

    read: gives the log's records from the first one each time, since a log need not fit into memory.
    """
    comparison = compare(read(), chain)
    if not comparison.marks:
        return comparison, None
    odd = [each for each in read() if mark_of(each) in comparison.marks]
    return comparison, describe_first(comparison, odd, chain)


def compare(records: Iterable[Described], chain: Chain) -> Comparison:
    found, seen = Comparison(), set[str]()
    for each in records:
        mark, leaf = mark_of(each), hash_record(each)
        found.records += 1
        if mark in seen:
            found.repeated.append(mark)
            continue
        seen.add(mark)
        sealed = chain.leaves.get(mark)
        if sealed is None:
            is_new = bool(chain.read_to) and mark > chain.read_to
            found.not_sealed += is_new
            found.added |= set() if is_new else {mark}
        elif sealed == leaf:
            found.sealed += 1
        else:
            found.changed.add(mark)
    found.removed = {mark for mark in chain.leaves if mark not in seen}
    return found


def describe_first(comparison: Comparison, odd: Sequence[Described], chain: Chain) -> Finding:
    """The odd records are those whose marks are in the comparison; those removed are not among them."""
    first = min(comparison.marks)
    here = [each for each in odd if mark_of(each) == first]
    action = str(here[0].get("action", "")) if here else ""
    seal = chain.seal_of.get(first, "")
    other = find_other_place(first, comparison, odd, chain)
    if other:
        return Finding(Tampering.MOVED, first, other, seal, action)
    if first in comparison.removed:
        return Finding(Tampering.REMOVED, first, seal=seal)
    kind = Tampering.CHANGED if first in comparison.changed else Tampering.ADDED
    return Finding(kind, first, seal=seal, action=action)


def find_other_place(first: str, comparison: Comparison, odd: Sequence[Described], chain: Chain) -> str:
    """The mark under which the record at this mark was sealed, or the mark at which the record that was
    sealed under this one stands now; empty where it was not moved.
    """
    empty = sorted(comparison.removed | comparison.changed)
    for each in odd:
        mark = mark_of(each)
        places = empty if mark == first else [first] if first in chain.leaves else []
        for place in places:
            if place != mark and hash_record({**each, "mark": place}) == chain.leaves[place]:
                return place if mark == first else mark
            if place != mark and hash_record(place_at(each, place)) == chain.leaves[place]:
                return place if mark == first else mark
    return ""


def place_at(described: Described, mark: str) -> Described:
    """The record as it would be had it happened at this mark's time."""
    return {**described, "mark": mark, "at": mark.partition("#")[0]}


def mark_of(described: Described) -> str:
    mark = described.get("mark")
    if not isinstance(mark, str) or not mark:
        raise ValueError("a record without a mark")
    return mark


def iterate_records(lines: Iterable[Described]) -> Iterator[Described]:
    """The records among an export's lines: those of another kind say so."""
    return (each for each in lines if each.get("kind", "record") == "record")
