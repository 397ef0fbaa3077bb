"""The chains of seals out of an export, checked link by link, and against the days' roots where there are
any.

The lines of an export, by their kind: "range" says of which days it has the records; "seal" holds a seal as
`Seal.describe` gives it, of these days and what stands between them in the chain; "leaves" the marks and
hashes of a seal's records; "head" names the last of a shard's seals, and how far the shard was sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from portal.domain.audit.merkle import merkle_root
from portal.domain.audit.seals import (
    DayRoot,
    Leaf,
    Seal,
    SealHead,
    day_of,
    next_day,
    read_day_root,
    read_number,
    read_seal,
    read_text,
    root_of_ends,
    span_of,
)

Described = Mapping[str, Any]


class Break(StrEnum):
    """What is wrong with a chain. Its words for people are in `portal.verify_audit`."""

    MALFORMED = "malformed"
    REPEATED = "repeated"
    MISSING = "missing"
    NOT_LINKED = "not_linked"
    OTHER_LEAVES = "other_leaves"
    NO_LEAVES = "no_leaves"
    OTHER_HEAD = "other_head"
    ROOT_CHANGED = "root_changed"
    OTHER_ROOT = "other_root"


@dataclass(frozen=True)
class ChainFinding:
    kind: Break
    shard: int = 0
    number: int = 0
    day: str = ""


@dataclass
class Chain:
    """What the seals say. listed: the leaves of seals, by shard and number; leaves: the hash of each sealed
    record, by its mark; seal_of: its seal as "<shard>/<number>"; days: first and last of which there must be
    leaves, empty for all; read_to: up to here every shard was sealed; findings: what is wrong with the seals.
    """

    seals: dict[int, dict[int, Seal]] = field(default_factory=dict)
    listed: dict[tuple[int, int], list[Leaf]] = field(default_factory=dict)
    leaves: dict[str, bytes] = field(default_factory=dict)
    seal_of: dict[str, str] = field(default_factory=dict)
    days: tuple[str, str] | None = None
    read_to: str = ""
    findings: list[ChainFinding] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(map(len, self.seals.values()))


def describe_range(first: str, last: str) -> dict[str, Any]:
    return {"kind": "range", "first": first, "last": last}


def describe_seal(seal: Seal) -> dict[str, Any]:
    return {"kind": "seal", **seal.describe()}


def describe_leaves(shard: int, number: int, leaves: Sequence[Leaf]) -> dict[str, Any]:
    listed = [[each.mark, each.hash.hex()] for each in leaves]
    return {"kind": "leaves", "shard": shard, "number": number, "leaves": listed}


def describe_head(head: SealHead, last: Seal | None) -> dict[str, Any]:
    """last: of the seals of its shard that the export has."""
    end = {"number": last.number if last else 0, "hash": last.hash if last else ""}
    return {"kind": "head", "shard": head.shard, **end, "read_to": head.read_to}


def read_chain(lines: Iterable[Described], roots: Iterable[Described] = ()) -> Chain:
    """The chains of an export; lines of other kinds are passed over."""
    chain, heads = Chain(), list[Described]()
    for line in lines:
        try:
            if line.get("kind") == "head":
                heads.append(line)
            elif line.get("kind") in READERS:
                READERS[line["kind"]](line, chain)
        except (KeyError, TypeError, ValueError):
            chain.findings.append(ChainFinding(Break.MALFORMED))
    chain.findings += [each for shard in sorted(chain.seals) for each in check_links(chain.seals[shard])]
    chain.findings += check_leaves(chain)
    chain.findings += check_heads(heads, chain)
    chain.findings += check_roots(roots, chain)
    return chain


def add_range(line: Described, chain: Chain) -> None:
    chain.days = read_text(line["first"]), read_text(line["last"])


def add_seal(line: Described, chain: Chain) -> None:
    seal = read_seal(line)
    of_shard = chain.seals.setdefault(seal.shard, {})
    if seal.number in of_shard:
        chain.findings.append(ChainFinding(Break.REPEATED, seal.shard, seal.number))
    of_shard.setdefault(seal.number, seal)


def add_leaves(line: Described, chain: Chain) -> None:
    place = read_number(line["shard"]), read_number(line["number"])
    leaves = [Leaf(read_text(mark), bytes.fromhex(hashed)) for mark, hashed in line["leaves"]]
    if place in chain.listed or any(each.mark in chain.leaves for each in leaves):
        chain.findings.append(ChainFinding(Break.OTHER_LEAVES, *place))
    chain.listed[place] = leaves
    for each in leaves:
        chain.leaves[each.mark] = each.hash
        chain.seal_of[each.mark] = f"{place[0]}/{place[1]}"


READERS: Mapping[str, Callable[[Described, Chain], None]] = {
    "range": add_range,
    "seal": add_seal,
    "leaves": add_leaves,
}


def check_leaves(chain: Chain) -> Iterator[ChainFinding]:
    """Whether each list of leaves belongs to its seal, and each seal of the days has its list."""
    for (shard, number), leaves in sorted(chain.listed.items()):
        seal = chain.seals.get(shard, {}).get(number)
        if seal is None:
            yield ChainFinding(Break.MISSING, shard, number)
        elif not fits(seal, leaves):
            yield ChainFinding(Break.OTHER_LEAVES, shard, number)
    for seals in chain.seals.values():
        for seal in seals.values():
            is_wanted = chain.days is None or chain.days[0] <= day_of(seal.span) <= chain.days[1]
            if is_wanted and (seal.shard, seal.number) not in chain.listed:
                yield ChainFinding(Break.NO_LEAVES, seal.shard, seal.number)


def fits(seal: Seal, leaves: Sequence[Leaf]) -> bool:
    """Whether these are the leaves that the seal was made over."""
    marks = [each.mark for each in leaves]
    return (
        bool(marks)
        and marks == sorted(set(marks))
        and (len(marks), marks[0], marks[-1]) == (seal.count, seal.from_mark, seal.to_mark)
        and {span_of(mark) for mark in marks} == {seal.span}
        and merkle_root([each.hash for each in leaves]).hex() == seal.root
    )


def check_links(seals: Mapping[int, Seal]) -> Iterator[ChainFinding]:
    """A shard's chain from its first seal here to its last."""
    for before, after in pairwise(sorted(seals)):
        if after != before + 1:
            yield ChainFinding(Break.MISSING, seals[after].shard, before + 1)
        elif seals[after].previous != seals[before].hash:
            yield ChainFinding(Break.NOT_LINKED, seals[after].shard, before)
    first = seals[min(seals)]
    if first.number <= 1 and (first.previous or first.number < 1):
        yield ChainFinding(Break.NOT_LINKED, first.shard, first.number)


