"""Drafts of shares in the table, under their person: they go by themselves, and never stay beside a share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portal.aws.client.codec import pack, seconds, unpack
from portal.aws.client.keys import DueKind, draft_count_key, draft_key, person_partition, share_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, check, delete, put, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.due import query_due
from portal.aws.tables.notifications import queue_notification
from portal.aws.tables.profiles import check_trust
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.ids import is_id
from portal.domain.mail.notifications import Notification
from portal.domain.shares.drafts import Draft, SaveDraftResult

MAX_ATTEMPTS = 4  # how often a new draft is tried again when another was begun at the same moment
# Whoever completes the last upload sends it; the schedule looks where whoever that was did not come so far.
LOOK_AFTER = timedelta(minutes=2)
AS_WISHED = "#wish.#id = :wish"


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
        kept, count = draft_key(draft.owner_id, draft.id), draft_count_key(draft.owner_id)
        for _ in range(MAX_ATTEMPTS):
            found = self.table.get_many([kept, count])
            result = (
                self.save_again(draft, unpack(Draft, found[kept]), share_id, record)
                if kept in found
                else self.begin(draft, found.get(count), share_id, most, record)
            )
            if result:
                return result
        raise Unavailable()

    def save_again(
        self, draft: Draft, before: Draft, share_id: str, record: AuditRecord
    ) -> SaveDraftResult | None:
        """Over the one that is there; None where it is not any more. One that is to be sent by itself is
        replaced by another press of Send alone, which has a record of its own. Why one was returned stays
        until then.
        """
        if before.wish and not draft.wish:
            return SaveDraftResult.WAITING
        kept = put(item(draft), "attribute_exists(#pk)") if draft.wish else type_over(draft)
        kept = replace(kept, beside=check_trust(record.trust))
        return self.write([kept, check_not_sent(share_id), *([append_record(record)] if draft.wish else [])])

    def begin(
        self, draft: Draft, seen: Item | None, share_id: str, most: int, record: AuditRecord
    ) -> SaveDraftResult | None:
        """A new one, with its record. The counter, as it was seen, makes of two that are begun at once one
        after the other, so that neither passes the most; None where another came between. Whoever never began
        so many has not so many.
        """
        begun = int(seen["begun"]) if seen else 0
        if begun >= most and len(self.list_all(draft.owner_id, draft.saved_at)) >= most:
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

    def list_all_due(self, now: datetime) -> Iterator[Draft]:
        return (unpack(Draft, found) for found in query_due(self.table, "sending", now))

    def put_off(self, draft: Draft, until: datetime) -> bool:
        key, wished = draft_key(draft.owner_id, draft.id), wish_values(draft)
        return self.table.try_write(
            update(key, "SET #due_at = :due", AS_WISHED, due=seconds(until), **wished)
        )

    def take_back(
        self, before: Draft, after: Draft, record: AuditRecord, notice: Notification | None = None
    ) -> bool:
        told = [queue_notification(notice)] if notice else []
        kept = [put(item(after), AS_WISHED, **wish_values(before))]
        if after.id != before.id:
            kept = [remove_wished(before), put_new(item(after))]
        return self.table.try_transact([*kept, append_record(record), *told])

    def remove(self, owner_id: str, draft_id: str, record: AuditRecord) -> bool:
        gone = delete(draft_key(owner_id, draft_id), "attribute_exists(#pk)")
        return self.table.try_transact([gone, append_record(record)])


def check_not_sent(share_id: str) -> Write:
    """What was sent is no draft any more, also where an older page of it is saved late."""
    return check(share_key(share_id), "attribute_not_exists(#pk)").failing_as(SaveDraftResult.SENT)


def remove_wished(draft: Draft) -> Write:
    """In the transaction of its share. It fails where Send was taken back or pressed anew since then."""
    return delete(draft_key(draft.owner_id, draft.id), AS_WISHED, **wish_values(draft))


def wish_values(draft: Draft) -> dict[str, Any]:
    """The values of AS_WISHED; no wish has an empty id."""
    return {"wish": draft.wish.id if draft.wish else ""}


def type_over(draft: Draft) -> Write:
    """What was typed, over what was typed before."""
    typed = {name: value for name, value in item(draft).items() if name not in {"pk", "sk", "returned"}}
    change = "SET " + ", ".join(f"#{name} = :{name}" for name in typed)
    return update(
        draft_key(draft.owner_id, draft.id), change, "attribute_exists(#pk) AND attribute_not_exists(#wish)",
        **typed,
    )  # fmt: skip


def item(draft: Draft) -> Item:
    pk, sk = draft_key(draft.owner_id, draft.id)
    due = {"due_kind": DueKind.WISH, "due_at": seconds(draft.wish.at + LOOK_AFTER)} if draft.wish else {}
    return {**pack(draft), "pk": pk, "sk": sk, "ttl": seconds(draft.ends_at), **due}


def is_kept(found: Item, now: datetime) -> bool:
    """DynamoDB removes what has passed its time within days, so that is asked here, too."""
    return int(found["ttl"]) > now.timestamp()
