"""Files in the table: one item each in its owner's partition, so that a foreign id is simply not there (R11).

An item stands in the lists by time, name and size of its owner and state, in the list of what is due, and,
for each word of its name and folder, as a small item one can search by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack, unpack
from portal.aws.counters import totals
from portal.aws.cursors import Cursors
from portal.aws.quotas import Quotas
from portal.aws.table import ConditionFailed, Item, Key, Table, Write, delete, put_new, update
from portal.domain.audit import AuditRecord
from portal.domain.files import File, FileState
from portal.domain.ids import derived_id
from portal.domain.names import search_words, sort_key
from portal.domain.paging import Page

ORDERS = {"uploaded": "by_time", "name": "by_name", "size": "by_size"}
# With the id fewer than the 1,024 bytes that an index takes; NFKC makes up to 18 characters of one.
SORTED_CHARACTERS = 240
ANNOUNCED = timedelta(days=1)  # in which the same announcement may come again
LISTED = {FileState.READY, FileState.TRASHED, FileState.PENDING}


class Files:
    def __init__(self, table: Table, cursors: Cursors, quotas: Quotas) -> None:
        self.table = table
        self.cursors = cursors
        self.quotas = quotas
        self.limits = quotas.limits

    def reserve(
        self, files: Sequence[File], records: Sequence[AuditRecord], once: str = ""
    ) -> Sequence[File] | None:
        size = sum(each.reserved_bytes for each in files)
        held = totals(files[0].id, held_files=len(files), held_bytes=size)
        first = [announcement(files, once)] if once else []
        writes = [*first, *(put_new(self.item(each)) for each in files), *map(appended, records), held]
        taken = self.quotas.taken(files[0].owner_id, len(files), size)
        for again in (True, False):
            try:
                self.table.transact([*writes, *taken])
            except ConditionFailed as failed:
                if once and 0 in failed.which:
                    return self.announced(files[0].owner_id, once)
                if min(failed.which) < len(writes):
                    raise
                if again:  # where the exact counter of all is not there yet, or not right
                    self.quotas.level()
            else:
                return files
        return None

    def announced(self, owner_id: str, once: str) -> list[File]:
        """What was announced with this `once`; empty where not all of it is there any more."""
        ids = (self.table.get(once_key(owner_id, once)) or {"files": []})["files"]
        found = self.get_many(owner_id, ids)
        return found if len(found) == len(ids) else []

    def begin(self, file: File, upload_id: str, record: AuditRecord) -> bool:
        write = update(
            key(file.owner_id, file.id), "SET #upload_id = :id", "#state = :pending AND #upload_id = :none",
            id=upload_id, none="", pending=FileState.PENDING,
        )  # fmt: skip
        return self.table.done([write, appended(record)])

    def keep_hash(self, file: File, sha256: str) -> bool:
        return self.while_pending(file, "SET #sha256 = :sha256", sha256=sha256)

    def hold(self, file: File, until: datetime) -> bool:
        return self.while_pending(file, "SET #due_at = :due", due=int(until.timestamp()))

    def while_pending(self, file: File, change: str, **values: Any) -> bool:
        condition = "#state = :pending"
        write = update(key(file.owner_id, file.id), change, condition, pending=FileState.PENDING, **values)
        return self.table.done([write])

    def get(self, owner_id: str, file_id: str) -> File | None:
        found = self.table.get(key(owner_id, file_id))
        return unpack(File, found) if found else None

    def get_many(self, owner_id: str, file_ids: Sequence[str]) -> list[File]:
        """Those that are there, in the order asked for."""
        found = self.table.get_many([key(owner_id, each) for each in file_ids]) if file_ids else {}
        return [unpack(File, found[key(owner_id, each)]) for each in file_ids if key(owner_id, each) in found]

    def complete(self, before: File, file: File, record: AuditRecord) -> bool:
        held = before.reserved_bytes
        more = [*words_added(file), *self.quotas.moved(file.owner_id, 0 if held else 1, file.size - held)]
        counts = {"held_files": -1, "held_bytes": -held} if held else {}
        more.append(totals(file.id, files=1, bytes=file.size, **counts))
        return self.change(file, FileState.PENDING, record, more)

    def reject(self, file: File, reason: str, record: AuditRecord) -> bool:
        rejected = replace(file, state=FileState.REJECTED, rejection=reason, reserved_bytes=0)
        return self.change(rejected, FileState.PENDING, record, self.given_back(file))

    def forget(self, file: File, record: AuditRecord) -> bool:
        """On condition that it holds what was read, so that nothing is given back twice."""
        held = "#reserved_bytes = :held" + (
            "" if file.reserved_bytes else " OR attribute_not_exists(#reserved_bytes)"
        )
        gone = delete(
            key(file.owner_id, file.id), f"#state IN (:pending, :rejected) AND ({held})",
            pending=FileState.PENDING, rejected=FileState.REJECTED, held=file.reserved_bytes,
        )  # fmt: skip
        return self.table.done([gone, appended(record), *self.given_back(file)])

    def given_back(self, file: File) -> list[Write]:
        held = file.reserved_bytes
        if not held:
            return []
        moved = self.quotas.moved(file.owner_id, -1, -held)
        return [*moved, totals(file.id, held_files=-1, held_bytes=-held)]

    def rename(self, file: File, name: str, record: AuditRecord) -> bool:
        renamed = replace(file, name=name)
        old, new = set(words_of(file)), set(words_of(renamed))
        words = [delete(word_key(file, word)) for word in old - new]
        words += [put_new(word_item(file, word)) for word in new - old]
        write = update(
            key(file.owner_id, file.id),
            "SET #name = :name, #content_type = :type, #list_name = :sort",
            "#state = :ready AND #name = :before",
            name=name, type=file.content_type, sort=self.item(renamed)["list_name"],
            ready=FileState.READY, before=file.name,
        )  # fmt: skip
        return self.table.done([write, appended(record), *words])

    def keep(self, file: File, keep_until: datetime, record: AuditRecord) -> bool:
        """Fails where a share prolonged the file since it was read: a share's files live as long as it."""
        seen: dict[str, Any] = {"seen": moment(file.keep_until)} if file.keep_until else {}
        write = update(
            key(file.owner_id, file.id), "SET #keep_until = :until, #due_at = :due",
            "#state = :ready" + (" AND #keep_until = :seen" if seen else ""), **seen,
            until=moment(keep_until), due=int(keep_until.timestamp()), ready=FileState.READY,
        )  # fmt: skip
        return self.table.done([write, appended(record)])

    def trash(self, file: File, now: datetime, purge_at: datetime, record: AuditRecord) -> bool:
        return self.move(
            replace(file, state=FileState.TRASHED, trashed_at=now, purge_at=purge_at), file, record
        )

    def restore(self, file: File, keep_until: datetime, record: AuditRecord) -> bool:
        back = replace(file, state=FileState.READY, trashed_at=None, purge_at=None, keep_until=keep_until)
        return self.move(back, file, record)

    def doom(self, file: File, now: datetime) -> bool:
        write = update(
            key(file.owner_id, file.id), "SET #state = :purged, #due_at = :now",
            "#state IN (:trashed, :purged)",
            trashed=FileState.TRASHED, purged=FileState.PURGED, now=int(now.timestamp()),
        )  # fmt: skip
        return self.table.done([write])

    def purge(self, file: File, record: AuditRecord) -> bool:
        gone = delete(key(file.owner_id, file.id), "#state = :purged", purged=FileState.PURGED)
        words = [delete(word_key(file, word)) for word in words_of(file)]
        return self.table.done([gone, appended(record), *words, *self.counted_out(file)])

    def counted_out(self, file: File) -> list[Write]:
        moved = self.quotas.moved(file.owner_id, -1, -file.size)
        return [*moved, totals(file.id, files=-1, bytes=-file.size)]

    def page(
        self, owner_id: str, state: str, order: str, descending: bool, cursor: str | None, limit: int
    ) -> Page[File]:
        scope = f"files/{owner_id}/{state}/{order}/{descending}"
        items, last = self.table.query(
            "#list_pk = :list", index=ORDERS[order], descending=descending, limit=limit,
            start=self.cursors.open(scope, cursor), list=list_name(owner_id, state),
        )  # fmt: skip
        return Page(tuple(unpack(File, item) for item in items), self.cursors.seal(scope, last))

    def search(self, owner_id: str, text: str, cursor: str | None, limit: int) -> Page[File]:
        """Files with a word that begins with the longest word asked for, and that contain the others."""
        asked = search_words(text)
        if not asked:
            return Page(())
        longest = max(asked, key=len)
        scope = f"search/{owner_id}/{text}"
        items, last = self.table.query(
            "#pk = :words AND begins_with(#sk, :word)", limit=limit,
            start=self.cursors.open(scope, cursor), words=f"WORDS#{owner_id}", word=longest,
        )  # fmt: skip
        ids = dict.fromkeys(str(item["sk"]).rpartition("#")[2] for item in items)
        files = [
            file
            for file in self.get_many(owner_id, list(ids))
            if file.state is FileState.READY
            and all(word in sort_key(f"{file.folder}/{file.name}") for word in asked)
        ]
        return Page(tuple(files), self.cursors.seal(scope, last))

    def due(self, now: datetime, limit: int) -> list[File]:
        items, _ = self.table.query(
            "#due_kind = :kind AND #due_at <= :now", index="due", limit=limit,
            kind="FILE", now=int(now.timestamp()),
        )  # fmt: skip
        return [unpack(File, item) for item in items]

    def move(self, file: File, before: File, record: AuditRecord) -> bool:
        """READY to TRASHED or back; what shares wrote on the item meanwhile stays."""
        entry = self.item(file)
        removed = [name for name in ("trashed_at", "purge_at") if name not in entry]
        text = "SET " + ", ".join(f"#{name} = :{name}" for name in MOVED if name in entry)
        text += (" REMOVE " + ", ".join(f"#{name}" for name in removed)) if removed else ""
        values = {name: entry[name] for name in MOVED if name in entry}
        write = update(key(file.owner_id, file.id), text, "#state = :before", before=before.state, **values)
        return self.table.done([write, appended(record)])

    def change(self, file: File, before: FileState, record: AuditRecord, more: Sequence[Write] = ()) -> bool:
        """Replace the item on condition that it is still in the state it was in."""
        write = Write("Put", item=self.item(file), condition="#state = :before", values={"before": before})
        return self.table.done([write, appended(record), *more])

    def item(self, file: File) -> Item:
        entry: Item = {**pack(file), **dict(zip(("pk", "sk"), key(file.owner_id, file.id), strict=True))}
        if file.state in LISTED:
            entry |= {
                "list_pk": list_name(file.owner_id, file.state),
                "list_time": file.id,
                "list_name": f"{sort_key(file.name)[:SORTED_CHARACTERS]}#{file.id}",
                "list_size": file.size,
            }
        due = self.due_at(file)
        return entry | ({"due_kind": "FILE", "due_at": int(due.timestamp())} if due else {})

    def due_at(self, file: File) -> datetime | None:
        """When the sweeper must look at it: an upload that never came, a lifetime over, a grace over."""
        if file.state in {FileState.PENDING, FileState.REJECTED}:
            return file.created_at + timedelta(hours=self.limits.pending_hours)
        return file.purge_at if file.state is FileState.TRASHED else file.keep_until


