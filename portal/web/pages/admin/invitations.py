"""`/admin/people/invite`: one person, or a list of up to 500, each line with what became of it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Refusal
from portal.domain.people.invitations import MAX_LINES, Fate, InvitationLine, parse_list
from portal.engine.workflow import run
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.people import InviteForm, InviteListForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.people.inviting import INVITE, Invite, invite_all

blueprint = Place("admin_invitations", __name__, Audience.ADMIN)


@blueprint.get("/admin/people/invite")
def new() -> str:
    one = InviteForm(formdata=restore_form("admin_invitations.invite"))
    return page(one, InviteListForm(formdata=restore_form("admin_invitations.invite_many")))


@blueprint.post("/admin/people/invite")
def invite() -> Response | tuple[str, int]:
    form = InviteForm()
    context = Invite(staff_request(), address=form.address.data or "", name=form.name.data or "")
    try:
        done = run(INVITE, context, services())
    except Refusal as refusal:
        add_errors(form, refusal)
        return page(form, InviteListForm(formdata=None)), refusal.status
    flash(gettext("%(address)s is invited.", address=done.address), "done")
    return redirect(url_for("admin_people.index"), 303)


@blueprint.post("/admin/people/invite-list")
def invite_many() -> Response | tuple[str, int] | str:
    """What is left over stands in the form again, for another press."""
    form = InviteListForm()
    listed = parse_list(f"{form.lines.data or ''}\n{read_file()}")
    if not listed.lines:
        form.lines.errors = [gettext("Type an address a line, or choose a file.")]
        return page(InviteForm(formdata=None), form), 400
    done = invite_all(staff_request(), listed.lines, services())
    left = "\n".join([*(each.text for each in done if each.fate is Fate.LATER), *listed.rest])
    again = InviteListForm(formdata=None, data={"lines": left})
    return page(InviteForm(formdata=None), again, done, len(listed.rest))


def read_file() -> str:
    """The file as UTF-8; what is none becomes marks that no address has."""
    chosen = request.files.get("file")
    return chosen.read().decode("utf-8-sig", "replace") if chosen else ""


def page(
    one: InviteForm, many: InviteListForm, done: list[InvitationLine] | None = None, beyond: int = 0
) -> str:
    """beyond: how many lines were not looked at yet."""
    counts = {fate: sum(each.fate is fate for each in done or ()) for fate in Fate}
    return render_template(
        "pages/admin/invite.html", one=one, many=many, done=done or [], counts=counts,
        steered=services().directory.is_there, beyond=beyond, most=MAX_LINES,
    )  # fmt: skip
