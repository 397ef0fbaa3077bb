"""Reports on their way: what is next for each, and the schedule that goes on with those that nobody watches.

Whatever ends anywhere, the next one goes on from what the table says: a query is started under a token of its
report, and so once; stopping one that is over changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.usage.reports import (
    Failure,
    QueryRefused,
    Report,
    ReportState,
    Run,
    RunState,
    SaveReportResult,
)
from portal.engine.budgets import iterate_in_time
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures

UNKNOWN = Run(RunState.FAILED, failure=Failure.UNKNOWN)


def run_reports(services: Services, seconds_left: Callable[[], float]) -> None:
    """Every report that is not over and was not looked at within a minute."""
    for report in iterate_in_time(services.reports.list_due(services.clock()), seconds_left):
        with isolate_failures("report"):
            advance(report, services)


def advance(report: Report, services: Services) -> Report:
    """Do what is next for a report; how it is then. Raises Unavailable where the service does not answer."""
    if report.state.is_over:
        return report
    if not report.execution_id:
        report = start(report, services)
    if report.state is ReportState.CANCELLING:
        services.query_service.stop(report.execution_id)
    return report if report.state.is_over else look(report, services)


def start(report: Report, services: Services) -> Report:
    """One that is to be cancelled is started too where nobody knows whether it was: only so it has a name to
    be stopped by.
    """
    try:
        execution_id = services.query_service.start(report)
    except QueryRefused as refused:
        failed = Run(RunState.FAILED, failure=refused.failure, reason=refused.reason)
        return save(report, report.update_from(failed, services.clock()), services)
    state = ReportState.RUNNING if report.state is ReportState.ASKED else report.state
    return save(report, replace(report, execution_id=execution_id, state=state), services)


def look(report: Report, services: Services) -> Report:
    (now,) = look_live([report], services)
    return save(report, now, services)


def look_live(reports: Sequence[Report], services: Services) -> list[Report]:
    """How far these are, in one call or none; changes nothing."""
    running = [each for each in reports if each.execution_id and not each.state.is_over]
    found = services.query_service.look([each.execution_id for each in running]) if running else {}
    return [
        each.update_from(found.get(each.execution_id, UNKNOWN), services.clock()) if each in running else each
        for each in reports
    ]


def save(before: Report, after: Report, services: Services) -> Report:
    """The report as it is in the table then: where somebody else was quicker, as they left it."""
    now = services.clock()
    record = record_end(after, services) if after.state.is_over else None
    if services.reports.save(before, after, now, record) is SaveReportResult.SAVED:
        return after
    return services.reports.get(before.id) or after


def record_end(report: Report, services: Services) -> AuditRecord:
    details = {
        "report": report.kind, "state": report.state, "scanned_bytes": str(report.scanned_bytes),
        "run_ms": str(report.run_ms),
        **({"failure": report.failure} if report.failure else {}),
        **({"why": report.reason} if report.reason else {}),
    }  # fmt: skip
    return AuditRecord(
        at=services.clock(), action=Action.REPORT_ENDED, actor=PORTAL, about=report.id,
        workflow="run_reports", details={name: str(value) for name, value in details.items()},
    )  # fmt: skip
