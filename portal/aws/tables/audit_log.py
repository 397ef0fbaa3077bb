"""The audit log: one item a record, appended and never changed; the role may not even try (R65).

Filed by its time, and by the thing a record is about. A record that is written once per name has its name for
a key, and its time in an index; the two kinds are read as one list, newest first, over all partitions to the
first record (R71).
"""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, groupby, islice
from typing import Any

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import (
    DueKind,
    about_list,
    audit_key,
    audit_once_key,
    audit_partitions,
    microseconds,
)
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, put_new
from portal.aws.tables.profiles import check_trust
from portal.domain.audit.record import AuditRecord
from portal.domain.paging import Page

# Records of one moment, as one request makes them, stay in their order.
SEQUENCE = count()
# No log reaches further back than this. Months without a record are not known beforehand: each is one empty
# query, and only who reads the log to its end, or a log younger than a page, comes through all of them.
FIRST_MONTH = datetime(2024, 1, 1, tzinfo=UTC)
LEAST_MONTHS = 24  # looked back over even where the clock stands before or near the first month
BEHIND_ALL = "~"  # sorts behind every time


def append_record(record: AuditRecord) -> Write:
    """The write of a record, to stand in the transaction of what it records. Of one that is written once per
    name and hour, it fails where that was written already.
    """
    return replace(put_new(item(record)), beside=check_trust(record.trust))


def item(record: AuditRecord) -> Item:
    """A record's item. The key of one that is written once is its name, so time finds it by an index."""
    mark = f"{moment(record.at)}#{next(SEQUENCE):08}{secrets.token_hex(6)}"
    kept = {name: value for name, value in pack(record).items() if name != "trust"}
    entry: Item = {**kept, "list_pk": about_list(record.about), "list_time": mark}
    if not record.once:
        pk, sk = audit_key(record.at, mark)
        return {**entry, "pk": pk, "sk": sk}
    pk, sk = audit_once_key(record.at, record.once)
    due = {"due_kind": DueKind.AUDIT_ONCE, "due_at": microseconds(moment(record.at))}
    return {**entry, "pk": pk, "sk": sk, **due}


def periods_back(at: datetime) -> Iterator[datetime]:
    """A time in each period from this one's down to the first."""
    month = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    first = min(FIRST_MONTH, month - timedelta(days=31 * LEAST_MONTHS))
    while month >= first:
        yield month
        month = (month - timedelta(days=1)).replace(day=1)


class AuditLog:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def write(self, record: AuditRecord) -> None:
        try:
            if record.trust:
                self.table.transact([append_record(record)])
            else:
                self.table.write(append_record(record))
        except ConditionFailed:
            if not record.once:
                raise

    def list_newest(self, now: datetime, cursor: str | None, limit: int) -> Page[AuditRecord]:
        """Records before the cursor's, newest first, however many periods they are spread over."""
        seen = self.cursors.open("audit", cursor)
        before = str(seen["sk"]) if seen else BEHIND_ALL
        start = datetime.fromisoformat(f"{before[:7]}-01T00:00:00+00:00") if seen else now
        # One more than asked for tells whether there is a further page.
        items = list(islice(self.read_back_from(start, before, limit + 1), limit + 1))
        last = {"sk": mark_of(items[limit - 1])} if len(items) > limit else None
        return Page(tuple(map(read, items[:limit])), self.cursors.seal("audit", last))

    def read_back_from(self, start: datetime, before: str, rows: int) -> Iterator[Item]:
        """Both kinds of records before a mark, newest first; so many rows are asked for at a time."""
        kinds = (self.read_by_time(start, before, rows), self.read_written_once(before, rows))
        yield from heapq.merge(*kinds, key=mark_of, reverse=True)

    def read_by_time(self, start: datetime, before: str, rows: int) -> Iterator[Item]:
        for period in periods_back(start):
            shards = [
                self.query_newest_first("#pk = :name AND #sk < :before", rows, name=name, before=before)
                for name in audit_partitions(period)
            ]
            yield from heapq.merge(*shards, key=mark_of, reverse=True)

    def read_written_once(self, before: str, rows: int) -> Iterator[Item]:
        condition, values = "#due_kind = :once", dict[str, Any](once=DueKind.AUDIT_ONCE)
        if before != BEHIND_ALL:
            condition, values = f"{condition} AND #due_at <= :at", values | {"at": microseconds(before)}
        found = self.query_newest_first(condition, rows, index="due", **values)
        # Of one microsecond those behind the mark may come as well, in any order.
        for _, together in groupby(found, key=lambda each: int(each["due_at"])):
            marked = [each for each in together if mark_of(each) < before]
            yield from sorted(marked, key=mark_of, reverse=True)

    def query_newest_first(self, condition: str, rows: int, index: str = "", **values: Any) -> Iterator[Item]:
        return self.table.query_all(condition, rows=rows, index=index, descending=True, **values)

    def list_about(self, thing: str, cursor: str | None, limit: int) -> Page[AuditRecord]:
        scope = f"about/{thing}"
        items, last = self.table.query(
            "#list_pk = :thing",
            index="by_time",
            descending=True,
            limit=limit,
            start=self.cursors.open(scope, cursor),
            thing=about_list(thing),
        )
        return Page(tuple(map(read, items)), self.cursors.seal(scope, last))


def mark_of(found: Item) -> str:
    """What all records are put in order by: their time, then their place in it."""
    return str(found["sk"] if "due_at" not in found else found["list_time"])


def read(found: Mapping[str, object]) -> AuditRecord:
    return replace(unpack(AuditRecord, found), once="")
