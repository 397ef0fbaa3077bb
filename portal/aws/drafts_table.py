"""Drafts of shares in the table, under their person: they go by themselves, and never stay beside a share."""

from __future__ import annotations

from datetime import datetime

from portal.aws.audit_log import appended
from portal.aws.codec import pack, unpack
from portal.aws.shares_table import share_key
from portal.aws.table import ConditionFailed, Item, Key, Table, Write, check, delete, put, put_new, update
from portal.domain.audit import AuditRecord
from portal.domain.drafts import Draft
from portal.domain.errors import Unavailable

ROUNDS = 4  # how often a new draft is tried again when another was begun at the same moment


class Drafts:
    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, owner_id: str, draft_id: str, now: datetime) -> Draft | None:
        found = self.table.get(draft_key(owner_id, draft_id))
        return unpack(Draft, found) if found and is_kept(found, now) else None

    def all(self, owner_id: str, now: datetime) -> list[Draft]:
        """Newest first. Long ones are more than one query's megabyte together."""
        items, start = list[Item](), None
        while True:
            found, start = self.table.query(
                "#pk = :person AND begins_with(#sk, :draft)", person=f"PERSON#{owner_id}", draft="DRAFT#",
                start=start,
            )  # fmt: skip
            items += [each for each in found if is_kept(each, now)]
            if not start:
                break
        return sorted((unpack(Draft, each) for each in items), key=lambda each: each.saved_at, reverse=True)

    def save(self, draft: Draft, share_id: str, most: int, record: AuditRecord) -> str:
        for _ in range(ROUNDS):
            came_to = self.save_again(draft, share_id) or self.begin(draft, share_id, most, record)
            if came_to:
                return came_to
        raise Unavailable()

    def save_again(self, draft: Draft, share_id: str) -> str:
        """Over the one that is there; empty where there is none."""
        try:
            self.table.transact([put(item(draft), "attribute_exists(#pk)"), unsent(share_id)])
        except ConditionFailed as failed:
            return "sent" if 1 in failed.which else ""
        return "saved"

    def begin(self, draft: Draft, share_id: str, most: int, record: AuditRecord) -> str:
        """A new one, with its record. The counter makes of two that are begun at once one after the other, so
        that neither passes the most; empty where another came between.
        """
        seen = self.table.get(counter_key(draft.owner_id))
        if len(self.all(draft.owner_id, draft.saved_at)) >= most:
            return "many"
        condition = "#begun = :seen" if seen else "attribute_not_exists(#pk)"
        values = {"seen": seen["begun"]} if seen else {}
        counted = update(counter_key(draft.owner_id), "ADD #begun :one", condition, one=1, **values)
        try:
            self.table.transact([put_new(item(draft)), unsent(share_id), counted, appended(record)])
        except ConditionFailed as failed:
            return "sent" if 1 in failed.which else ""
        return "saved"

    def remove(self, owner_id: str, draft_id: str, record: AuditRecord | None) -> bool:
        gone = delete(draft_key(owner_id, draft_id), "attribute_exists(#pk)")
        return self.table.done([gone, *([appended(record)] if record else [])])


def unsent(share_id: str) -> Write:
    """What was sent is no draft any more, also where an older page of it is saved late."""
    return check(share_key(share_id), "attribute_not_exists(#pk)")


def item(draft: Draft) -> Item:
    pk, sk = draft_key(draft.owner_id, draft.id)
    return {**pack(draft), "pk": pk, "sk": sk, "ttl": int(draft.ends_at.timestamp())}


def is_kept(found: Item, now: datetime) -> bool:
    """DynamoDB removes what has passed its time within days, so that is asked here, too."""
    return int(found["ttl"]) > now.timestamp()


def draft_key(owner_id: str, draft_id: str) -> Key:
    return f"PERSON#{owner_id}", f"DRAFT#{draft_id}"


def counter_key(owner_id: str) -> Key:
    return f"PERSON#{owner_id}", "DRAFTS"
