"""The index of what is due: of each kind a list by time, read page by page (R77)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from portal.aws.client.keys import DueKind
from portal.aws.client.table import Table
from portal.aws.client.writes import Item

# What the schedule deals with, by the name that its metric has.
KINDS = {
    "mail": DueKind.MAIL, "file": DueKind.FILE, "reminder": DueKind.REMINDER, "account": DueKind.ACCOUNT,
    "scan": DueKind.SCAN, "sending": DueKind.WISH, "spreading": DueKind.SPREAD,
    "handover": DueKind.HANDOVER, "hold": DueKind.HOLD,
    "export": DueKind.EXPORT, "data_export": DueKind.DATA_EXPORT, "report": DueKind.REPORT,
    "webhook": DueKind.WEBHOOK,
}  # fmt: skip


def query_due(table: Table, kind: str, now: datetime, rows: int = 25) -> Iterator[Item]:
    """Everything of a kind that is due by now, oldest first, each once: what fails and stays due is passed
    by, and does not hold up what is behind it.
    """
    condition = "#due_kind = :kind AND #due_at <= :now"
    return table.query_all(condition, index="due", rows=rows, kind=KINDS[kind], now=int(now.timestamp()))


class DueTimes:
    def __init__(self, table: Table) -> None:
        self.table = table

    def oldest(self, now: datetime) -> Mapping[str, datetime | None]:
        """Since when the oldest of each kind has been due; None where nothing is."""
        found = {kind: next(query_due(self.table, kind, now, rows=1), None) for kind in KINDS}
        return {
            kind: datetime.fromtimestamp(int(item["due_at"]), UTC) if item else None
            for kind, item in found.items()
        }

    def count_failed_mails(self, since: datetime, most: int) -> int:
        items, _ = self.table.query(
            "#due_kind = :failed AND #due_at >= :since", index="due", descending=True, limit=most,
            failed=DueKind.FAILED_MAIL, since=int(since.timestamp()),
        )  # fmt: skip
        return len(items)
