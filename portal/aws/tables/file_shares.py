"""The shares of a file: a list by the time they were made, and the promise that a file outlives them.

Each share of a file is an item in the file's own partition, whose sort key begins with the share's time: a
share's id is a hash, so nothing can be told from its order. The file keeps the latest end of its shares, and
counts every change that could make it later, so that "Keep" can see that nothing came between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal.aws.client.codec import moment
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import file_key, file_share_key, file_shares_partition
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Write, delete, put, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.conditions import as_seen
from portal.aws.tables.file_access import INTACT, as_intact
from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File, FileState
from portal.domain.files.lifetimes import find_next_look
from portal.domain.paging import Page
from portal.domain.shares.share import Share

LATEST = ("shared_until", "keep_until")


class FileShares:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def list_page(self, file_id: str, cursor: str | None, limit: int) -> Page[str]:
        scope = f"shares of {file_id}"
        items, last = self.table.query(
            "#pk = :file", file=file_shares_partition(file_id), descending=True, limit=limit,
            start=self.cursors.open(scope, cursor),
        )  # fmt: skip
        return Page(tuple(str(item["share"]) for item in items), self.cursors.seal(scope, last))

    def keep(self, file: File, until: datetime, shared_until: datetime | None, record: AuditRecord) -> bool:
        ends: dict[str, Any] = {"shared": moment(shared_until)} if shared_until else {}
        change = "SET #keep_until = :until, #due_at = :due"
        change += ", #shared_until = :shared" if ends else " REMOVE #shared_until"
        condition, values = as_seen(file, ("owner_id", "share_changes", "keep_until"))
        write = update(
            file_key(file.id), change, f"#state = :ready AND {condition}",
            ready=FileState.READY, until=moment(until),
            due=int(find_next_look(until, record.at).timestamp()), **ends, **values,
        )  # fmt: skip
        return self.table.try_transact([write, append_record(record)])

    def forget(self, file_id: str) -> None:
        for item in self.table.query_all("#pk = :file", file=file_shares_partition(file_id)):
            self.table.write(delete((item["pk"], item["sk"])))


def build_entries(share: Share, files: Sequence[File]) -> list[Write]:
    """A share in the lists of its files. One that never came into being leaves some that lead nowhere."""
    return [put(build_entry(share, each)) for each in files]


def build_entry(share: Share, file: File) -> Item:
    pk, sk = file_share_key(share, file.id)
    return {"pk": pk, "sk": sk, "share": share.id}


def extend_with_new_share(share: Share, file: File) -> Write:
    """A file that a new share names, scanned or not: there, its sender's, and from now on kept as long as
    that.
    """
    change, condition, values = build_extension(share, file)  # the change ends in what it adds
    return update(
        file_key(file.id), f"{change}, #share_count :one",
        f"{INTACT} AND #owner_id = :owner AND {condition}",
        owner=share.owner_id, **as_intact(file.version_id), **values,
    )  # fmt: skip


def extend_with_share(share: Share, file: File) -> Write:
    """A file of a share whose end is moved later. One in the trash may come back, and then lives as long."""
    change, condition, values = build_extension(share, file)
    return update(
        file_key(file.id), change, f"#state = :state AND {condition}",
        state=file.state, **values,
    )  # fmt: skip


def build_extension(share: Share, file: File) -> tuple[str, str, dict[str, Any]]:
    """Change, condition and values of keeping a file as long as a share. Where it is kept longer already, two
    at once do not meet; else the one whose end was read before the other's is asked again.
    """
    ends = share.expires_at
    if all(known and known >= ends for known in (file.shared_until, file.keep_until)):
        enough = " AND ".join(f"#{name} >= :ends" for name in LATEST)
        return "ADD #share_changes :one", enough, {"one": 1, "ends": moment(ends)}
    shared_until = max(ends, file.shared_until or ends)
    keep_until = max(shared_until, file.keep_until or ends)
    condition, values = as_seen(file, LATEST)
    values |= {"one": 1, "shared": moment(shared_until), "until": moment(keep_until)}
    change = "SET #shared_until = :shared, #keep_until = :until"
    due = find_next_look(keep_until, share.created_at)
    if file.state is FileState.READY:  # what is in the trash is due when its grace ends
        change, values = change + ", #due_at = :due", values | {"due": int(due.timestamp())}
    return change + " ADD #share_changes :one", condition, values
