"""`/admin/people/<id>/handover`: giving what someone has to someone else, and how far that has come."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Refusal
from portal.domain.ids import is_id
from portal.engine.workflow import run
from portal.queries.admin.handovers import get_handover
from portal.queries.admin.legal_holds import list_holds_on
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.handover import HandoverForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.people.handover import HAND_OVER, MAX_CHOSEN, HandOver

blueprint = Place("admin_handovers", __name__, Audience.ADMIN)


@blueprint.get("/admin/people/<person_id>/handover")
def show(person_id: str) -> str:
    return page(person_id, HandoverForm(formdata=restore_form("admin_handovers.start")))


def page(person_id: str, form: HandoverForm) -> str:
    view = get_handover(person_id, services())
    chosen = {"file": list_chosen("file"), "share": list_chosen("share")}
    return render_template(
        "pages/admin/handover.html", view=view, form=form, chosen=chosen,
        holds=list_holds_on([view.giver.id], services()),
    )  # fmt: skip


def list_chosen(what: str) -> list[str]:
    """Ids of files or shares that were ticked on a list; none is all of both."""
    return [each for each in dict.fromkeys(request.values.getlist(what)) if is_id(each)][:MAX_CHOSEN]


@blueprint.post("/admin/people/<person_id>/handover")
def start(person_id: str) -> Response | tuple[str, int]:
    form = HandoverForm()
    context = HandOver(
        staff_request(), giver_id=person_id, receiver=form.receiver.data or "",
        file_ids=tuple(list_chosen("file")), share_ids=tuple(list_chosen("share")),
    )  # fmt: skip
    try:
        done = run(HAND_OVER, context, services())
    except Refusal as refusal:
        if refusal.field != "receiver" and refusal.status != 409:
            raise
        add_errors(form, refusal)
        return page(person_id, form), refusal.status
    flash(gettext("The handover to %(name)s has begun.", name=done.required_handover.receiver_name), "done")
    return redirect(url_for(".show", person_id=person_id), 303)
