"""The audit log read back in time, a piece at a time (R71).

A position is a text that sorts among the marks: what lies before it is still to be read. So a cursor is one
text, and what is written behind it in the meantime neither moves nor hides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from portal.aws.client.keys import audit_partitions
from portal.aws.client.table import Table
from portal.aws.client.writes import Item
from portal.domain.audit.marks import read_day
from portal.domain.audit.record import Action

# Days without a record in a row that are looked into one by one.
EMPTY_DAYS = 4


@dataclass(frozen=True)
class Piece:
    """Items newest first, all that there are down to the position `reached`; None at the log's beginning."""

    items: list[Item]
    reached: str | None


def behind_day(day: date) -> str:
    """The position behind a day's last record."""
    return f"{day.isoformat()}~"


def find_day(position: str) -> date:
    """The day whose records come next, going back: before a day's first record, the day before."""
    day = read_day(position)
    return day if len(position) > len(day.isoformat()) else day - timedelta(days=1)


def mark_of(found: Item) -> str:
    return str(found["sk"])


class DayReader:
    """Reads all records, day by day, and a day's shards as one list."""

    def __init__(self, log: Table) -> None:
        self.log = log

    def read_piece(self, position: str, rows: int) -> Piece:
        """About so many of one day's records: to where the first of its shards was cut off."""
        day, each = find_day(position), rows // 2 + 1
        shards = [
            self.log.query("#pk = :pk AND #sk < :before", descending=True, limit=each, pk=pk, before=position)
            for pk in audit_partitions(day)
        ]
        cut = max((mark_of(last) for _, last in shards if last), default="")
        items = [found for shard, _ in shards for found in shard if mark_of(found) >= cut]
        return Piece(sorted(items, key=mark_of, reverse=True), cut or day.isoformat())

    def read_rows(self, position: str, rows: int) -> Piece:
        """So many records, or fewer where a gap begins: one without records for some days is crossed only
        where nothing was found before it, so that pages cost a few calls.
        """
        items, reached, empty = list[Item](), position, 0
        while len(items) < rows:
            piece = self.read_piece(reached, rows)
            items, reached = items + piece.items, str(piece.reached)
            empty = 0 if piece.items else empty + 1
            if empty == EMPTY_DAYS:
                if items:
                    break
                newest = self.find_newest(reached)
                if newest is None:
                    return Piece([], None)
                reached, empty = behind_day(read_day(newest)), 0
        return Piece(items[:rows], mark_of(items[rows - 1]) if len(items) > rows else reached)

    def find_newest(self, position: str) -> str | None:
        """The mark of the last record before a gap of any length: the newest that the index has of any
        action. One call an action, so only for gaps; None where the log begins.
        """
        found = [
            self.log.query(
                "#action = :action AND #sk < :before",
                index="by_action", descending=True, limit=1, action=str(action), before=position,
            )[0]
            for action in Action
        ]  # fmt: skip
        return max((mark_of(items[0]) for items in found if items), default=None)
