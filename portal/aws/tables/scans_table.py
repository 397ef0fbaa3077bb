"""Results of the malware scan in the table: marks on the file's own item, which decide, and a case beside it
while a scan is owed or complains, which is due or stands in the list of the quarantine (R36).

Every write of a mark is conditional on how many there were, so that the case always says what all of them
say, whatever two results do at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import QUARANTINE_LIST, DueKind, file_key, scan_case_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Write, delete, put, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.conditions import as_seen
from portal.aws.tables.due import query_due
from portal.aws.tables.notifications import queue_notification
from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File
from portal.domain.files.scans import Marks, ReleaseRequest, ScanCase, ScanState
from portal.domain.mail.notifications import Notification
from portal.domain.paging import Page
from portal.domain.policy.limits import Limits


class Scans:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def note(
        self, file: File, version: str, marks: Sequence[Marks], case: ScanCase | None, record: AuditRecord,
        notice: Notification | None = None,
    ) -> bool:  # fmt: skip
        noticed = [queue_notification(notice)] if notice else []
        writes = [mark(file, version, marks), put_case(file.id, case), append_record(record), *noticed]
        return self.table.try_transact(writes)

    def get_case(self, file_id: str) -> ScanCase | None:
        found = self.table.get(scan_case_key(file_id))
        return unpack(ScanCase, found) if found else None

    def get_with_case(self, file_id: str) -> tuple[File, ScanCase] | None:
        """Both in one consistent read; None where one of them is not there."""
        file, case = file_key(file_id), scan_case_key(file_id)
        found = self.table.get_many([file, case])
        if file not in found or case not in found:
            return None
        return unpack(File, found[file]), unpack(ScanCase, found[case])

    def list_all_due(self, now: datetime) -> Iterator[ScanCase]:
        return (unpack(ScanCase, item) for item in query_due(self.table, "scan", now))

    def list_quarantine(self, cursor: str | None, limit: int) -> Page[tuple[File, ScanCase]]:
        items, last = self.table.query(
            "#list_pk = :list", index="by_time", descending=True, limit=limit,
            start=self.cursors.open(QUARANTINE_LIST, cursor), list=QUARANTINE_LIST,
        )  # fmt: skip
        cases = [unpack(ScanCase, item) for item in items]
        found = self.table.get_many([file_key(each.file_id) for each in cases])
        files = {str(item["id"]): unpack(File, item) for item in found.values()}
        pairs = [(files[each.file_id], each) for each in cases if each.file_id in files]
        return Page(tuple(pairs), self.cursors.seal(QUARANTINE_LIST, last))

    def count_quarantine(self, most: int) -> int:
        items, _ = self.table.query("#list_pk = :list", index="by_time", limit=most, list=QUARANTINE_LIST)
        return len(items)

    def put_off(self, case: ScanCase, until: datetime) -> None:
        write = update(
            scan_case_key(case.file_id), "SET #due_at = :due, #next_look_at = :until",
            "#state = :waiting AND #version_id = :version", due=int(until.timestamp()), until=moment(until),
            waiting=ScanState.WAITING, version=case.version_id,
        )  # fmt: skip
        self.table.try_write(write)

    def replace_case(self, before: ScanCase, after: ScanCase | None) -> None:
        condition, values = as_read(before)
        write = replace(put_case(before.file_id, after), condition=condition, values=values)
        self.table.try_transact([write])

    def note_rescan(self, case: ScanCase, look_at: datetime, record: AuditRecord) -> bool:
        condition, values = as_read(case)
        write = update(
            scan_case_key(case.file_id), "SET #rescanned_at = :now, #due_kind = :kind, #due_at = :due",
            condition, now=moment(record.at), kind=DueKind.SCAN, due=int(look_at.timestamp()), **values,
        )  # fmt: skip
        return self.table.try_transact([write, append_record(record)])

    def end_looking(self, case: ScanCase) -> None:
        condition, values = as_read(case)
        gone = update(scan_case_key(case.file_id), "REMOVE #due_kind, #due_at", condition, **values)
        self.table.try_write(gone)

    def ask_release(self, case: ScanCase, request: ReleaseRequest, record: AuditRecord) -> bool:
        condition, values = as_read(case)
        write = update(
            scan_case_key(case.file_id), "SET #release = :request",
            f"{condition} AND attribute_not_exists(#release)", request=pack(request), **values,
        )  # fmt: skip
        return self.table.try_transact([write, append_record(record)])

    def decline_release(self, case: ScanCase, record: AuditRecord) -> bool:
        condition, values = as_asked(case)
        write = update(scan_case_key(case.file_id), "REMOVE #release", condition, **values)
        return self.table.try_transact([write, append_record(record)])

    def release(
        self, file: File, case: ScanCase, marks: Sequence[Marks], by_id: str, record: AuditRecord
    ) -> bool:
        condition, values = as_asked(case)
        gone = delete(
            scan_case_key(file.id),
            f"{condition} AND #release.#by_id <> :confirming",
            confirming=by_id,
            **values,
        )
        marked = mark(file, file.version_id, marks)
        return self.table.try_transact([marked, gone, append_record(record)])


def mark(file: File, version: str, marks: Sequence[Marks]) -> Write:
    """Note a version, on condition that nothing was noted since the file was read, and that it is still there
    in that version.
    """
    condition, seen = as_seen(file, ("state", "version_id", "scan_count"))
    adds = ", ".join(f"#{each} :found" for each in marks)
    return update(
        file_key(file.id), f"ADD {adds}, #scan_count :one", condition, found={version}, one=1, **seen
    )


def put_case(file_id: str, case: ScanCase | None) -> Write:
    """The case as it is from now on; None for none."""
    if case is None:
        return delete(scan_case_key(file_id))
    pk, sk = scan_case_key(case.file_id)
    entry = {**pack(case), "pk": pk, "sk": sk}
    if case.state is ScanState.WAITING and case.next_look_at:
        return put({**entry, "due_kind": DueKind.SCAN, "due_at": int(case.next_look_at.timestamp())})
    return put({**entry, "list_pk": QUARANTINE_LIST, "list_time": f"{moment(case.since)}#{case.file_id}"})


def put_first_case(file: File, limits: Limits) -> list[Write]:
    """The case of a file that is ready from now on, where its scan is owed or has complained before."""
    if file.ready_at is None or file.scan_closed is None:
        return []
    look_at = file.ready_at + timedelta(minutes=limits.scan_minutes)
    return [
        put_case(file.id, ScanCase(file.id, file.version_id, file.scan_state, file.ready_at, "", look_at))
    ]


def as_read(case: ScanCase) -> tuple[str, dict[str, Any]]:
    """The condition that a case is still about this, and its values."""
    values = {"state": case.state, "version": case.version_id, "since": moment(case.since)}
    return "#state = :state AND #version_id = :version AND #since = :since", values


def as_asked(case: ScanCase) -> tuple[str, dict[str, Any]]:
    """The same, and that its release is asked for as it was read."""
    condition, values = as_read(case)
    asked = (
        {"by": case.release.by_id, "at": moment(case.release.at)} if case.release else {"by": "", "at": ""}
    )
    return f"{condition} AND #release.#by_id = :by AND #release.#at = :at", values | asked
