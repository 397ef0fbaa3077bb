"""Counters: what a person has stored, and what everyone has, moved in the transaction of what they count.

Everyone's totals are spread over several items, so that two people's transactions rarely meet on one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from portal.aws.client.codec import unpack
from portal.aws.client.keys import SHARDS, TOTALS_KEYS
from portal.aws.client.writes import Item, Key, Write, update
from portal.domain.people.person import Totals


def add_to_totals(thing: str, **counts: int) -> Write:
    """Move the totals on the shard of the thing that is counted."""
    shard = hashlib.sha256(thing.encode()).digest()[0] % SHARDS
    return add_counts(TOTALS_KEYS[shard], counts)


def add_counts(key: Key, counts: Mapping[str, Any]) -> Write:
    return update(key, "ADD " + ", ".join(f"#{name} :{name}" for name in counts), **counts)


def sum_totals(shards: Iterable[Item | None]) -> Totals:
    """What everyone has, out of all shards; one that is not there counts as nothing."""
    known = [unpack(Totals, each) for each in shards if each]
    names = ("people", "files", "bytes", "shares", "downloads")
    return Totals(**{name: sum(getattr(each, name) for each in known) for name in names})