def check_heads(heads: Iterable[Described], chain: Chain) -> Iterator[ChainFinding]:
    """Whether each chain ends where its head says; notes up to where all of them had come."""
    positions = []
    for line in heads:
        try:
            shard, number = read_number(line["shard"]), read_number(line["number"])
            hashed, read_to = read_text(line["hash"]), read_text(line["read_to"])
        except (KeyError, ValueError):
            yield ChainFinding(Break.MALFORMED)
            continue
        positions.append(read_to)
        yield from check_end(ChainFinding(Break.OTHER_HEAD, shard, number), hashed, chain)
    ends = [max(each.to_mark for each in seals.values()) for seals in chain.seals.values()]
    chain.read_to = min(positions or ends, default="")


def check_end(wrong: ChainFinding, hashed: str, chain: Chain) -> Iterator[ChainFinding]:
    """Whether the chain has this seal, with this hash; one before its first seal here is not asked for, such
    as the seal 0 of a shard that has none.
    """
    seals = chain.seals.get(wrong.shard, {})
    if wrong.number in seals:
        if seals[wrong.number].hash != hashed:
            yield wrong
    elif seals and wrong.number > min(seals):
        yield ChainFinding(Break.MISSING, wrong.shard, wrong.number, wrong.day)


def check_roots(roots: Iterable[Described], chain: Chain) -> Iterator[ChainFinding]:
    days = list[DayRoot]()
    for described in roots:
        try:
            days.append(read_day_root(described))
        except (KeyError, ValueError):
            yield ChainFinding(Break.MALFORMED)
    days.sort(key=lambda each: each.day)
    for before, after in pairwise(days):
        if after.day == next_day(before.day) and after.previous != before.hash:
            yield ChainFinding(Break.ROOT_CHANGED, day=before.day)
    for each in days:
        yield from check_root(each, chain)


def check_root(root: DayRoot, chain: Chain) -> Iterator[ChainFinding]:
    if root_of_ends(root.shards) != root.root:
        yield ChainFinding(Break.ROOT_CHANGED, day=root.day)
    for end in root.shards:
        wrong = ChainFinding(Break.OTHER_ROOT, end.shard, end.number, root.day)
        yield from check_end(wrong, end.hash, chain)
