"""Files that the worker writes, in the table: one item each, which one worker at a time goes on with.

`due_at` is when somebody may go on with it; whoever does puts it off first, and what they keep is written on
condition that it is still put off so. A worker that was killed is followed by another once that is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from portal.aws.client.codec import pack, seconds, unpack
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Key, Write, delete, put, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.due import KINDS, query_due
from portal.domain.audit.record import AuditRecord
from portal.domain.ids import is_id
from portal.domain.written_files import ExportState, WrittenFile

LEASE = timedelta(minutes=2)  # longer than any worker lives
SHOWN = 20

E = TypeVar("E", bound=WrittenFile)


class Exports(Generic[E]):
    """Those of one kind. due: its list of what is due; make_key: of one, by its owner and
    its id; make_waiting_key: of which of an owner's are still to be written.
    """

    def __init__(
        self, table: Table, kind: type[E], due: str, make_key: Callable[[str, str], Key],
        make_waiting_key: Callable[[str], Key],
    ) -> None:  # fmt: skip
        self.table = table
        self.kind = kind
        self.due = due
        self.make_key = make_key
        self.make_waiting_key = make_waiting_key

    def create(self, export: E, most: int, record: AuditRecord) -> bool:
        """Counted by the ids themselves, so that one whose end was not noted can be found and left out."""
        writes = [
            put_new(self.item(export, export.made_at)),
            update(
                self.make_waiting_key(export.owner_id), "SET #ttl = :ttl ADD #waiting :id",
                "attribute_not_exists(#waiting) OR size(#waiting) < :most", most=most, id={export.id},
                ttl=seconds(export.kept_until),
            ).failing_as("many"),
            append_record(record),
        ]  # fmt: skip
        return self.try_create(writes) or (
            self.leave_out_ended(export.owner_id) and self.try_create(writes)
        )  # fmt: skip

    def try_create(self, writes: Sequence[Write]) -> bool:
        """False where nothing but the number is in the way."""
        try:
            self.table.transact(writes)
        except ConditionFailed as failed:
            if not failed.is_only("many"):
                raise
            return False
        return True

    def leave_out_ended(self, owner_id: str) -> bool:
        """Whether something was counted that waits no more: what was forgotten before it was written."""
        key = self.make_waiting_key(owner_id)
        ids = sorted((self.table.get(key) or {}).get("waiting", ()))
        found = self.table.get_many([self.make_key(owner_id, each) for each in ids])
        there = {str(each["id"]) for each in found.values() if each["state"] == ExportState.WAITING}
        ended = set(ids) - there
        return bool(ended) and self.table.try_write(update(key, "DELETE #waiting :ended", ended=ended))

    def get(self, owner_id: str, export_id: str) -> E | None:
        found = self.table.get(self.make_key(owner_id, export_id)) if is_id(export_id) else None
        return unpack(self.kind, found) if found else None

    def list_newest(self, owner_id: str) -> list[E]:
        partition, _ = self.make_key(owner_id, "")
        items, _ = self.table.query("#pk = :pk", descending=True, limit=SHOWN, pk=partition)
        return [unpack(self.kind, each) for each in items]

    def list_due(self, now: datetime) -> Iterator[E]:
        for each in query_due(self.table, self.due, now):
            yield unpack(self.kind, each)

    def claim(self, export: E, now: datetime) -> tuple[E, datetime] | None:
        """The export as it is now, and until when nobody else goes on with it; None where somebody does, or
        it is finished.
        """
        until, key = now + LEASE, self.make_key(export.owner_id, export.id)
        claimed = update(
            key, "SET #due_at = :until", "#state = :waiting AND #due_at <= :now",
            until=seconds(until), waiting=ExportState.WAITING, now=seconds(now),
        )  # fmt: skip
        if not self.table.try_write(claimed):
            return None
        found = self.table.get(key)
        return (unpack(self.kind, found), until) if found else None

    def keep(self, export: E, held_until: datetime, due_at: datetime) -> bool:
        """Write down how far it is, by whoever holds it until then; False where they do not any more."""
        kept = put(self.item(export, due_at), "#due_at = :held", held=seconds(held_until))
        if export.state is ExportState.WAITING:
            return self.table.try_write(kept)
        key = self.make_waiting_key(export.owner_id)
        return self.table.try_transact([kept, update(key, "DELETE #waiting :id", id={export.id})])

    def forget(self, export: E) -> None:
        self.table.write(delete(self.make_key(export.owner_id, export.id)))

    def item(self, export: E, due_at: datetime) -> Item:
        pk, sk = self.make_key(export.owner_id, export.id)
        is_due = export.state is ExportState.WAITING
        due = {"due_kind": KINDS[self.due], "due_at": seconds(due_at)} if is_due else {}
        return {**pack(export), "pk": pk, "sk": sk, "ttl": seconds(export.kept_until), **due}
