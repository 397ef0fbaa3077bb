"""Reading the audit log's seals: the proof that a record is sealed, and what an export is checked by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from portal.domain.audit.chain import describe_head, describe_leaves, describe_range, describe_seal
from portal.domain.audit.proof import InclusionProof, prove
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.seals import Leaf, SealHead
from portal.engine.services import Services


def find_proof(record: AuditRecord, services: Services) -> InclusionProof | None:
    """The proof that a record of the log is in a seal; None where it is not sealed yet."""
    found = services.seals.find_seal(record.mark)
    return prove(record, *found) if found else None


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
