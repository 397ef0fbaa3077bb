"""Drafts of shares in the table, under their person: they go by themselves, and never stay beside a share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from portal.aws.client.codec import pack, unpack
from portal.aws.client.keys import draft_count_key, draft_key, person_partition, share_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, check, delete, put, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.profiles import check_trust
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.ids import is_id
from portal.domain.shares.drafts import Draft, SaveDraftResult

MAX_ATTEMPTS = 4  # how often a new draft is tried again when another was begun at the same moment


class Drafts:
    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, owner_id: str, draft_id: str, now: datetime) -> Draft | None:
        found = self.table.get(draft_key(owner_id, draft_id)) if is_id(draft_id) else None
        return unpack(Draft, found) if found and is_kept(found, now) else None

    def list_all(self, owner_id: str, now: datetime) -> list[Draft]:
        """Newest first. Long ones are more than one query's megabyte together."""
        items = self.table.query_all(
            "#pk = :person AND begins_with(#sk, :draft)", person=person_partition(owner_id), draft="DRAFT#"
        )
        drafts = [unpack(Draft, item) for item in items if is_kept(item, now)]
        return sorted(drafts, key=lambda draft: draft.saved_at, reverse=True)

    def save(self, draft: Draft, share_id: str, most: int, record: AuditRecord) -> SaveDraftResult:
        for _ in range(MAX_ATTEMPTS):
            result = self.save_again(draft, share_id, record) or self.begin(draft, share_id, most, record)
            if result:
                return result
        raise Unavailable()

    def save_again(self, draft: Draft, share_id: str, record: AuditRecord) -> SaveDraftResult | None:
        """Over the one that is there; None where there is none."""
        kept = replace(put(item(draft), "attribute_exists(#pk)"), beside=check_trust(record.trust))
        return self.write([kept, check_not_sent(share_id)])

    def begin(self, draft: Draft, share_id: str, most: int, record: AuditRecord) -> SaveDraftResult | None:
        """A new one, with its record. The counter makes of two that are begun at once one after the other, so
        that neither passes the most; None where another came between.
        """
        seen = self.table.get(draft_count_key(draft.owner_id))
        if len(self.list_all(draft.owner_id, draft.saved_at)) >= most:
            return SaveDraftResult.TOO_MANY
        condition = "#begun = :seen" if seen else "attribute_not_exists(#pk)"
        values = {"seen": seen["begun"]} if seen else {}
        counted = update(draft_count_key(draft.owner_id), "ADD #begun :one", condition, one=1, **values)
        return self.write([put_new(item(draft)), check_not_sent(share_id), counted, append_record(record)])

    def write(self, writes: Sequence[Write]) -> SaveDraftResult | None:
        try:
            self.table.transact(writes)
        except ConditionFailed as failed:
            return failed.as_result(SaveDraftResult) if failed.reasons else None
        return SaveDraftResult.SAVED

    def remove(self, owner_id: str, draft_id: str, record: AuditRecord | None) -> bool:
        gone = delete(draft_key(owner_id, draft_id), "attribute_exists(#pk)")
        return self.table.try_transact([gone, *([append_record(record)] if record else [])])


def check_not_sent(share_id: str) -> Write:
    """What was sent is no draft any more, also where an older page of it is saved late."""
    return check(share_key(share_id), "attribute_not_exists(#pk)").failing_as(SaveDraftResult.SENT)


def item(draft: Draft) -> Item:
    pk, sk = draft_key(draft.owner_id, draft.id)
    return {**pack(draft), "pk": pk, "sk": sk, "ttl": int(draft.ends_at.timestamp())}


def is_kept(found: Item, now: datetime) -> bool:
    """DynamoDB removes what has passed its time within days, so that is asked here, too."""
    return int(found["ttl"]) > now.timestamp()
