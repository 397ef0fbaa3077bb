"""Reports on the access log: starting one, cancelling one, and fetching what came of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from portal.domain import csv_cells
from portal.domain.audit.record import Action
from portal.domain.errors import (
    N_,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from portal.domain.ids import make_sortable_id
from portal.domain.people.permissions import Privilege
from portal.domain.usage.free_queries import parse_query
from portal.domain.usage.periods import Period
from portal.domain.usage.reports import (
    MOST_RESULT_BYTES,
    TEXTS,
    Report,
    ReportKind,
    ReportState,
    SaveReportResult,
    add_names,
    list_things,
    parse_range,
    parse_result,
)
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow
from portal.workflows.usage.running import advance, look_live

MAX_RUNNING = 3  # of one person at a time
LOOKED_AT = 50  # of the newest reports, to count those
LINK_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class ReportContext(Context):
    report: Report | None = None

    @property
    def required_report(self) -> Report:
        if self.report is None:
            raise RuntimeError("the report is described or found first")
        return self.report


C = TypeVar("C", bound=ReportContext)


@dataclass(frozen=True, kw_only=True)
class StartReport(ReportContext):
    """first, last: days as they were typed; query: the text of a free one. period: once they are read."""

    kind: str
    first: str = ""
    last: str = ""
    query: str = ""
    period: Period | None = None


def check_what_is_asked(context: StartReport, services: Services) -> StartReport:
    if context.kind not in set(ReportKind):
        raise Invalid(N_("Choose a report."), field="kind", reason="invalid")
    if context.kind == ReportKind.FREE:
        return replace(context, query=parse_query(context.query))
    return replace(context, period=parse_range(context.first, context.last, context.now.date()))


def require_set_up(context: StartReport, services: Services) -> StartReport:
    if not services.query_service.is_set_up:
        raise Conflict(
            N_("Reports are not set up: the portal's environment names no workgroup of Athena."),
            reason="no_reports",
        )
    return context


def require_free_queries(context: StartReport, services: Services) -> StartReport:
    if context.kind == ReportKind.FREE and not services.limits.free_queries:
        raise Forbidden(
            N_("A policy does not let you write queries of your own. Choose one of the reports."),
            reason="no_free_queries",
        )
    return context


def require_few_running(context: StartReport, services: Services) -> StartReport:
    newest = services.reports.list_page(None, LOOKED_AT).items
    mine = [each for each in newest if each.asked_by == context.me.id and not each.state.is_over]
    if len(mine) >= MAX_RUNNING:
        raise TooMany(
            N_("Other reports of yours are still running. Start this one once they have ended."),
            reason="too_many_reports",
        )
    return context


def describe_report(context: StartReport, services: Services) -> StartReport:
    kind, period = ReportKind(context.kind), context.period
    text = context.query if kind is ReportKind.FREE else TEXTS[kind]
    report = Report(
        make_sortable_id(context.now), kind, context.me.id, context.now, text,
        period.first if period else None, period.last if period else None,
    )  # fmt: skip
    days = {"from": str(period.first), "to": str(period.last)} if period else {}
    return replace(context, report=report, about=report.id, details={"report": kind, **days, "query": text})


def queue_report(context: StartReport, services: Services) -> StartReport:
    services.reports.create(context.required_report, context.required_record)
    return context


def begin_query(context: StartReport, services: Services) -> StartReport:
    return advance_if_possible(context, services)


def advance_if_possible(context: C, services: Services) -> C:
    """The schedule does later what cannot be done now."""
    with suppress(Unavailable):
        return replace(context, report=advance(context.required_report, services))
    return context


START_REPORT: Workflow[StartReport] = Workflow(
    "start_report",
    Action.REPORT_ASKED,
    {
        Stage.VALIDATE: (check_what_is_asked,),
        Stage.AUTHORIZE: (require_set_up, require_free_queries, require_few_running),
        Stage.AUDIT: (describe_report,),
        Stage.PROCESS: (queue_report, begin_query),
    },
    needs=Privilege.ADMINISTER,
)


@dataclass(frozen=True, kw_only=True)
class OnReport(ReportContext):
    """address: where the result of one is fetched, for LINK_SECONDS."""

    report_id: str
    address: str = ""


def find_report(context: OnReport, services: Services) -> OnReport:
    report = services.reports.get(context.report_id)
    if report is None or report.kept_until <= context.now:
        raise NotFound()
    return replace(context, report=report, about=report.id, details={"report": report.kind})


def require_unfinished(context: OnReport, services: Services) -> OnReport:
    if context.required_report.state.is_over:
        raise Conflict(N_("This report is over already."), reason="report_over")
    return context


def mark_cancelled(context: OnReport, services: Services) -> OnReport:
    before = context.required_report
    after = replace(before, state=ReportState.CANCELLING)
    result = services.reports.save(before, after, context.now, context.required_record)
    if result is SaveReportResult.CHANGED_MEANWHILE:
        raise Conflict()
    return replace(context, report=after)


def stop_query(context: OnReport, services: Services) -> OnReport:
    return advance_if_possible(context, services)


CANCEL_REPORT: Workflow[OnReport] = Workflow(
    "cancel_report",
    Action.REPORT_CANCELLED,
    {
        Stage.IDENTIFY: (find_report,),
        Stage.AUTHORIZE: (require_unfinished,),
        Stage.PROCESS: (mark_cancelled, stop_query),
    },
    needs=Privilege.ADMINISTER,
)


def see_how_far(context: OnReport, services: Services) -> OnReport:
    """It may have ended since the schedule looked."""
    (report,) = look_live([context.required_report], services)
    return replace(context, report=report)


def require_ready(context: OnReport, services: Services) -> OnReport:
    if context.required_report.state is not ReportState.READY:
        raise NotFound()
    return context


def write_safe_copy(context: OnReport, services: Services) -> OnReport:
    """What the service wrote is never given out as it is: its cells may begin formulas (R26)."""
    report = context.required_report
    read = services.report_results.read(report, MOST_RESULT_BYTES)
    if read is None:
        raise Gone(N_("The result is no longer there. Start the report again."), reason="result_gone")
    if read.size > MOST_RESULT_BYTES:
        raise TooLarge(
            N_("The result is larger than %(most_bytes)s. Ask for fewer columns or rows."),
            reason="result_large", params={"most_bytes": MOST_RESULT_BYTES},
        )  # fmt: skip
    result = parse_result(read)
    named = add_names(report.kind, result, services.report_names.find(list_things(report.kind, result)))
    text = csv_cells.BYTE_ORDER_MARK + csv_cells.write_rows([named.columns, *named.rows])
    services.report_results.put_safe(report, text.encode())
    return context


def sign_address(context: OnReport, services: Services) -> OnReport:
    address = services.report_results.sign_address(context.required_report, LINK_SECONDS)
    return replace(context, address=address)


FETCH_REPORT: Workflow[OnReport] = Workflow(
    "fetch_report",
    Action.REPORT_FETCHED,
    {
        Stage.IDENTIFY: (find_report, see_how_far, require_ready),
        Stage.PROCESS: (write_safe_copy, sign_address),
    },
    Audit.BEFORE_CHANGE,
    needs=Privilege.ADMINISTER,
)
