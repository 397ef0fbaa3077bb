"""Legal holds in the table, and the one condition that everything which destroys something makes its own.

Each held thing has an item that names the holds in force on it. Setting a hold conditions on the thing not
being destroyed yet, and destroying it on there being no hold, so of the two one comes first and wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from portal.aws.client.admin_keys import held_key, hold_key, holds_list
from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import DueKind, file_key, profile_key, share_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, check, put, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.due import query_due
from portal.aws.tables.profiles import require_trust
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import SignInNeeded
from portal.domain.files.file import FileState
from portal.domain.paging import Page
from portal.domain.policy.legal_holds import (
    Held,
    HeldKind,
    LegalHold,
    LockState,
    ReleaseHoldResult,
    SetHoldResult,
)

HOLDABLE = (FileState.PENDING, FileState.READY, FileState.TRASHED)


def check_not_held(*thing_ids: str) -> tuple[Write, ...]:
    """For the transaction that destroys something: it raises Held where that thing, or its owner, is held."""
    return tuple(
        check(held_key(each), "attribute_not_exists(#holds)").failing_as(Held()) for each in thing_ids
    )


class Holds:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def set(self, hold: LegalHold, record: AuditRecord) -> SetHoldResult:
        marks = [update(held_key(each), "ADD #holds :hold", hold={hold.id}) for each in hold.held_ids]
        there = check_there(hold, record)
        try:
            self.table.transact([put_new(item(hold)), there, *marks, append_record(record)])
        except ConditionFailed:
            return SetHoldResult.GONE
        return SetHoldResult.SET

    def release(self, before: LegalHold, after: LegalHold, record: AuditRecord) -> ReleaseHoldResult:
        write = put(
            item(after), "attribute_not_exists(#released_at) AND #set_by <> :me", me=after.released_by
        )
        marks = [update(held_key(each), "DELETE #holds :hold", hold={before.id}) for each in before.held_ids]
        try:
            self.table.transact([write, *marks, append_record(record)])
        except ConditionFailed:
            same = before.set_by == after.released_by
            return ReleaseHoldResult.SAME_ADMIN if same else ReleaseHoldResult.RELEASED_BEFORE
        return ReleaseHoldResult.RELEASED

    def get(self, hold_id: str) -> LegalHold | None:
        found = self.table.get(hold_key(hold_id))
        return unpack(LegalHold, found) if found else None

    def is_held(self, *thing_ids: str) -> bool:
        found = self.table.get_many([held_key(each) for each in thing_ids])
        return any("holds" in each for each in found.values())

    def list_page(self, *, released: bool, cursor: str | None, limit: int) -> Page[LegalHold]:
        name = holds_list("released" if released else "in_force")
        items, last = self.table.query(
            "#list_pk = :list", index="by_time", descending=True, limit=limit,
            start=self.cursors.open(name, cursor), list=name,
        )  # fmt: skip
        return Page(tuple(unpack(LegalHold, each) for each in items), self.cursors.seal(name, last))

    def list_on(self, thing_ids: Sequence[str]) -> list[LegalHold]:
        marked = self.table.get_many([held_key(each) for each in thing_ids])
        ids = sorted({hold for each in marked.values() for hold in each.get("holds", ())})
        found = self.table.get_many([hold_key(each) for each in ids])
        return [unpack(LegalHold, each) for each in found.values()]

    def list_due(self, now: datetime) -> Iterator[LegalHold]:
        return (unpack(LegalHold, each) for each in query_due(self.table, "hold", now))

    def note_lock(self, before: LegalHold, after: LegalHold) -> bool:
        condition = "attribute_not_exists(#released_at)"
        values: dict[str, Any] = {}
        if before.released_at:
            condition, values = "#released_at = :released", {"released": moment(before.released_at)}
        return self.table.try_transact([put(item(after), condition, **values)])


def check_there(hold: LegalHold, record: AuditRecord) -> Write:
    """That what is to be held is there, and that nothing has begun to destroy it."""
    if hold.kind is HeldKind.FILE:
        states: dict[str, Any] = {f"state_{place}": state for place, state in enumerate(HOLDABLE)}
        names = ", ".join(f":{name}" for name in states)
        return check(file_key(hold.thing_id), f"#state IN ({names})", **states)
    if hold.kind is HeldKind.SHARE:
        return check(share_key(hold.thing_id), "attribute_exists(#pk) AND attribute_not_exists(#deleting_at)")
    write = check(profile_key(hold.thing_id), "attribute_exists(#pk) AND attribute_not_exists(#removing_at)")
    if record.trust and record.trust.person_id == hold.thing_id:  # whose trust is not checked beside it then
        return require_trust(write, record.trust, hold.thing_id).failing_as(SignInNeeded())
    return write


def item(hold: LegalHold) -> Item:
    pk, sk = hold_key(hold.id)
    at = hold.released_at or hold.set_at
    state = "released" if hold.released_at else "in_force"
    entry: Item = {"list_pk": holds_list(state), "list_time": f"{moment(at)}#{hold.id}"}
    if hold.lock is LockState.UNFINISHED:
        entry |= {"due_kind": DueKind.HOLD, "due_at": int(at.timestamp())}
    return {**pack(hold), "pk": pk, "sk": sk, **entry}
