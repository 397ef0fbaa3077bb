"""Reports on the access log for administrators' pages: the list of them, and one with its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.errors import NotFound, Unavailable
from portal.domain.paging import Page
from portal.domain.usage.reports import (
    Report,
    ReportState,
    Result,
    Thing,
    ThingKind,
    add_names,
    list_things,
    parse_result,
)
from portal.engine.services import Services
from portal.queries.rows import EVERYONE_ROWS
from portal.workflows.usage.running import look_live

READ_BYTES = 64 * 1024  # of a result, for its first rows
SHOWN_ROWS = 40  # which with two names each are read in one call
SHOWN_CELLS = 400


@dataclass(frozen=True)
class ReportsPage:
    """askers: the names of who asked; answers: whether the service says how far those are that run."""

    page: Page[Report]
    askers: Mapping[str, str]
    answers: bool
    is_set_up: bool


@dataclass(frozen=True)
class ReportView:
    """result: its first rows; None where there is none, or it is gone."""

    report: Report
    asker: str
    result: Result | None
    answers: bool


def list_reports(cursor: str | None, services: Services) -> ReportsPage:
    page = services.reports.list_page(cursor, EVERYONE_ROWS)
    reports, answers = look_if_possible(page.items, services)
    askers = services.people.get_names(sorted({each.asked_by for each in reports}))
    return ReportsPage(Page(tuple(reports), page.next), askers, answers, services.query_service.is_set_up)


def get_report(report_id: str, now: datetime, services: Services) -> ReportView:
    found = services.reports.get(report_id)
    if found is None or found.kept_until <= now:
        raise NotFound()
    (report,), answers = look_if_possible([found], services)
    result = read_first_rows(report, services)
    asker = Thing(ThingKind.PERSON, report.asked_by)
    things = list_things(report.kind, result) if result else []
    names = services.report_names.find([asker, *things])
    shown = add_names(report.kind, result, names) if result else None
    return ReportView(report, names.get(asker, ""), shown, answers)


def look_if_possible(reports: Sequence[Report], services: Services) -> tuple[list[Report], bool]:
    """How far they are; as far as is known where the service does not answer."""
    try:
        return look_live(reports, services), True
    except Unavailable:
        return list(reports), False


def read_first_rows(report: Report, services: Services) -> Result | None:
    if report.state is not ReportState.READY:
        return None
    read = services.report_results.read(report, READ_BYTES)
    if read is None:
        return None
    result = parse_result(read)
    most = min(SHOWN_ROWS, max(1, SHOWN_CELLS // max(1, len(result.columns))))
    return Result(result.columns, result.rows[:most], result.is_cut or len(result.rows) > most)
