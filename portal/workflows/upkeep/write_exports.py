"""Writing exports of the audit log, a piece after the other, as far as the minute's time goes.

A worker that is killed anywhere loses at most what it had not kept: the next one goes on from what the item
says. Where the parts are not as the item knows them the export begins again, and nobody sees half of one: it
is offered only once the whole object is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.domain.audit.exports import AuditExport, ExportState, write_heading, write_records
from portal.engine.budgets import MIN_REMAINING_SECONDS
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures

PART_BYTES = 6 * 1024 * 1024  # S3 takes parts from 5 MiB on, and 10,000 of them
PIECE_ROWS = 1000


@dataclass
class Writing:
    """An export that this worker holds until then, and what is not in a part yet."""

    export: AuditExport
    held_until: datetime
    services: Services
    unsent: bytearray

    def keep(self, export: AuditExport, *, release: bool = False) -> bool:
        due_at = self.services.clock() if release else self.held_until
        kept = self.services.audit_exports.keep(export, self.held_until, due_at)
        self.export = export
        return kept


def write_exports(services: Services, seconds_left: Callable[[], float]) -> None:
    for export in services.audit_exports.list_due(services.clock()):
        if seconds_left() < MIN_REMAINING_SECONDS:
            break
        with isolate_failures("audit export"):
            write_export(export, services, seconds_left)


def write_export(export: AuditExport, services: Services, seconds_left: Callable[[], float]) -> None:
    claimed = services.audit_exports.claim(export, services.clock())
    if claimed is None:
        return
    export, held_until = claimed
    is_new = export.position == export.begins
    unsent = write_heading(export.format) if is_new else services.exports.get_rest(export)
    writing = Writing(export, held_until, services, bytearray(unsent))
    position: str | None = export.position
    rows = export.rows
    while position is not None:
        if seconds_left() < MIN_REMAINING_SECONDS:
            put_off(writing, position, rows)
            return
        read = services.audit.read_back(export.search, position, PIECE_ROWS)
        writing.unsent += write_records(export.format, read.records)
        position, rows = read.position, rows + len(read.records)
        if len(writing.unsent) >= PART_BYTES and not send_part(writing):
            writing.keep(writing.export.begin_again(), release=True)
            return
    finish(writing, rows)


def send_part(writing: Writing) -> bool:
    """Send what there is as the next part; it counts once the item says so. False if the upload is gone."""
    export, store = writing.export, writing.services.exports
    if not export.upload_id:
        export = replace(export, upload_id=store.begin(export))
    etag = store.put_part(export, len(export.etags) + 1, bytes(writing.unsent))
    if etag is None:
        return False
    size = export.size + len(writing.unsent)
    writing.export = replace(export, etags=(*export.etags, etag), size=size)
    writing.unsent.clear()
    return True


def put_off(writing: Writing, position: str, rows: int) -> None:
    """Keep how far it is, and what is too short for a part, for whoever goes on."""
    export = replace(writing.export, position=position, rows=rows, rest=writing.export.rest + 1)
    writing.services.exports.put_rest(export, bytes(writing.unsent))
    writing.keep(export, release=True)


def finish(writing: Writing, rows: int) -> None:
    store = writing.services.exports
    size = writing.export.size + len(writing.unsent)
    if not writing.export.etags:
        store.put(writing.export, bytes(writing.unsent))
    elif not (
        (not writing.unsent or send_part(writing)) and store.finish(writing.export, writing.export.etags)
    ):
        writing.keep(writing.export.begin_again(), release=True)
        return
    writing.keep(replace(writing.export, state=ExportState.READY, rows=rows, size=size))
