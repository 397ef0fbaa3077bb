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
from portal.aws.counters import totals, usage
from portal.aws.cursors import Cursors
from portal.aws.table import Item, Key, Table, Write, delete, put_new, update
from portal.domain.audit import AuditRecord
from portal.domain.files import File, FileState
from portal.domain.limits import Limits
from portal.domain.names import search_words, sort_key
from portal.domain.paging import Page

ORDERS = {"uploaded": "by_time", "name": "by_name", "size": "by_size"}
# With the id fewer than the 1,024 bytes that an index takes; NFKC makes up to 18 characters of one.
SORTED_CHARACTERS = 240
LISTED = {FileState.READY, FileState.TRASHED, FileState.PENDING}


class Files:
    def __init__(self, table: Table, cursors: Cursors, limits: Limits) -> None:
        self.table = table
        self.cursors = cursors
        self.limits = limits

    def reserve(self, files: Sequence[File], records: Sequence[AuditRecord]) -> None:
        self.table.transact([*(put_new(self.item(each)) for each in files), *map(appended, records)])

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

    def complete(self, file: File, record: AuditRecord) -> bool:
        return self.change(
            file, FileState.PENDING, record,
            [*words_added(file), *stored(file, 1)],
        )  # fmt: skip

    def reject(self, file: File, reason: str, record: AuditRecord) -> bool:
        return self.change(
            replace(file, state=FileState.REJECTED, rejection=reason), FileState.PENDING, record
        )

    def forget(self, file: File, record: AuditRecord) -> bool:
        gone = delete(
            key(file.owner_id, file.id), "#state IN (:pending, :rejected)",
            pending=FileState.PENDING, rejected=FileState.REJECTED,
        )  # fmt: skip
        return self.table.done([gone, appended(record)])

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
        return self.table.done([gone, appended(record), *words, *stored(file, -1)])

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


def stored(file: File, sign: int) -> list[Write]:
    """Count a file in (1) or out (-1): its owner's usage and everybody's totals."""
    size = sign * file.size
    return [usage(file.owner_id, sign, size), totals(file.id, files=sign, bytes=size)]
