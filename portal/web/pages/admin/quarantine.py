"""`/admin/quarantine`: what the malware scan keeps closed, and what two administrators may do about it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Refusal
from portal.engine.workflow import Workflow, run
from portal.queries.admin.quarantine import get_quarantined, list_quarantine
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.quarantine import ReleaseForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.web.wording.scan_words import describe_case
from portal.workflows.files import quarantine as steps
from portal.workflows.files.quarantine import OnCase

blueprint = Place("quarantine", __name__, Audience.ADMIN)


@blueprint.get("/admin/quarantine")
def index() -> str:
    cursor = request.args.get("cursor")
    page = list_quarantine(services(), cursor)
    return render_template("pages/admin/quarantine.html", page=page, cursor=cursor, why=describe_case)


@blueprint.get("/admin/quarantine/<file_id>")
def show(file_id: str) -> str:
    return show_file(file_id)


def show_file(file_id: str, form: ReleaseForm | None = None) -> str:
    """Everything about one file; `form`: shown again with what is wrong in it."""
    view = get_quarantined(file_id, services())
    asked = view.case.release
    form = form or ReleaseForm(formdata=None)
    form.seen.data = asked.at.isoformat() if asked else ""
    is_mine = asked is not None and asked.by_id == current_person().id
    return render_template(
        "pages/admin/quarantined.html", view=view, file=view.file, form=form, is_mine=is_mine,
        why=describe_case(view.case), most=steps.MAX_REASON_CHARACTERS,
    )  # fmt: skip


@blueprint.post("/admin/quarantine/<file_id>/scan")
def scan(file_id: str) -> Response:
    run_step(steps.RESCAN, file_id)
    flash(gettext("The file is being checked again. What comes of it is shown here."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/admin/quarantine/<file_id>/ask")
def ask(file_id: str) -> Response | tuple[str, int]:
    said = gettext("Another administrator has to confirm the release.")
    return run_form(steps.ASK_RELEASE, file_id, said, url_for(".show", file_id=file_id))


@blueprint.post("/admin/quarantine/<file_id>/confirm")
def confirm(file_id: str) -> Response | tuple[str, int]:
    said = gettext("The file is released, and emails that waited for it go out.")
    return run_form(steps.CONFIRM_RELEASE, file_id, said, url_for(".index"))


@blueprint.post("/admin/quarantine/<file_id>/decline")
def decline(file_id: str) -> Response:
    run_step(steps.DECLINE_RELEASE, file_id, seen=request.form.get("seen", ""))
    flash(gettext("The file stays closed."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/admin/quarantine/<file_id>/delete")
def delete(file_id: str) -> Response:
    run_step(steps.DELETE_QUARANTINED, file_id)
    flash(gettext("The file is deleted for good."), "done")
    return redirect(url_for(".index"), 303)


def run_form(workflow: Workflow[OnCase], file_id: str, said: str, then: str) -> Response | tuple[str, int]:
    """A step that wants a reason; without one its page says so at the field."""
    form = ReleaseForm()
    try:
        run_step(workflow, file_id, form.reason.data or "", form.seen.data or "")
    except Refusal as refusal:
        if refusal.field != "reason":
            raise
        add_errors(form, refusal)
        return show_file(file_id, form), refusal.status
    flash(said, "done")
    return redirect(then, 303)


def run_step(workflow: Workflow[OnCase], file_id: str, reason: str = "", seen: str = "") -> None:
    run(workflow, OnCase(staff_request(), file_id=file_id, reason=reason, seen=seen), services())
