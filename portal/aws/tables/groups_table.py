"""Recipient groups in the table: under a person, or apart for the organisation's, with an item that holds
each name and one that counts.

DynamoDB has no unique attribute but the key, so a name is a key of its own ("Building unique constraints with
DynamoDB", AWS Database Blog).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from portal.aws.client.codec import pack, unpack
from portal.aws.client.group_keys import group_count_key, group_key, group_name_key, groups_partition
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, delete, put, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.domain.audit.record import AuditRecord
from portal.domain.contacts.recipient_groups import ORGANISATION, Group, SaveGroupResult
from portal.domain.ids import is_id

MOST_ROWS = 1000
# A version of the portal that counts no changes may still be running beside this one.
KEPT_SECONDS = 60.0


class KnownGroups(NamedTuple):
    """Groups as they were after so many changes or later; read_at: by the monotonic clock."""

    changes: int
    groups: list[Group]
    read_at: float


class Groups:
    def __init__(self, table: Table) -> None:
        self.table = table
        self.known: KnownGroups | None = None  # the organisation's

    def make(self, group: Group, most: int, record: AuditRecord) -> SaveGroupResult:
        counted = update(
            group_count_key(group.owner_id),
            "ADD #count :one, #changes :one",
            "attribute_not_exists(#count) OR #count < :most",
            one=1,
            most=most,
        ).failing_as(SaveGroupResult.TOO_MANY)
        new = put_new(group_item(group)).failing_as(SaveGroupResult.NAME_IN_USE)  # the same form, sent twice
        return self.save([take_name(group), counted, new, append_record(record)])

    def change(self, before: Group, after: Group, record: AuditRecord) -> SaveGroupResult:
        write = put(group_item(after), "#version = :version", version=before.version)
        renamed = (
            [delete(group_name_key(before.owner_id, before.key)), take_name(after)]
            if after.key != before.key
            else []
        )
        noted = update(group_count_key(before.owner_id), "ADD #changes :one", one=1)
        return self.save(
            [write.failing_as(SaveGroupResult.CHANGED_MEANWHILE), *renamed, noted, append_record(record)]
        )

    def delete(self, group: Group, record: AuditRecord) -> bool:
        return self.table.try_transact([
            delete(group_key(group.owner_id, group.id), "#version = :version", version=group.version),
            delete(group_name_key(group.owner_id, group.key)),
            update(group_count_key(group.owner_id), "ADD #count :less, #changes :one", less=-1, one=1),
            append_record(record),
        ])  # fmt: skip

    def get(self, owner_id: str, group_id: str) -> Group | None:
        found = self.table.get(group_key(owner_id, group_id)) if is_id(group_id) else None
        return unpack(Group, found) if found else None

    def get_many(self, owner_id: str, group_ids: Sequence[str]) -> list[Group]:
        keys = [group_key(owner_id, each) for each in group_ids if is_id(each)]
        found = self.table.get_many(keys)
        return [unpack(Group, found[key]) for key in dict.fromkeys(keys) if key in found]

    def list_of(self, owner_id: str) -> list[Group]:
        """The organisation's only where they have changed since this process read them."""
        if owner_id != ORGANISATION:
            return self.read_all(owner_id)
        count, now = self.table.get(group_count_key(owner_id)) or {}, self.table.clock.monotonic()
        known, changes = self.known, int(count.get("changes", 0))
        if known is None or known.changes != changes or now - known.read_at >= KEPT_SECONDS:
            known = self.known = KnownGroups(changes, self.read_all(owner_id), now)
        return list(known.groups)

    def read_all(self, owner_id: str) -> list[Group]:
        """With many addresses they are more than one query's megabyte."""
        groups = [unpack(Group, item) for item in self.query_items(owner_id, "GROUP#")]
        return sorted(groups, key=lambda each: each.key)

    def delete_all(self, owner_id: str) -> None:
        for item in self.query_items(owner_id, "GROUP"):
            self.table.write(delete((item["pk"], item["sk"])))

    def query_items(self, owner_id: str, prefix: str) -> list[Item]:
        condition = "#pk = :owner AND begins_with(#sk, :prefix)"
        # More than there can be, so that the read which meets the last one also meets the end.
        return list(
            self.table.query_all(condition, rows=MOST_ROWS, owner=groups_partition(owner_id), prefix=prefix)
        )

    def save(self, writes: Sequence[Write]) -> SaveGroupResult:
        try:
            self.table.transact(writes)
        except ConditionFailed as failed:
            return failed.as_result(SaveGroupResult)
        return SaveGroupResult.SAVED


def group_item(group: Group) -> Item:
    pk, sk = group_key(group.owner_id, group.id)
    return {**pack(group), "pk": pk, "sk": sk}


def take_name(group: Group) -> Write:
    pk, sk = group_name_key(group.owner_id, group.key)
    return put_new({"pk": pk, "sk": sk, "id": group.id}).failing_as(SaveGroupResult.NAME_IN_USE)
