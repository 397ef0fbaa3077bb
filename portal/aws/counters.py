"""Counters: what a person has stored, and what everybody has, moved in the transaction of what they count.

Everybody's totals are spread over several items, so that two people's transactions rarely meet on one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from portal.aws.table import Key, Write, update

SHARDS = 16
TOTALS_KEYS: tuple[Key, ...] = tuple((f"TOTALS#{shard}", "TOTALS") for shard in range(SHARDS))


def usage_key(person_id: str) -> Key:
    return f"PERSON#{person_id}", "USAGE"


def totals(thing: str, **counts: int) -> Write:
    """Move the totals on the shard of the thing that is counted."""
    shard = hashlib.sha256(thing.encode()).digest()[0] % SHARDS
    return added(TOTALS_KEYS[shard], counts)


def added(key: Key, counts: Mapping[str, Any]) -> Write:
    return update(key, "ADD " + ", ".join(f"#{name} :{name}" for name in counts), **counts)
