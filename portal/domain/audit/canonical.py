"""The bytes that stand for an audit record, a seal or a day's root: the same whoever computes them, and
when.

JSON with sorted keys, no blanks, and ASCII only, behind a line that says what it is. What is empty is left
out, so that a field which a later version adds changes nothing of the records before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from portal.domain.audit.merkle import hash_leaf
from portal.domain.audit.record import AuditRecord

RECORD = "portal audit record 1"
NOT_SEALED = {"once", "trust"}  # what a record is written under, and no part of what it tells
EMPTY: tuple[Any, ...] = (None, "", {}, [])


def describe_record(record: AuditRecord) -> dict[str, Any]:
    """A record of the log as exports write it and seals hash it: its mark, and every field that is not empty,
    as JSON has them.
    """
    told = {each.name: getattr(record, each.name) for each in fields(record) if each.name not in NOT_SEALED}
    plain: dict[str, Any] = drop_empty(to_plain(told))
    return plain


def to_plain(value: Any) -> Any:
    """Maps, lists and texts; times in UTC to the microsecond."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(each) for each in value]
    if is_dataclass(value):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    return value


def drop_empty(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: drop_empty(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each not in EMPTY}
    return [drop_empty(each) for each in value] if isinstance(value, list) else value


def canonical_bytes(kind: str, value: Mapping[str, Any]) -> bytes:
    text = json.dumps(drop_empty(value), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"{kind}\n{text}".encode()


def hash_record(described: Mapping[str, Any]) -> bytes:
    """A record's leaf in the tree of its seal, from what `describe_record` or a line of an export says."""
    return hash_leaf(canonical_bytes(RECORD, described))


def hash_canonical(kind: str, value: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_bytes(kind, value)).hexdigest()
