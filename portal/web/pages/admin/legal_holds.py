"""`/admin/holds`: what is on legal hold, setting a hold, and releasing one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import NotFound, Refusal
from portal.domain.policy.legal_holds import HeldKind
from portal.engine.workflow import run
from portal.queries.admin.legal_holds import list_holds
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.legal_holds import HoldForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.policy.legal_holds import (
    RELEASE_HOLD,
    SET_HOLD,
    ReleaseHold,
    SetHold,
    describe_thing,
)

blueprint = Place("admin_holds", __name__, Audience.ADMIN)


@blueprint.get("/admin/holds")
def index() -> str:
    released, cursor = "released" in request.args, request.args.get("cursor")
    page = list_holds(services(), released=released, cursor=cursor)
    return render_template(
        "pages/admin/holds.html", page=page, released=released, cursor=cursor, form=HoldForm()
    )


@blueprint.get("/admin/holds/<kind>/<thing_id>")
def new(kind: str, thing_id: str) -> str:
    return new_page(kind, thing_id, HoldForm(formdata=restore_form("admin_holds.set_hold")))


def new_page(kind: str, thing_id: str, form: HoldForm) -> str:
    name, _ = describe_thing(read_kind(kind), thing_id, services())
    return render_template("pages/admin/new_hold.html", kind=kind, thing_id=thing_id, name=name, form=form)


def read_kind(text: str) -> HeldKind:
    if text not in set(HeldKind):
        raise NotFound()
    return HeldKind(text)


@blueprint.post("/admin/holds/<kind>/<thing_id>")
def set_hold(kind: str, thing_id: str) -> Response | tuple[str, int]:
    form = HoldForm()
    context = SetHold(staff_request(), kind=read_kind(kind), thing_id=thing_id, reason=form.reason.data or "")
    try:
        done = run(SET_HOLD, context, services())
    except Refusal as refusal:
        if refusal.field != "reason":
            raise
        add_errors(form, refusal)
        return new_page(kind, thing_id, form), refusal.status
    flash(gettext("%(name)s is on legal hold.", name=done.required_hold.name), "done")
    return redirect(url_for(".index"), 303)


@blueprint.post("/admin/holds/<hold_id>/release")
def release(hold_id: str) -> Response:
    """A refusal is said on the list, which the form is on."""
    context = ReleaseHold(staff_request(), hold_id=hold_id, reason=request.form.get("reason", ""))
    done = run(RELEASE_HOLD, context, services())
    flash(gettext("%(name)s is not held by this any more.", name=done.required_hold.name), "done")
    return redirect(url_for(".index"), 303)
