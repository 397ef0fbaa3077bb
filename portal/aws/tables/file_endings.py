"""The ends of files' lives in the table. A file's due time is that of the warning first, then of the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from portal.aws.client.admin_keys import held_key
from portal.aws.client.codec import unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import DueKind, file_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Write, update
from portal.aws.tables.conditions import as_seen
from portal.aws.tables.notifications import queue_notification
from portal.domain.files.file import File, FileState
from portal.domain.files.lifetimes import UpcomingFile
from portal.domain.mail.notifications import Notification
from portal.domain.paging import Page


class FileEndings:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def warn(self, files: Sequence[File], notice: Notification | None) -> bool:
        queued = [queue_notification(notice)] if notice else []
        return self.table.try_transact([*map(put_off_to_end, files), *queued])

    def find_held(self, thing_ids: Sequence[str]) -> frozenset[str]:
        by_key = {held_key(each): each for each in thing_ids}
        found = self.table.get_many(list(by_key))
        return frozenset(by_key[key] for key, item in found.items() if "holds" in item)

    def list_upcoming(self, until: datetime, cursor: str | None, limit: int) -> Page[UpcomingFile]:
        scope = "upcoming"
        items, last = self.table.query(
            "#due_kind = :kind AND #due_at <= :until", index="due", limit=limit,
            start=self.cursors.open(scope, cursor), kind=DueKind.FILE, until=int(until.timestamp()),
        )  # fmt: skip
        found = (
            UpcomingFile(unpack(File, item), datetime.fromtimestamp(int(item["due_at"]), UTC))
            for item in items
        )
        return Page(tuple(found), self.cursors.seal(scope, last))


def put_off_to_end(file: File) -> Write:
    """Once for each end: after it the due time is that of the end, and the condition does not hold again."""
    condition, seen = as_seen(file, ("owner_id", "keep_until"))
    end = int(file.keep_until.timestamp()) if file.keep_until else 0
    return update(
        file_key(file.id), "SET #due_at = :end", f"#state = :ready AND #due_at < :end AND {condition}",
        end=end, ready=FileState.READY, **seen,
    )  # fmt: skip
