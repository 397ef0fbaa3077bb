"""The keys and lists of what administrators find of everyone's; the others are in keys.py, which these belong
to.

Everyone's files and shares are lists of small items that are written with the thing itself, in two
partitions, so that a busy day's writes do not all meet in one; readers merge them.
"""

from __future__ import annotations

import hashlib

from portal.aws.client.keys import person_partition, share_partition
from portal.aws.client.writes import Key

SHARDS = 2  # each one takes a thousand writes a second, and costs each page a query


def shard_of(thing_id: str) -> int:
    return hashlib.sha256(thing_id.encode()).digest()[0] % SHARDS


def person_address_key(person_id: str) -> Key:
    return person_partition(person_id), "ADDRESS"


def handover_key(person_id: str) -> Key:
    return person_partition(person_id), "HANDOVER"


def share_title_key(share_id: str) -> Key:
    """Behind the share and its recipients, which one query reads without it."""
    return share_partition(share_id), "TITLE"


def hold_key(hold_id: str) -> Key:
    return f"HOLD#{hold_id}", "HOLD"


def held_key(thing_id: str) -> Key:
    """Of a file, a share or a person: which holds are in force on it."""
    return f"HELD#{thing_id}", "HELD"


def holds_list(state: str) -> str:
    return f"HOLDS#{state}"


def every_file_list(state: str, shard: int) -> str:
    return f"EVERYONE#FILES#{state}#{shard}"


def every_share_list(state: str, shard: int) -> str:
    return f"EVERYONE#SHARES#{state}#{shard}"


def people_list(order: str) -> str:
    return f"EVERYONE#PEOPLE#{order}"


def service_accounts_key() -> Key:
    """One item for all of them, so that a condition can bound how many there are."""
    return "SERVICE-ACCOUNTS", "SERVICE-ACCOUNTS"


def administrators_key() -> Key:
    """One item for all of them, so that a condition can name them."""
    return "ADMINISTRATORS", "ADMINISTRATORS"
