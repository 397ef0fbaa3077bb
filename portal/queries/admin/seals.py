"""Reading the audit log's seals: the proof that a record is sealed, and what an export is checked by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.domain.audit.chain import describe_head, describe_leaves, describe_range, describe_seal
from portal.domain.audit.marks import read_from_address
from portal.domain.audit.proof import InclusionProof, prove
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.seals import DayRoot, Leaf, SealHead, day_of, mark_at, time_of
from portal.domain.errors import N_, Invalid, NotFound
from portal.engine.services import Services

DAYS_SHOWN = 31
MAX_DOWNLOAD_BYTES = 4 * 1024 * 1024  # a function's answer may have 6 MB (Lambda quotas)


def find_proof(record: AuditRecord, services: Services) -> InclusionProof | None:
    """The proof that a record of the log is in a seal; None where it is not sealed yet."""
    found = services.seals.find_seal(record.mark)
    return prove(record, *found) if found else None


def get_record_proof(address: str, services: Services) -> InclusionProof:
    """Of the record whose mark is written so in a web address. Raises NotFound, too where it is not sealed
    yet.
    """
    mark = read_from_address(address)
    record = services.audit.get(mark) if mark else None
    proof = find_proof(record, services) if record else None
    if proof is None:
        raise NotFound()
    return proof


@dataclass(frozen=True)
class Sealing:
    """How far the log is sealed, and the last days' roots, newest first. sealed_to: up to here every shard is
    sealed.
    """

    heads: tuple[SealHead, ...]
    roots: tuple[DayRoot, ...]

    @property
    def sealed_to(self) -> datetime | None:
        return min((time_of(each.read_to) for each in self.heads), default=None)

    @property
    def last_at(self) -> datetime | None:
        return max((each.last_at for each in self.heads if each.last_at), default=None)


def get_sealing(now: datetime, services: Services) -> Sealing:
    first, last = now - timedelta(days=DAYS_SHOWN), now
    roots = services.seals.list_roots(day_of(mark_at(first)), day_of(mark_at(last)))
    return Sealing(tuple(services.seals.list_heads()), tuple(reversed(list(roots))))


def find_root(day: str, services: Services) -> DayRoot:
    """Raises NotFound."""
    root = next(services.seals.list_roots(day, day), None)
    if root is None:
        raise NotFound()
    return root


def list_seal_lines(first: date, last: date, services: Services) -> Iterator[dict[str, Any]]:
    """The lines that an export of these days (UTC) is checked by. To be read before the records: whatever
    these lines say is sealed, is in the log by then.
    """
    yield describe_range(first.isoformat(), last.isoformat())
    heads = services.seals.list_heads()
    root = next(services.seals.list_roots(last.isoformat(), last.isoformat()), None)
    for head in heads:
        closed_by = root.shards[head.shard].number if root else head.number
        numbers = [closed_by] if closed_by else []
        for number, leaves in list_leaves(head, first, last, services):
            numbers.append(number)
            yield describe_leaves(head.shard, number, leaves)
        yield from list_chain(head, numbers, services)


def write_seal_lines(first: date, last: date, services: Services) -> str:
    """The same as one text. Raises Invalid where that is more than an answer of the portal can carry."""
    lines, size = list[str](), 0
    for each in list_seal_lines(first, last, services):
        lines.append(json.dumps(each, separators=(",", ":")) + "\n")
        size += len(lines[-1])
        if size > MAX_DOWNLOAD_BYTES:
            raise Invalid(N_("These days have too many seals for one download. Choose fewer days."))
    return "".join(lines)


def list_leaves(
    head: SealHead, first: date, last: date, services: Services
) -> Iterator[tuple[int, list[Leaf]]]:
    """Those of the seals that the head knows of."""
    for day in list_days(first, last):
        for number, leaves in services.seals.list_leaves(head.shard, day.isoformat()):
            if number <= head.number:
                yield number, leaves


def list_chain(head: SealHead, numbers: Sequence[int], services: Services) -> Iterator[dict[str, Any]]:
    """The shard's seals of these numbers, and those between, so that the chain has no gap."""
    seal = None
    for seal in services.seals.list_seals(head.shard, min(numbers)) if numbers else ():
        yield describe_seal(seal)
        if seal.number == max(numbers):
            break
    yield describe_head(head, seal)


def list_days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=place) for place in range((last - first).days + 1))
