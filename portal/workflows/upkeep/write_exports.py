"""Writing exports of the audit log, newest record first (writing.py says how)."""

from __future__ import annotations

from dataclasses import replace

from portal.domain.audit.exports import AuditExport, write_heading, write_records
from portal.engine.budgets import MIN_REMAINING_SECONDS, SecondsLeft, iterate_in_time
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.upkeep.writing import claim

PIECE_ROWS = 1000


def write_exports(services: Services, seconds_left: SecondsLeft) -> None:
    for export in iterate_in_time(services.audit_exports.list_due(services.clock()), seconds_left):
        with isolate_failures("audit export"):
            write_export(export, services, seconds_left)


def write_export(export: AuditExport, services: Services, seconds_left: SecondsLeft) -> None:
    writing = claim(export, services.audit_exports, make_heading, services)
    if writing is None:
        return
    position: str | None = writing.export.position
    rows = writing.export.rows
    while position is not None:
        if seconds_left() < MIN_REMAINING_SECONDS:
            writing.put_off(replace(writing.export, position=position, rows=rows))
            return
        read = services.audit.read_back(writing.export.search, position, PIECE_ROWS)
        writing.unsent += write_records(writing.export.format, read.records)
        position, rows = read.position, rows + len(read.records)
        if writing.has_part and not writing.send_part():
            writing.begin_again()
            return
    if done := writing.finish():
        writing.keep(replace(done, rows=rows))
    else:
        writing.begin_again()


def make_heading(export: AuditExport) -> bytes | None:
    """None for one that is under way."""
    return write_heading(export.format) if export.position == export.begins else None
