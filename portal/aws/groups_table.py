"""Recipient groups in the table: under their owner, with an item that holds each name and one that counts.

DynamoDB has no unique attribute but the key, so a name is a key of its own ("Building unique constraints with
DynamoDB", AWS Database Blog).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from portal.aws.audit_log import appended
from portal.aws.codec import pack, unpack
from portal.aws.table import ConditionFailed, Item, Key, Table, Write, delete, put, put_new, update
from portal.domain.audit import AuditRecord
from portal.domain.recipient_groups import Group

MAKING = ("name", "many", "name")  # what the first writes of `make` and of `change` stand for, in order
CHANGING = ("version", "version", "name")


class Groups:
    def __init__(self, table: Table) -> None:
        self.table = table

    def make(self, group: Group, most: int, record: AuditRecord) -> str:
        counted = update(
            count_key(group.owner_id), "ADD #count :one", "attribute_not_exists(#count) OR #count < :most",
            one=1, most=most,
        )  # fmt: skip
        writes = [name_taken(group), counted, put_new(group_item(group)), appended(record)]
        return self.outcome(writes, MAKING, "made")

    def change(self, before: Group, after: Group, record: AuditRecord) -> str:
        write = put(group_item(after), "#version = :version", version=before.version)
        renamed = [delete(name_key(before)), name_taken(after)] if after.key != before.key else []
        return self.outcome([write, *renamed, appended(record)], CHANGING, "changed")

    def delete(self, group: Group, record: AuditRecord) -> bool:
        return self.table.done([
            delete(group_key(group.owner_id, group.id), "#version = :version", version=group.version),
            delete(name_key(group)),
            update(count_key(group.owner_id), "ADD #count :less", less=-1),
            appended(record),
        ])  # fmt: skip

    def get(self, owner_id: str, group_id: str) -> Group | None:
        found = self.table.get(group_key(owner_id, group_id))
        return unpack(Group, found) if found else None

    def get_many(self, owner_id: str, group_ids: Sequence[str]) -> list[Group]:
        keys = [group_key(owner_id, each) for each in group_ids]
        found = self.table.get_many(keys) if keys else {}
        return [unpack(Group, found[key]) for key in dict.fromkeys(keys) if key in found]

    def of(self, owner_id: str) -> list[Group]:
        """With many addresses they are more than one query's megabyte."""
        groups = [unpack(Group, item) for item in self.items(owner_id, "GROUP#")]
        return sorted(groups, key=lambda each: each.key)

    def erase(self, owner_id: str) -> None:
        for item in self.items(owner_id, "GROUP"):
            self.table.write(delete((item["pk"], item["sk"])))

    def items(self, owner_id: str, prefix: str) -> list[Item]:
        found, start = list[Item](), None
        while True:
            items, start = self.table.query(
                "#pk = :owner AND begins_with(#sk, :prefix)", start=start,
                owner=f"PERSON#{owner_id}", prefix=prefix,
            )  # fmt: skip
            found += items
            if not start:
                return found

    def outcome(self, writes: Sequence[Write], reasons: Sequence[str], done: str) -> str:
        try:
            self.table.transact(writes)
        except ConditionFailed as failed:
            return reasons[min(failed.which)]
        return done


def group_item(group: Group) -> Item:
    pk, sk = group_key(group.owner_id, group.id)
    return {**pack(group), "pk": pk, "sk": sk}


def name_taken(group: Group) -> Write:
    pk, sk = name_key(group)
    return put_new({"pk": pk, "sk": sk, "id": group.id})


def group_key(owner_id: str, group_id: str) -> Key:
    return f"PERSON#{owner_id}", f"GROUP#{group_id}"


def name_key(group: Group) -> Key:
    return f"PERSON#{group.owner_id}", "GROUPNAME#" + hashlib.sha256(group.key.encode()).hexdigest()


def count_key(owner_id: str) -> Key:
    return f"PERSON#{owner_id}", "GROUPS"
