"""Exports of the audit log: a few at a time for each, and fetched by whoever asked for them alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.domain.audit.exports import AuditExport, ExportFormat
from portal.domain.audit.record import Action
from portal.domain.audit.search import AuditSearch
from portal.domain.errors import NotFound, TooMany
from portal.domain.people.person import Person
from portal.domain.written_files import KEPT_DAYS
from portal.engine.workflow import run
from portal.workflows.audit.exporting import (
    EXPORT_AUDIT,
    FETCH_EXPORT,
    MAX_WAITING,
    ExportAudit,
    FetchExport,
)
from portal.workflows.upkeep.write_exports import write_exports
from tests.actions import list_records, make_person, make_request
from tests.builders import Running

IDA, BEN = make_person("Ida Admin", admin=True), make_person("Ben Okoro", admin=True)


def ask(portal: Running, who: Person = IDA) -> AuditExport:
    portal.clock.turn(seconds=1)
    search = AuditSearch(action=Action.UPLOAD_RESERVED)
    context = ExportAudit(make_request(who, portal), search=search, format=ExportFormat.JSON_LINES)
    made = run(EXPORT_AUDIT, context, portal.portal.services).export
    assert made is not None
    return made


def write(portal: Running) -> None:
    write_exports(portal.portal.services, lambda: 60.0)


def fetch(portal: Running, export_id: str, who: Person = IDA) -> str:
    return run(
        FETCH_EXPORT, FetchExport(make_request(who, portal), export_id=export_id), portal.portal.services
    ).address


def test_a_few_wait_for_each_person_and_then_the_next(portal: Running) -> None:
    for _ in range(MAX_WAITING):
        ask(portal)
    with pytest.raises(TooMany):
        ask(portal)
    ask(portal, BEN)
    write(portal)
    ask(portal)


def test_what_is_recorded_of_an_export_is_what_was_asked_for(portal: Running) -> None:
    ask(portal)
    (record,) = list_records(portal, "audit.exported")
    assert {name: each["S"] for name, each in record["details"]["M"].items() if name != "passed"} == {
        "action": "file.upload_reserved", "format": "jsonl",
    }  # fmt: skip


def test_an_export_is_for_who_asked_while_it_is_kept(portal: Running) -> None:
    """Anything else is not there, and no address of it exists."""
    export, waiting = ask(portal), ask(portal)
    for wrong in (export.id, waiting.id, "", "../x", "0" * 26):
        with pytest.raises(NotFound):
            fetch(portal, wrong)
    write(portal)
    with pytest.raises(NotFound):
        fetch(portal, export.id, BEN)
    assert export.key in fetch(portal, export.id)
    portal.clock.now = export.made_at + timedelta(days=KEPT_DAYS, seconds=-1)
    assert fetch(portal, export.id)
    portal.clock.turn(seconds=1)
    with pytest.raises(NotFound):
        fetch(portal, export.id)
