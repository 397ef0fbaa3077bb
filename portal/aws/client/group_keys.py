"""The keys of recipient groups: a person's own in the person's partition, the organisation's in one of
theirs.
"""

from __future__ import annotations

import hashlib

from portal.aws.client.keys import person_partition
from portal.aws.client.writes import Key
from portal.domain.contacts.recipient_groups import ORGANISATION


def groups_partition(owner_id: str) -> str:
    return "ORGANISATION" if owner_id == ORGANISATION else person_partition(owner_id)


def group_key(owner_id: str, group_id: str) -> Key:
    return groups_partition(owner_id), f"GROUP#{group_id}"


def group_name_key(owner_id: str, name: str) -> Key:
    """DynamoDB has no unique attribute but the key, so a name that must be unique is one."""
    return groups_partition(owner_id), "GROUPNAME#" + hashlib.sha256(name.encode()).hexdigest()


def group_count_key(owner_id: str) -> Key:
    return groups_partition(owner_id), "GROUPS"
