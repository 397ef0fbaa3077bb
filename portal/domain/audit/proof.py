"""The proof that one record is in the log's seals: short, and checked without the rest of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain.audit.canonical import describe_record, hash_record
from portal.domain.audit.merkle import inclusion_path, proves_inclusion
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.seals import Leaf, Seal, read_number, read_seal, read_text


@dataclass(frozen=True)
class InclusionProof:
    """record: as exports describe it; index: its place among the seal's records; path: the hashes from its
    own up to the seal's root.
    """

    record: Mapping[str, Any]
    seal: Seal
    index: int
    path: tuple[bytes, ...]

    @property
    def holds(self) -> bool:
        """Whether the record is the one that was sealed."""
        leaf, root = hash_record(self.record), bytes.fromhex(self.seal.root)
        return proves_inclusion(leaf, self.index, self.seal.count, self.path, root)

    def describe(self) -> dict[str, Any]:
        return {
            "record": self.record, "seal": self.seal.describe(), "seal_hash": self.seal.hash,
            "index": self.index, "path": [each.hex() for each in self.path],
        }  # fmt: skip


def prove(record: AuditRecord, seal: Seal, leaves: Sequence[Leaf]) -> InclusionProof:
    """The proof out of a seal that has the record's mark among its leaves; it does not hold where the record
    is another one now. Raises ValueError where the mark is not there.
    """
    index = [each.mark for each in leaves].index(record.mark)
    path = inclusion_path([each.hash for each in leaves], index)
    return InclusionProof(describe_record(record), seal, index, tuple(path))


def read_proof(described: Mapping[str, Any]) -> InclusionProof:
    """A proof from what `describe` made of it. Raises KeyError, TypeError or ValueError for what none is."""
    path = tuple(bytes.fromhex(read_text(each)) for each in described["path"])
    record = described["record"]
    if not isinstance(record, Mapping):
        raise TypeError("record")
    return InclusionProof(record, read_seal(described["seal"]), read_number(described["index"]), path)
