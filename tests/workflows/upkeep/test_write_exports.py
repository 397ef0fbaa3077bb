"""Exports of the audit log are written in pieces: stopped wherever, the file is whole or not there."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.aws.client.calls import clients
from portal.aws.s3.export_store import ExportStore
from portal.domain.audit.canonical import describe_record
from portal.domain.audit.exports import AuditExport, ExportFormat
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.audit.search import AuditSearch
from portal.domain.csv_cells import BYTE_ORDER_MARK
from portal.domain.written_files import ExportState
from portal.engine.workflow import run
from portal.workflows.audit.exporting import EXPORT_AUDIT, ExportAudit
from portal.workflows.upkeep import write_exports, writing
from tests.actions import make_person, make_request
from tests.builders import Running
from tests.workflows.uploads.test_upload_kills import kill_at

ADA = make_person("Ada Minh", admin=True)
RECORDS = 23


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several parts, and several pieces in each."""
    monkeypatch.setattr(writing, "PART_BYTES", 1500)
    monkeypatch.setattr(write_exports, "PIECE_ROWS", 3)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    put_part = ExportStore.put_part

    def put_as_s3_does(*details: Any) -> str | None:
        """moto breaks where S3 says NoSuchUpload."""
        try:
            return put_part(*details)
        except KeyError:
            return None

    monkeypatch.setattr(ExportStore, "put_part", put_as_s3_does)


@pytest.fixture
def records(portal: Running) -> list[AuditRecord]:
    """What is exported, as it lies in the log, newest first; and others, which do not fit."""
    log = portal.portal.services.audit
    for number in range(RECORDS):
        portal.clock.turn(seconds=1)
        actor = Actor("person", "p", "=HYPERLINK()", "192.0.2.7")
        to = {"to": "@x, y"}
        log.write(AuditRecord(portal.clock(), Action.SHARED, actor, f"share-{number}", details=to))
        log.write(AuditRecord(portal.clock(), Action.SIGNED_IN, actor, "p"))
    portal.clock.turn(seconds=1)
    found = log.search(AuditSearch(action=Action.SHARED), portal.clock(), None, 100).records
    assert len(found) == RECORDS
    return list(found)


def ask(portal: Running, form: ExportFormat = ExportFormat.JSON_LINES) -> AuditExport:
    context = ExportAudit(make_request(ADA, portal), search=AuditSearch(action=Action.SHARED), format=form)
    export = run(EXPORT_AUDIT, context, portal.portal.services).export
    assert export is not None
    return export


def read(portal: Running, export: AuditExport) -> AuditExport:
    found = portal.portal.services.audit_exports.get(export.owner_id, export.id)
    assert found is not None
    return found


def content(portal: Running, export: AuditExport) -> str:
    s3 = clients(portal.config.region).get("s3")
    return str(s3.get_object(Bucket=portal.config.logs_bucket, Key=export.key)["Body"].read().decode())


def write(portal: Running, looks: int = 1_000) -> None:
    """One minute's work; looks: how often there is time left."""
    times = iter([60.0] * looks)
    write_exports.write_exports(portal.portal.services, lambda: next(times, 0.0))


def check_whole(portal: Running, export: AuditExport, records: list[AuditRecord]) -> None:
    done = read(portal, export)
    assert (done.state, done.rows) == (ExportState.READY, RECORDS)
    text = content(portal, export)
    assert done.size == len(text.encode())
    assert [json.loads(line) for line in text.splitlines()] == [describe_record(each) for each in records]
    assert list(portal.portal.services.audit_exports.list_due(portal.clock() + timedelta(days=1))) == []


def test_it_has_every_record_with_all_that_seals_cover(portal: Running, records: list[AuditRecord]) -> None:
    """Up to when it was asked for, in a few parts."""
    export = ask(portal)
    portal.clock.turn(seconds=1)
    portal.portal.services.audit.write(replace(records[0], at=portal.clock(), mark=""))
    write(portal)
    assert len(read(portal, export).etags) > 2
    check_whole(portal, export, records)


@pytest.mark.requirement("R26")
def test_a_spreadsheet_finds_no_formula_in_it(portal: Running, records: list[AuditRecord]) -> None:
    export = ask(portal, ExportFormat.CSV)
    write(portal)
    text = content(portal, export)
    assert text.startswith(BYTE_ORDER_MARK)
    heading, *rows = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)))
    assert heading[:3] == ["mark", "at", "action"]
    assert [row[0] for row in rows] == [each.mark for each in records]
    assert {row[heading.index("actor_name")] for row in rows} == {"'=HYPERLINK()"}
    assert all(cell[:1] not in {"=", "+", "-", "@"} for row in rows for cell in row)


@pytest.mark.parametrize("looks", [2, 3, 5])
def test_it_goes_on_where_the_minute_ended(portal: Running, records: list[AuditRecord], looks: int) -> None:
    export = ask(portal)
    for _ in range(RECORDS):
        write(portal, looks)
        portal.clock.turn(minutes=1)
        if read(portal, export).state is ExportState.READY:
            break
        assert read(portal, export).rows <= RECORDS
    check_whole(portal, export, records)


@pytest.mark.requirement("R61")
def test_killed_at_any_call_it_is_whole_in_the_end(portal: Running, records: list[AuditRecord]) -> None:
    """Also when time ran out before; while it is not ready, nothing is offered."""
    for place in range(1, 200):
        export = ask(portal)
        write(portal, 4)
        is_over = False
        with kill_at(portal, place - 1):
            write(portal)
            is_over = True
        if is_over:
            assert place > 8
            return
        for _ in range(4):
            portal.clock.turn(minutes=3)
            write(portal)
        check_whole(portal, export, records)


def test_where_the_upload_is_gone_it_begins_again(
    portal: Running, records: list[AuditRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the bucket's lifecycle ends one that nobody went on with for a day."""
    export = ask(portal)
    write(portal, 5)
    assert read(portal, export).upload_id
    with monkeypatch.context() as gone:
        gone.setattr(ExportStore, "put_part", lambda *_: None)
        write(portal)
    again = read(portal, export)
    assert (again.state, again.rows, again.etags) == (ExportState.WAITING, 0, ())
    write(portal)
    check_whole(portal, export, records)


def test_one_worker_at_a_time(portal: Running, records: list[AuditRecord]) -> None:
    """Whoever lost it keeps nothing; it is anybody's again after two minutes."""
    export, exports = ask(portal), portal.portal.services.audit_exports
    held = exports.claim(export, portal.clock())
    assert held is not None
    assert exports.claim(export, portal.clock()) is None
    portal.clock.turn(minutes=3)
    write(portal)
    assert not exports.keep(held[0].begin_again(), held[1], portal.clock())
    check_whole(portal, export, records)
