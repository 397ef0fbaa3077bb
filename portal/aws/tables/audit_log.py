"""The audit log: a table of its own, to which records are appended; the role may change none (R65).

A record lies in a shard of its day, at its mark. Lists go back over all days to the first record (R71).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from portal.aws.client.codec import pack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import audit_key, audit_once_key, audit_partition
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Key, TableId, Write, put_new
from portal.aws.tables.audit_reading import LogReader, find_day, read_record
from portal.aws.tables.following_table import note_seen
from portal.aws.tables.profiles import check_trust
from portal.domain.audit.marks import behind_day, is_mark, make_mark
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.search import AuditSearch, FoundRecords, RecordsRead, hash_concerned
from portal.domain.paging import Page

# Records of one moment, as one request makes them, stay in their order.
SEQUENCE = count()
# What is reported again was first reported at most as long ago as the bucket keeps its access logs.
ONCE_DAYS = 400
WRITTEN_BEFORE = "written_before"
MAX_WRITTEN = 2000  # records of this hour that a process remembers having written
KEPT_ELSEWHERE = {"trust", "once", "mark"}
ACTORS_FOUND = {"person", "recipient"}  # what the portal does by itself would be one endless list


def append_record(record: AuditRecord) -> Write:
    """The write of a record, to stand in the transaction of what it records. Of one that is written once per
    name and hour, the transaction fails where that was written already.
    """
    beside = check_trust(record.trust)
    if record.once:
        guard = put_new(guard_item(record)).failing_as(WRITTEN_BEFORE)
        beside = (guard, *note_seen(record), *beside)
    return replace(put_new(item(record)), table=TableId.AUDIT, beside=beside)


def guard_item(record: AuditRecord) -> Item:
    """What says that a record of this name was written in this hour."""
    pk, sk = audit_once_key(record.at, record.once)
    return {"pk": pk, "sk": sk, "ttl": int((record.at + timedelta(days=ONCE_DAYS)).timestamp())}


def item(record: AuditRecord) -> Item:
    """A record's item, with the attributes that indexes find it by."""
    mark = make_mark(record.at, next(SEQUENCE), secrets.token_hex(6))
    pk, sk = audit_key(mark)
    stored = {name: value for name, value in pack(record).items() if value and name not in KEPT_ELSEWHERE}
    found_by = {"actor_id": find_actor_id(record), "address_hash": hash_concerned(record)}
    return {**stored, **{name: value for name, value in found_by.items() if value}, "pk": pk, "sk": sk}


def find_actor_id(record: AuditRecord) -> str:
    return record.actor.id if record.actor.kind in ACTORS_FOUND else ""


def start_of(search: AuditSearch, now: datetime) -> str:
    """The position behind the last record that can fit."""
    return behind_day(search.last_day or now.astimezone(UTC).date())


class AuditLog:
    """table: the main one, since what a record depends on is there; log: the audit log's, which is read."""

    def __init__(self, table: Table, log: Table, cursors: Cursors) -> None:
        self.table = table
        self.log = log
        self.cursors = cursors
        self.reader = LogReader(log)
        self.written = dict[Key, None]()  # guards that are there for the rest of their hour, oldest first

    def write(self, record: AuditRecord) -> None:
        """Write a record by itself; one that is written once, only if it was not in this hour. Who looks at a
        link again so costs no write that can only fail.
        """
        guard = audit_once_key(record.at, record.once) if record.once else None
        if guard in self.written:
            return
        try:
            self.table.write(append_record(record))
        except ConditionFailed as failed:
            if guard is None:
                raise
            if WRITTEN_BEFORE in failed.reasons:
                self.note_written(guard)
        else:
            self.note_written(guard)

    def note_written(self, guard: Key | None) -> None:
        if guard is None:
            return
        if len(self.written) >= MAX_WRITTEN:
            self.written.pop(next(iter(self.written)), None)
        self.written[guard] = None

    def get(self, mark: str) -> AuditRecord | None:
        """The record at this mark, consistently read."""
        if not is_mark(mark):
            return None
        pk, sk = audit_key(mark)
        items, _ = self.log.query("#pk = :pk AND #sk = :sk", pk=pk, sk=sk)  # the role may not get
        return read_record(items[0]) if items else None

    def list_newest(self, now: datetime, cursor: str | None, limit: int) -> Page[AuditRecord]:
        """Records before the cursor's, newest first. A page may be short where days without records begin;
        only at the log's beginning is there none after it.
        """
        found = self.search(AuditSearch(), now, cursor, limit)
        return Page(found.records, found.next)

    def search(self, search: AuditSearch, now: datetime, cursor: str | None, limit: int) -> FoundRecords:
        """The same of records that fit. A page that met few of them ends short after a bounded number of
        reads, and the next goes on from there.
        """
        seen = self.cursors.open("audit", cursor)
        found = self.read_back(search, str(seen["before"]) if seen else start_of(search, now), limit)
        back_to = find_day(found.position) if found.position and len(found.records) < limit else None
        sealed = self.cursors.seal("audit", {"before": found.position} if found.position else None)
        return FoundRecords(found.records, sealed, back_to)

    def read_back(self, search: AuditSearch, position: str, limit: int) -> RecordsRead:
        """A page's worth from a position back, for who keeps their place by themselves."""
        return self.reader.read_page(search, position, limit)

    def list_about(self, thing: str, cursor: str | None, limit: int) -> Page[AuditRecord]:
        scope = f"about/{thing}"
        items, last = self.log.query(
            "#about = :thing",
            index="by_thing",
            descending=True,
            limit=limit,
            start=self.cursors.open(scope, cursor),
            thing=thing,
        )
        return Page(tuple(map(read_record, items)), self.cursors.seal(scope, last))

    def read_shard(self, day: date, shard: int, after_mark: str, limit: int) -> list[AuditRecord]:
        """A shard's records after a mark, oldest first, consistently read; from its first where the mark is
        empty. Fewer than `limit` only at its end.
        """
        found, start = list[Mapping[str, object]](), None
        while len(found) < limit:
            items, start = self.log.query(
                "#pk = :pk AND #sk > :after",
                limit=limit - len(found), start=start,
                pk=audit_partition(day, shard), after=after_mark or day.isoformat(),
            )  # fmt: skip
            found += items
            if not start:
                break
        return [read_record(each) for each in found]
