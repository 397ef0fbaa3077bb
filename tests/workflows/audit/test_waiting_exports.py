"""Of one person three exports are written at a time, whoever asks in the same moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal.aws.client.export_keys import export_key
from portal.aws.client.writes import delete
from portal.domain.audit.exports import AuditExport, ExportFormat
from portal.domain.audit.search import AuditSearch
from portal.domain.errors import TooMany
from portal.engine.workflow import run
from portal.workflows.audit.exporting import EXPORT_AUDIT, MAX_WAITING, ExportAudit
from portal.workflows.upkeep.write_exports import write_exports
from tests.actions import list_records, make_person, make_request, read_state
from tests.builders import Running

ADA, IDA = make_person("Ada Minh", admin=True), make_person("Ida Admin", admin=True)


def ask(portal: Running, who: Any = ADA) -> AuditExport:
    portal.clock.turn(seconds=1)
    context = ExportAudit(make_request(who, portal), search=AuditSearch(), format=ExportFormat.JSON_LINES)
    export = run(EXPORT_AUDIT, context, portal.portal.services).export
    assert export is not None
    return export


def overlook_others(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As someone who asked before the others were there."""
    monkeypatch.setattr(portal.portal.services.audit_exports, "list_newest", lambda owner_id: [])


@pytest.mark.requirement("R62", "R63")
def test_the_write_itself_asks_how_many_wait(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another person's do not count; what is written makes room."""
    overlook_others(portal, monkeypatch)
    for _ in range(MAX_WAITING):
        ask(portal)
    before = read_state(portal)
    with pytest.raises(TooMany):
        ask(portal)
    assert read_state(portal) == before
    ask(portal, IDA)
    write_exports(portal.portal.services, lambda: 60.0)
    for _ in range(MAX_WAITING):
        ask(portal)
    with pytest.raises(TooMany):
        ask(portal)
    done = [each for each in list_records(portal, "audit.exported") if each["outcome"]["S"] == "done"]
    assert len(done) == 2 * MAX_WAITING + 1


def test_one_that_was_forgotten_unwritten_takes_no_room(
    portal: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table forgets it after some time, and its end was noted nowhere."""
    overlook_others(portal, monkeypatch)
    made = [ask(portal) for _ in range(MAX_WAITING)]
    table = portal.portal.services.audit_exports.table  # type: ignore[attr-defined]
    table.write(delete(export_key(ADA.id, made[0].id)))
    portal.clock.turn(seconds=timedelta(days=1).total_seconds())
    ask(portal)
    with pytest.raises(TooMany):
        ask(portal)
