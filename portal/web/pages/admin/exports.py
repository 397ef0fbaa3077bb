"""`/admin/audit/exports`: files of audit records that one asked for, and their links."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.audit.exports import ExportFormat
from portal.domain.audit.search import AuditSearch
from portal.domain.errors import N_, Invalid
from portal.domain.ids import is_id
from portal.engine.workflow import run
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.audit import AuditFields, read_fields
from portal.web.identity.access import current_person, staff_request
from portal.workflows.audit.exporting import EXPORT_AUDIT, FETCH_EXPORT, ExportAudit, FetchExport

blueprint = Place("audit_exports", __name__, Audience.AUDITOR)


@blueprint.get("/admin/audit/exports")
def index() -> str:
    return page()


def page(address: str = "", fetched_id: str = "") -> str:
    """One's exports; address: where one of them can be fetched now."""
    exports = [each for each in services().audit_exports.list_newest(current_person().id)
               if each.kept_until > now()]  # fmt: skip
    return render_template(
        "pages/admin/audit_exports.html", exports=exports, address=address, fetched_id=fetched_id
    )


@blueprint.post("/admin/audit/exports")
def create() -> Response:
    fields, form = read_fields(request.form), request.form.get("format", "")
    if form not in set(ExportFormat):
        raise Invalid(N_("Choose CSV or JSON Lines."))
    context = ExportAudit(staff_request(), search=read_search(fields), format=ExportFormat(form))
    run(EXPORT_AUDIT, context, services())
    flash(gettext("The file is being written. This page shows when it is ready."), "done")
    return redirect(url_for(".index"), 303)


def read_search(fields: AuditFields) -> AuditSearch:
    """The page has found out who was meant, so here it is an id."""
    if fields.person and not is_id(fields.person):
        raise Invalid(N_("Choose one person first."))
    return replace(fields.search(), person_id=fields.person)


@blueprint.post("/admin/audit/exports/<export_id>/link")
def link(export_id: str) -> str:
    done = run(FETCH_EXPORT, FetchExport(staff_request(), export_id=export_id), services())
    return page(done.address, export_id)
