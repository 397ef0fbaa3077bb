"""Reports in the table: one item each. What is not over is due, so that the schedule goes on with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from portal.aws.client.codec import pack, seconds, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import DueKind, file_key, profile_key, recipient_key
from portal.aws.client.report_keys import REPORTS, report_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Key, Write, put, put_new
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.due import query_due
from portal.domain.audit.record import AuditRecord
from portal.domain.ids import is_id
from portal.domain.paging import Page
from portal.domain.usage.reports import Report, SaveReportResult, Thing, ThingKind

LOOK_AGAIN = timedelta(minutes=1)


class Reports:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def create(self, report: Report, record: AuditRecord) -> None:
        self.table.transact([put_new(as_item(report, report.asked_at)), append_record(record)])

    def get(self, report_id: str) -> Report | None:
        found = self.table.get(report_key(report_id)) if is_id(report_id) else None
        return unpack(Report, found) if found else None

    def list_page(self, cursor: str | None, limit: int) -> Page[Report]:
        items, last = self.table.query(
            "#pk = :pk", descending=True, limit=limit, start=self.cursors.open(REPORTS, cursor), pk=REPORTS
        )
        return Page(tuple(unpack(Report, each) for each in items), self.cursors.seal(REPORTS, last))

    def list_due(self, now: datetime) -> Iterator[Report]:
        return (unpack(Report, each) for each in query_due(self.table, "report", now))

    def save(
        self, before: Report, after: Report, now: datetime, record: AuditRecord | None = None
    ) -> SaveReportResult:
        as_read = put(
            as_item(after, now + LOOK_AGAIN), "#state = :state AND #execution_id = :execution",
            state=before.state, execution=before.execution_id,
        )  # fmt: skip
        writes: list[Write] = [as_read, *([append_record(record)] if record else [])]
        saved = self.table.try_transact(writes) if record else self.table.try_write(as_read)
        return SaveReportResult.SAVED if saved else SaveReportResult.CHANGED_MEANWHILE


def as_item(report: Report, due_at: datetime) -> Item:
    pk, sk = report_key(report.id)
    due = {} if report.state.is_over else {"due_kind": DueKind.REPORT, "due_at": seconds(due_at)}
    return {**pack(report), "pk": pk, "sk": sk, "ttl": seconds(report.kept_until), **due}


class ReportNames:
    def __init__(self, table: Table) -> None:
        self.table = table

    def find(self, things: Iterable[Thing]) -> Mapping[Thing, str]:
        keys = {each: thing_key(each) for each in things if is_id(each.id)}
        items = self.table.get_many(list(keys.values()))
        return {thing: items[key].get(NAME_OF[thing.kind], "") for thing, key in keys.items() if key in items}


# The attribute that has the name.
NAME_OF = {ThingKind.PERSON: "name", ThingKind.FILE: "name", ThingKind.RECIPIENT: "address"}


def thing_key(thing: Thing) -> Key:
    match thing.kind:
        case ThingKind.PERSON:
            return profile_key(thing.id)
        case ThingKind.FILE:
            return file_key(thing.id)
        case ThingKind.RECIPIENT:
            return recipient_key(thing.within, thing.id)
