"""Files in the table: one item each, which names its owner. Every write that is done for the owner asks that
it is still theirs, so that nothing is done by what was read before the file changed hands.

An item stands in the lists by time, name and size of its owner and state, in the list of what is due, and,
for each word of its name and folder, as a small item one can search by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import (
    DueKind,
    announcement_key,
    file_key,
    file_name_key,
    files_list,
)
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, delete, put, put_new, update
from portal.aws.tables.announcements import build_announcement
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.conditions import as_seen
from portal.aws.tables.counters import add_to_totals
from portal.aws.tables.due import query_due
from portal.aws.tables.file_search import find_files, move_name, name_item
from portal.aws.tables.holds import check_not_held
from portal.aws.tables.profiles import check_trust
from portal.aws.tables.quotas import Quotas
from portal.aws.tables.scans_table import put_case, put_first_case
from portal.domain.audit.record import AuditRecord, Trust
from portal.domain.files.file import GIVEN_UP, File, FileState, is_file_key
from portal.domain.files.lifetimes import find_look_at_ready
from portal.domain.files.names import search_words, sort_key
from portal.domain.files.scans import Marks
from portal.domain.ids import is_id
from portal.domain.paging import Page
from portal.domain.policy.limits import Limits
from portal.domain.shares.share import Share

ORDERS = {"uploaded": "by_time", "name": "by_name", "size": "by_size"}
# With the id fewer than the 1,024 bytes that an index takes; NFKC makes up to 18 characters of one.
SORTED_CHARACTERS = 240
LISTED = {FileState.READY, FileState.TRASHED, FileState.PENDING, FileState.REJECTED}


class Files:
    def __init__(self, table: Table, cursors: Cursors, quotas: Quotas) -> None:
        self.table = table
        self.cursors = cursors
        self.quotas = quotas
        self.limits = quotas.limits

    def reserve(
        self, files: Sequence[File], records: Sequence[AuditRecord], limits: Limits, once: str = ""
    ) -> Sequence[File] | None:
        owner_id, own, size = files[0].owner_id, None, sum(each.reserved_bytes for each in files)
        held = add_to_totals(files[0].id, held_files=len(files), held_bytes=size)
        first = [build_announcement(files, once)] if once else []
        writes = [*first, *(put_new(self.item(each)) for each in files), *map(append_record, records), held]
        for again in (True, False):
            try:
                taken = self.quotas.take(owner_id, len(files), size, limits, own)
                self.table.transact([*writes, *(each.failing_as("quota") for each in taken)])
                return files
            except ConditionFailed as failed:
                if "announced_before" in failed.reasons:
                    return self.get_announced(owner_id, once)
                if not failed.is_only("quota"):
                    raise
                if again:  # the exact counter of all may not be there yet or be wrong, or limits be their own
                    self.quotas.level()
                    own = self.quotas.get_own_limits(owner_id)
        return None

    def get_announced(self, owner_id: str, once: str) -> list[File]:
        """What was announced with this `once`; empty where not all of it is there any more."""
        ids = (self.table.get(announcement_key(owner_id, once)) or {"files": []})["files"]
        found = self.get_many(owner_id, ids)
        return found if len(found) == len(ids) else []

    def begin(self, file: File, upload_id: str, record: AuditRecord) -> bool:
        write = update(
            file_key(file.id),
            "SET #upload_id = :id",
            "#state = :pending AND #upload_id = :none",
            id=upload_id,
            none="",
            pending=FileState.PENDING,
        )
        return self.table.try_transact([write, append_record(record)])

    def keep_hash(self, file: File, sha256: str, trust: Trust | None) -> bool:
        write = self.while_pending(file, "SET #sha256 = :sha256", sha256=sha256)
        return self.table.try_transact([replace(write, beside=check_trust(trust))])

    def put_off(self, file: File, until: datetime) -> bool:
        write = update(
            file_key(file.id), "SET #due_at = :due", "#state = :as_read", due=int(until.timestamp()),
            as_read=file.state,
        )  # fmt: skip
        return self.table.try_transact([write])

    def while_pending(self, file: File, change: str, **values: Any) -> Write:
        return update(file_key(file.id), change, "#state = :pending", pending=FileState.PENDING, **values)

    def get(self, owner_id: str, file_id: str) -> File | None:
        return file if (file := self.find(file_id)) and file.owner_id == owner_id else None

    def find(self, file_id: str) -> File | None:
        found = self.table.get(file_key(file_id)) if is_id(file_id) else None
        return unpack(File, found) if found else None

    def find_by_key(self, key: str) -> File | None:
        file = self.find(key.rpartition("/")[2]) if is_file_key(key) else None
        return file if file and file.key == key else None

    def get_many(self, owner_id: str, file_ids: Sequence[str]) -> list[File]:
        """Those that are there, in the order asked for."""
        keys = [file_key(file_id) for file_id in file_ids if is_id(file_id)]
        found = self.table.get_many(keys)
        files = [unpack(File, found[key]) for key in keys if key in found]
        return [each for each in files if each.owner_id == owner_id]

    def get_of_shares(self, shares: Sequence[Share], known: Sequence[File] = ()) -> dict[str, File]:
        files = {each.id: each for each in known}
        ids = dict.fromkeys(each.id for share in shares for each in share.first_files).keys() - files.keys()
        found = self.table.get_many(sorted(map(file_key, ids))).values()
        return files | {str(item["id"]): unpack(File, item) for item in found}

    def complete(self, before: File, file: File, record: AuditRecord) -> bool:
        held = before.reserved_bytes
        more = [put(name_item(file)), *self.quotas.move(file.owner_id, 0 if held else 1, file.size - held)]
        more += put_first_case(file, self.limits)
        counts = {"held_files": -1, "held_bytes": -held} if held else {}
        more.append(add_to_totals(file.id, files=1, bytes=file.size, **counts))
        return self.change(before, file, record, more)

    def reject(self, file: File, reason: str, record: AuditRecord) -> bool:
        rejected = replace(file, state=FileState.REJECTED, rejection=reason, reserved_bytes=0)
        kept = check_not_held(file.id, file.owner_id)
        return self.change(file, rejected, record, [*self.give_back(file), *kept])

    def cancel(self, file: File, record: AuditRecord) -> bool:
        write = update(
            file_key(file.id),
            "SET #state = :rejected, #rejection = :why, #due_at = :now, #list_pk = :list",
            "#state IN (:pending, :rejected)", pending=FileState.PENDING, rejected=FileState.REJECTED,
            why=GIVEN_UP, now=int(record.at.timestamp()), list=files_list(file.owner_id, FileState.REJECTED),
        )  # fmt: skip
        kept = check_not_held(file.id, file.owner_id)
        return self.table.try_transact([write, *kept, append_record(record)])

    def delete_pending(self, file: File, record: AuditRecord | None = None) -> bool:
        """On condition that it holds what was read, so that nothing is given back twice."""
        held = "#reserved_bytes = :held" + (
            "" if file.reserved_bytes else " OR attribute_not_exists(#reserved_bytes)"
        )
        gone = delete(
            file_key(file.id), f"#state IN (:pending, :rejected) AND ({held})",
            pending=FileState.PENDING, rejected=FileState.REJECTED, held=file.reserved_bytes,
        )  # fmt: skip
        records = [append_record(record)] if record else []
        return self.table.try_transact([gone, *records, *self.give_back(file)])

    def give_back(self, file: File) -> list[Write]:
        held = file.reserved_bytes
        if not held:
            return []
        moved = self.quotas.move(file.owner_id, -1, -held)
        return [*moved, add_to_totals(file.id, held_files=-1, held_bytes=-held)]

    def rename(self, file: File, name: str, record: AuditRecord) -> bool:
        renamed = replace(file, name=name)
        condition, seen = as_seen(file, ("owner_id", "name"))
        write = update(
            file_key(file.id), "SET #name = :name, #content_type = :type, #list_name = :sort",
            f"#state = :ready AND {condition}", name=name, type=file.content_type,
            sort=self.item(renamed)["list_name"], ready=FileState.READY, **seen,
        )  # fmt: skip
        return self.table.try_transact([write, append_record(record), put(name_item(renamed))])

    def trash(self, file: File, now: datetime, purge_at: datetime, record: AuditRecord) -> bool:
        return self.move(
            replace(file, state=FileState.TRASHED, trashed_at=now, purge_at=purge_at), file, record
        )

    def restore(self, file: File, keep_until: datetime, record: AuditRecord) -> bool:
        back = replace(file, state=FileState.READY, trashed_at=None, purge_at=None, keep_until=keep_until)
        return self.move(back, file, record)

    def mark_purged(self, file: File, record: AuditRecord) -> bool:
        condition, seen = as_seen(file, ("owner_id",))
        write = update(
            file_key(file.id), "SET #state = :purged, #due_at = :now",
            f"#state IN (:trashed, :purged) AND {condition}", trashed=FileState.TRASHED,
            purged=FileState.PURGED, now=int(record.at.timestamp()), **seen,
        )  # fmt: skip
        kept = check_not_held(file.id, file.owner_id)
        return self.table.try_transact([replace(write, beside=check_trust(record.trust)), *kept])

    def purge(self, file: File, record: AuditRecord) -> bool:
        gone = delete(file_key(file.id), "#state = :purged", purged=FileState.PURGED)
        return self.table.try_transact(
            [
                gone, append_record(record), delete(file_name_key(file)), put_case(file.id, None),
                *self.count_out(file),
            ]
        )  # fmt: skip

    def count_out(self, file: File) -> list[Write]:
        moved = self.quotas.move(file.owner_id, -1, -file.size)
        return [*moved, add_to_totals(file.id, files=-1, bytes=-file.size)]

    def page(
        self, owner_id: str, state: str, order: str, descending: bool, cursor: str | None, limit: int
    ) -> Page[File]:
        scope = f"files/{owner_id}/{state}/{order}/{descending}"
        items, last = self.table.query(
            "#list_pk = :list", index=ORDERS[order], descending=descending, limit=limit,
            start=self.cursors.open(scope, cursor), list=files_list(owner_id, state),
        )  # fmt: skip
        return Page(tuple(unpack(File, item) for item in items), self.cursors.seal(scope, last))

    def search(self, owner_id: str, text: str, cursor: str | None, limit: int) -> Page[File]:
        """Files with all of the words in their name or folder, wherever in it."""
        words = search_words(text)
        if not words:
            return Page(())
        scope = f"search/{owner_id}/{text}"
        ids, last = find_files(self.table, owner_id, words, self.cursors.open(scope, cursor), limit)
        files = [each for each in self.get_many(owner_id, ids) if each.state is FileState.READY]
        return Page(tuple(files), self.cursors.seal(scope, last))

    def list_due(self, now: datetime, limit: int) -> list[File]:
        return list(islice(self.list_all_due(now), limit))

    def list_all_due(self, now: datetime) -> Iterator[File]:
        return (unpack(File, item) for item in query_due(self.table, "file", now))

    def move(self, file: File, before: File, record: AuditRecord) -> bool:
        """READY to TRASHED or back; what shares wrote on the item in the meantime stays."""
        entry = self.item(file)
        removed = [name for name in ("trashed_at", "purge_at") if name not in entry]
        text = "SET " + ", ".join(f"#{name} = :{name}" for name in MOVED_ATTRIBUTES if name in entry)
        text += (" REMOVE " + ", ".join(f"#{name}" for name in removed)) if removed else ""
        values = {name: entry[name] for name in MOVED_ATTRIBUTES if name in entry}
        # a share made in the meantime may have prolonged it
        condition, seen = as_seen(before, ("owner_id", "share_changes"))
        write = update(
            file_key(file.id), text, f"#state = :before AND {condition}", before=before.state,
            **values, **seen,
        )  # fmt: skip
        kept = check_not_held(file.id, file.owner_id) if file.state is FileState.TRASHED else ()
        return self.table.try_transact([write, move_name(file), *kept, append_record(record)])

    def change(self, before: File, file: File, record: AuditRecord, more: Sequence[Write] = ()) -> bool:
        """On condition that it is still in the state it was in. What the malware scan said of it in the
        meantime stays.
        """
        old, new = self.item(before), self.item(file)
        values = {name: each for name, each in new.items() if name not in {"pk", "sk", *MARKED}}
        removed = [f"#{name}" for name in old if name not in new]
        text = "SET " + ", ".join(f"#{name} = :new_{name}" for name in values)
        text += " REMOVE " + ", ".join(removed) if removed else ""
        named = {f"new_{name}": each for name, each in values.items()}
        write = update(file_key(file.id), text, "#state = :before", before=before.state, **named)
        return self.table.try_transact([write, append_record(record), *more])

    def item(self, file: File) -> Item:
        entry: Item = {**pack(file), **dict(zip(("pk", "sk"), file_key(file.id), strict=True))}
        if file.state in LISTED:
            entry |= {
                "list_pk": files_list(file.owner_id, file.state),
                "list_time": f"{moment(file.created_at)}#{file.id}",
                "list_name": f"{sort_key(file.name)[:SORTED_CHARACTERS]}#{file.id}",
                "list_size": file.size,
            }
        due = self.due_at(file)
        return entry | ({"due_kind": DueKind.FILE, "due_at": int(due.timestamp())} if due else {})

    def due_at(self, file: File) -> datetime | None:
        """When the sweeper must look at it: an upload that never came, a lifetime, a grace over."""
        if file.state in {FileState.PENDING, FileState.REJECTED}:
            return file.created_at + timedelta(hours=self.limits.pending_hours)
        return file.purge_at if file.state is FileState.TRASHED else find_look_at_ready(file)


MARKED = {*Marks, "scan_count"}  # which only the scan's own writes change
MOVED_ATTRIBUTES = ("state", "trashed_at", "purge_at", "keep_until", "list_pk", "due_at")
