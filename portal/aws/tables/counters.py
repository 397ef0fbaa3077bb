"""Counters: what a person has stored, and what everyone has, moved in the transaction of what they count.

Everyone's totals are spread over several items, so that two people's transactions rarely meet on one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from portal.aws.client.keys import SHARDS, TOTALS_KEYS
from portal.aws.client.writes import Key, Write, update


def add_to_totals(thing: str, **counts: int) -> Write:
    """Move the totals on the shard of the thing that is counted."""
    shard = hashlib.sha256(thing.encode()).digest()[0] % SHARDS
    return add_counts(TOTALS_KEYS[shard], counts)


def add_counts(key: Key, counts: Mapping[str, Any]) -> Write:
    return update(key, "ADD " + ", ".join(f"#{name} :{name}" for name in counts), **counts)