MOVED = ("state", "trashed_at", "purge_at", "keep_until", "list_pk", "due_at")


def key(owner_id: str, file_id: str) -> Key:
    return f"PERSON#{owner_id}", f"FILE#{file_id}"


def once_key(owner_id: str, once: str) -> Key:
    return f"PERSON#{owner_id}", f"ANNOUNCED#{derived_id(once)}"


def announcement(files: Sequence[File], once: str) -> Write:
    """That these were announced with this `once`, for as long as an upload may be under way."""
    pk, sk = once_key(files[0].owner_id, once)
    ends = int((files[0].created_at + ANNOUNCED).timestamp())
    return put_new({"pk": pk, "sk": sk, "files": [each.id for each in files], "ttl": ends})


def list_name(owner_id: str, state: str) -> str:
    return f"FILES#{owner_id}#{state}"


def word_key(file: File, word: str) -> Key:
    return f"WORDS#{file.owner_id}", f"{word}#{file.id}"


def word_item(file: File, word: str) -> Item:
    pk, sk = word_key(file, word)
    return {"pk": pk, "sk": sk}


def words_of(file: File) -> tuple[str, ...]:
    """What a file is found by: the words of its name, then those of its folder."""
    return tuple(dict.fromkeys([*search_words(file.name), *search_words(file.folder)]))


def words_added(file: File) -> list[Write]:
    return [put_new(word_item(file, word)) for word in words_of(file)]
