"""The audit log read back in time, a piece at a time (R71).

A position is a text that sorts among the marks: what lies before it is still to be read. So a cursor is one
text, and what is written behind it in the meantime neither moves nor hides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal.aws.client.codec import unpack
from portal.aws.client.keys import audit_partitions
from portal.aws.client.table import Table
from portal.aws.client.writes import Item
from portal.domain.audit.marks import behind_day, read_day
from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.audit.search import AuditSearch, RecordsRead
from portal.domain.mail.suppression import hash_address

# Days without a record in a row that are looked into one by one.
EMPTY_DAYS = 4
# What one page may cost where few records fit: so many times 4 queries, or 1 of an index, and records.
MOST_PIECES, MOST_READ = 8, 2000
ROWS_READ = 500  # at a time, where not all that is read fits


@dataclass(frozen=True)
class Piece:
    """Items newest first, all that there are down to the position `reached`; None at the log's beginning."""

    items: list[Item]
    reached: str | None


def find_day(position: str) -> date:
    """The day whose records come next, going back: before a day's first record, the day before."""
    day = read_day(position)
    return day if len(position) > len(day.isoformat()) else day - timedelta(days=1)


def mark_of(found: Item) -> str:
    return str(found["sk"])


def read_record(found: Mapping[str, object]) -> AuditRecord:
    """Of one that is about nothing the table has no `about`, as the index by thing takes no empty text."""
    return replace(unpack(AuditRecord, {"about": "", **found}), mark=str(found["sk"]))


def is_answered_by_one(search: AuditSearch) -> bool:
    """Whether all that is read fits: what one index has, or every record."""
    asked = (search.thing, search.address, search.person_id, search.action, search.outcome, search.source_ip)
    return sum(map(bool, asked)) == (0 if choose_index(search) is None else 1)


def choose_index(search: AuditSearch) -> tuple[str, str, str] | None:
    """The index that has least of what does not fit, its attribute and the value there; None where only the
    days themselves have all that may fit. What the portal does by itself is in no list by actor.
    """
    address = hash_address(search.address) if search.address else ""
    choices = (
        ("by_thing", "about", search.thing),
        ("by_address", "address_hash", address),
        ("by_actor", "actor_id", "" if search.person_id == PORTAL.id else search.person_id),
        ("by_action", "action", str(search.action or "")),
    )
    return next((choice for choice in choices if choice[2]), None)


class LogReader:
    """Reads all records, day by day and a day's shards as one list, or those that an index has."""

    def __init__(self, log: Table) -> None:
        self.log = log

    def read_page(self, search: AuditSearch, position: str, rows: int) -> RecordsRead:
        """So many records that fit, or fewer after a bounded number of reads. A gap of some days without
        records is crossed only where nothing was found before it, so that pages cost a few calls.
        """
        found, first = list[AuditRecord](), search.first_day.isoformat() if search.first_day else ""
        reached: str | None = position
        read = empty = 0
        each = rows if is_answered_by_one(search) else ROWS_READ
        for _ in range(MOST_PIECES):
            if reached is None or reached <= first or len(found) > rows or read >= MOST_READ:
                break
            piece = self.read_piece(search, reached, each + 1)
            found += filter(search.fits, map(read_record, piece.items))
            reached, read = piece.reached, read + len(piece.items)
            empty = 0 if piece.items else empty + 1
            if empty == EMPTY_DAYS and reached is not None:
                if found:
                    break
                reached, empty = self.cross_gap(reached), 0
        if len(found) > rows:
            return RecordsRead(tuple(found[:rows]), found[rows - 1].mark)
        return RecordsRead(tuple(found), None if reached is None or reached <= first else reached)

    def read_piece(self, search: AuditSearch, position: str, rows: int) -> Piece:
        """About so many records before a position: to where they, or a day's first shard, were cut off."""
        index = choose_index(search)
        if index is None:
            return self.read_day(position, rows)
        name, attribute, value = index
        items, last = self.log.query(
            f"#{attribute} = :value AND #sk < :before",
            index=name, descending=True, limit=rows, value=value, before=position,
        )  # fmt: skip
        return Piece(items, mark_of(last) if last else None)

    def read_day(self, position: str, rows: int) -> Piece:
        day, each = find_day(position), rows // 2 + 1
        shards = [
            self.log.query("#pk = :pk AND #sk < :before", descending=True, limit=each, pk=pk, before=position)
            for pk in audit_partitions(day)
        ]
        cut = max((mark_of(last) for _, last in shards if last), default="")
        items = [found for shard, _ in shards for found in shard if mark_of(found) >= cut]
        return Piece(sorted(items, key=mark_of, reverse=True), cut or day.isoformat())

    def cross_gap(self, position: str) -> str | None:
        """The position behind the day of the last record before a gap of any length: the newest that the
        index has of any action. One call an action, so only for gaps; None where the log begins.
        """
        found = [
            self.log.query(
                "#action = :action AND #sk < :before",
                index="by_action", descending=True, limit=1, action=str(action), before=position,
            )[0]
            for action in Action
        ]  # fmt: skip
        newest = max((mark_of(items[0]) for items in found if items), default=None)
        return behind_day(read_day(newest)) if newest else None
