"""`/admin/reports`: reports on the access log, run by Athena; starting, watching and cancelling one, and its
result.
"""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Forbidden, Refusal
from portal.domain.usage.reports import LOG_DAYS, TABLE, ReportKind
from portal.engine.workflow import run
from portal.queries.admin.reports import get_report, list_reports
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.refusals import add_errors
from portal.web.forms.reports import QueryForm, ReportForm
from portal.web.identity.access import staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.wording import report_words as words
from portal.workflows.usage.reports import (
    CANCEL_REPORT,
    FETCH_REPORT,
    START_REPORT,
    OnReport,
    StartReport,
)

DEFAULT_DAYS = 30
FIELD_OF = {"from": "first", "to": "last"}  # what a refused period names, by the form's own names

blueprint = Place("admin_reports", __name__, Audience.ADMIN)


@blueprint.get("/admin/reports")
def index() -> str:
    return show_list(ReportForm(formdata=restore_form("admin_reports.start")))


def show_list(form: ReportForm) -> str:
    cursor, today = request.args.get("cursor"), now().date()
    form.first.data = form.first.data or str(today - timedelta(days=DEFAULT_DAYS - 1))
    form.last.data = form.last.data or str(today)
    return render_template(
        "pages/admin/reports.html", form=form, view=list_reports(cursor, services()), cursor=cursor,
        words=words, today=today, earliest=today - timedelta(days=LOG_DAYS), prices=services().prices,
        may_query=services().limits.free_queries,
    )  # fmt: skip


@blueprint.post("/admin/reports")
def start() -> Response | tuple[str, int]:
    form = ReportForm()
    first, last = form.first.data or "", form.last.data or ""
    context = StartReport(staff_request(), kind=form.kind.data or "", first=first, last=last)
    try:
        return lead_to(run(START_REPORT, context, services()))
    except Refusal as refusal:
        refusal.field = FIELD_OF.get(refusal.field or "", refusal.field)
        add_errors(form, refusal)
        return show_list(form), refusal.status


def lead_to(started: StartReport) -> Response:
    return redirect(url_for(".show", report_id=started.required_report.id), 303)


@blueprint.get("/admin/reports/query")
def new_query() -> str:
    return show_query(QueryForm(formdata=restore_form("admin_reports.query")))


def show_query(form: QueryForm) -> str:
    return render_template(
        "pages/admin/new_query.html", form=form, table=TABLE, day=f"{now():%Y/%m/%d}",
        may_query=services().limits.free_queries,
    )  # fmt: skip


@blueprint.post("/admin/reports/query")
def query() -> Response | tuple[str, int]:
    form = QueryForm()
    context = StartReport(staff_request(), kind=ReportKind.FREE, query=form.query.data or "")
    try:
        return lead_to(run(START_REPORT, context, services()))
    except Forbidden:
        raise
    except Refusal as refusal:
        add_errors(form, refusal)
        return show_query(form), refusal.status


@blueprint.get("/admin/reports/<report_id>")
def show(report_id: str) -> str:
    return show_report(report_id)


def show_report(report_id: str, address: str = "") -> str:
    """address: where its result can be fetched now."""
    return render_template(
        "pages/admin/report.html", view=get_report(report_id, now(), services()), words=words,
        prices=services().prices, address=address,
    )  # fmt: skip


@blueprint.post("/admin/reports/<report_id>/cancel")
def cancel(report_id: str) -> Response:
    done = run(CANCEL_REPORT, OnReport(staff_request(), report_id=report_id), services())
    said = gettext("The report is cancelled.")
    if not done.required_report.state.is_over:
        said = gettext("Athena does not answer just now. The report is cancelled as soon as it does.")
    flash(said, "done")
    return redirect(url_for(".show", report_id=report_id), 303)


@blueprint.post("/admin/reports/<report_id>/link")
def link(report_id: str) -> str:
    done = run(FETCH_REPORT, OnReport(staff_request(), report_id=report_id), services())
    return show_report(report_id, done.address)
