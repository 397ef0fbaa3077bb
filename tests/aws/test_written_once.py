"""A record that is written once an hour: whoever knows that it is there makes no call for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks.trace import trace_calls
from portal.aws.tables import audit_log
from portal.bootstrap import build
from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.engine.services import AuditLog
from tests.actions import list_records
from tests.builders import Running

pytestmark = pytest.mark.requirement("R42")


def make_record(portal: Running, name: str = "opened", **later: int) -> AuditRecord:
    at = portal.clock() + timedelta(**later)
    return AuditRecord(at=at, action=Action.LINK_OPENED, actor=PORTAL, about="share", once=name)


def count_calls(log: AuditLog, record: AuditRecord) -> int:
    with trace_calls() as trace:
        log.write(record)
    return len(trace)


def test_it_is_written_once_an_hour_and_tried_once_a_process(portal: Running) -> None:
    here, there = portal.portal.services.audit, build(portal.config, portal.clock).services.audit
    assert [count_calls(here, make_record(portal)) for _ in range(3)] == [1, 0, 0]
    assert [count_calls(there, make_record(portal)) for _ in range(3)] == [1, 0, 0]
    assert len(list_records(portal, str(Action.LINK_OPENED))) == 1
    assert count_calls(here, make_record(portal, "another")) == 1
    assert count_calls(here, make_record(portal, hours=1)) == 1
    assert len(list_records(portal, str(Action.LINK_OPENED))) == 3


def test_what_is_written_each_time_is(portal: Running) -> None:
    record = replace(make_record(portal), once="")
    assert [count_calls(portal.portal.services.audit, record) for _ in range(2)] == [1, 1]
    assert len(list_records(portal, str(Action.LINK_OPENED))) == 2


def test_what_a_process_remembers_is_bounded(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has forgotten it tries once more, in vain."""
    monkeypatch.setattr(audit_log, "MAX_WRITTEN", 2)
    log = portal.portal.services.audit
    for name in ("a", "b", "c"):
        log.write(make_record(portal, name))
    assert [count_calls(log, make_record(portal, name)) for name in ("b", "c", "a")] == [0, 0, 1]
    assert len(list_records(portal, str(Action.LINK_OPENED))) == 3
