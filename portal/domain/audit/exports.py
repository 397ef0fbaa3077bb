"""Exports of the audit log: what was asked for, how far it is written, and how a record stands in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from portal.domain.audit.canonical import describe_record
from portal.domain.audit.marks import behind_day
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.search import AuditSearch
from portal.domain.csv_cells import BYTE_ORDER_MARK, write_rows
from portal.domain.written_files import WrittenFile

PREFIX = "exports/"
COLUMNS = (
    "mark", "at", "action", "outcome", "actor_kind", "actor_id", "actor_name", "ip", "device", "about",
    "workflow", "stage", "step", "reason", "request_id", "details",
)  # fmt: skip


class ExportFormat(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"

    @property
    def content_type(self) -> str:
        return "text/csv; charset=utf-8" if self is ExportFormat.CSV else "application/jsonl"


@dataclass(frozen=True)
class AuditExport(WrittenFile):
    """begins: the position in the log behind its newest record; position: how far back it is written."""

    prefix = PREFIX

    format: ExportFormat
    search: AuditSearch
    begins: str
    position: str
    rows: int = 0

    @property
    def ending(self) -> str:
        return self.format

    @property
    def content_type(self) -> str:
        return self.format.content_type

    @property
    def file_name(self) -> str:
        return f"audit-log-{self.made_at.astimezone(UTC):%Y-%m-%d-%H%M}.{self.format}"

    def begin_again(self) -> AuditExport:
        return replace(self, position=self.begins, rows=0, size=0, upload_id="", etags=(), rest=self.rest + 1)


def find_beginning(search: AuditSearch, now: datetime) -> str:
    """The position behind the newest record that an export of now has."""
    until = now.astimezone(UTC).isoformat(timespec="microseconds")
    return min(behind_day(search.last_day), until) if search.last_day else until


def write_heading(form: ExportFormat) -> bytes:
    return (BYTE_ORDER_MARK + write_rows([COLUMNS])).encode() if form is ExportFormat.CSV else b""


def write_records(form: ExportFormat, records: Iterable[AuditRecord]) -> bytes:
    """A line each: in CSV guarded against formulas (R26), in JSON with every field, as `verify_audit` reads
    them.
    """
    if form is ExportFormat.CSV:
        return write_rows(map(list_cells, records)).encode()
    lines = (json.dumps(describe_record(each), separators=(",", ":")) for each in records)
    return "".join(f"{line}\n" for line in lines).encode()


def list_cells(record: AuditRecord) -> list[str]:
    """In the order of COLUMNS."""
    actor, details = record.actor, json.dumps(dict(record.details), ensure_ascii=False)
    return [
        record.mark, record.at.isoformat(), record.action, record.outcome, actor.kind, actor.id, actor.name,
        actor.source_ip, actor.device, record.about, record.workflow, record.stage, record.step,
        record.reason, record.request_id, details,
    ]  # fmt: skip
