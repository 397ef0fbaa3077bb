"""`/admin/files`: files of everyone, and what an administrator may do with one."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Refusal
from portal.domain.mail.email_message import plain_line
from portal.engine.owner_limits import get_owner_limits
from portal.engine.workflow import Workflow, run
from portal.queries.admin.holdings import Wanted, find_files, get_file_of_anyone
from portal.queries.admin.legal_holds import list_holds_on
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.files import NO_TIME, KeepForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.wording.history import happenings
from portal.workflows.files import owned_files as changing
from portal.workflows.files.owned_files import ChangeFile

MAX_SEARCH_CHARACTERS = 200

blueprint = Place("admin_files", __name__, Audience.ADMIN)


def read_wanted() -> Wanted:
    """What the address of a list asks for."""

    def text(name: str) -> str:
        return plain_line(request.args.get(name, "")).strip()[:MAX_SEARCH_CHARACTERS]

    return Wanted(text("q"), text("owner"), text("recipient"), text("state"), request.args.get("cursor"))


def list_filters(wanted: Wanted) -> dict[str, str]:
    """The same as the arguments of an address, without what is not asked for."""
    asked = {"q": wanted.name, "owner": wanted.owner, "recipient": wanted.recipient, "state": wanted.state}
    return {name: value for name, value in asked.items() if value}


@blueprint.get("/admin/files")
def index() -> str:
    wanted = read_wanted()
    found = find_files(wanted, services())
    return render_template(
        "pages/admin/files.html", found=found, wanted=wanted, here=list_filters(wanted), now=now()
    )


@blueprint.get("/admin/files/<file_id>")
def show(file_id: str) -> str:
    return page(file_id)


def page(file_id: str, form: KeepForm | None = None) -> str:
    """Everything about one file; `form`: shown again with what is wrong in it."""
    view = get_file_of_anyone(current_person(), file_id, services(), request.args.get("shares"))
    limits = get_owner_limits(view.file.owner_id, services())
    keep = form or KeepForm(formdata=restore_form("admin_files.keep"), days=str(limits.file_days)).offer(
        limits
    )
    return render_template(
        "pages/admin/file.html", view=view, file=view.file, now=now(), keep=keep,
        holds=list_holds_on([view.file.id, view.file.owner_id], services()),
        history=happenings(view.history.items),
    )  # fmt: skip


@blueprint.post("/admin/files/<file_id>/keep")
def keep(file_id: str) -> Response | tuple[str, int]:
    view = get_file_of_anyone(current_person(), file_id, services())
    form = KeepForm().offer(get_owner_limits(view.file.owner_id, services()))
    try:
        change(changing.KEEP, file_id, life=form.chosen)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        refusal.field = "days"
        add_errors(form, refusal)
        return page(file_id, form), refusal.status
    flash(gettext("The file is kept for the time you chose."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/admin/files/<file_id>/trash")
def trash(file_id: str) -> Response:
    change(changing.TRASH, file_id)
    flash(gettext("The file is in its owner's trash. None of its links work until it is restored."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/admin/files/<file_id>/restore")
def restore(file_id: str) -> Response:
    change(changing.RESTORE, file_id)
    flash(gettext("The file is back, and its links work again."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


def change(workflow: Workflow[ChangeFile], file_id: str, life: timedelta = NO_TIME) -> None:
    hours = life.seconds // 3600
    context = ChangeFile(staff_request(), file_id=file_id, days=life.days, hours=hours)
    run(workflow, context, services())
