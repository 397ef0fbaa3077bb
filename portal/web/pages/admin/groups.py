"""`/admin/groups`: the organisation's recipient groups, making one, and taking an address out of all."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.domain.contacts.recipient_groups import MAX_KEEPERS
from portal.domain.errors import Invalid, Several
from portal.domain.people.beside import Beside
from portal.engine.workflow import run
from portal.queries.contacts import cut_page, list_organisation_groups
from portal.web.current import services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.forms.groups import OrganisationGroupForm, TakeOutForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.contacts.leaving_groups import TAKE_OUT_ADDRESS, TakeOut
from portal.workflows.contacts.organisation_groups import MAKE_ORGANISATION_GROUP, SaveOrganisationGroup

blueprint = Place("admin_groups", __name__, Audience.ADMIN)


@blueprint.get("/admin/groups")
@reads(Beside.ORGANISATION_GROUPS)
def index() -> str:
    return list_page(TakeOutForm(formdata=None))


def list_page(form: TakeOutForm) -> str:
    cursor = request.args.get("cursor")
    found = cut_page(list_organisation_groups(services()), cursor)
    most = services().limits.max_organisation_groups
    return render_template("pages/admin/groups.html", found=found, form=form, cursor=cursor, most=most)


@blueprint.get("/admin/groups/new")
def new() -> str:
    return new_page(OrganisationGroupForm(formdata=restore_form("admin_groups.make")))


def new_page(form: OrganisationGroupForm) -> str:
    return render_template(
        "pages/admin/new_group.html", form=form, limits=services().limits, most_keepers=MAX_KEEPERS
    )


@blueprint.post("/admin/groups/new")
def make() -> Response | tuple[str, int]:
    form = OrganisationGroupForm()
    context = SaveOrganisationGroup(
        staff_request(), name=form.name.data or "", recipients_text=form.recipients.data or "",
        keepers_text=form.keepers.data or "",
    )  # fmt: skip
    try:
        done = run(MAKE_ORGANISATION_GROUP, context, services())
    except (Invalid, Several) as refusal:
        add_errors(form, refusal)
        return new_page(form), 400
    flash(gettext("The group %(name)s is saved.", name=done.name), "done")
    return redirect(url_for(".index"), 303)


@blueprint.post("/admin/groups/take-out")
def take_out() -> Response | tuple[str, int]:
    form = TakeOutForm()
    try:
        done = run(TAKE_OUT_ADDRESS, TakeOut(staff_request(), address=form.address.data or ""), services())
    except Invalid as refusal:
        add_errors(form, refusal)
        return list_page(form), 400
    many = len(done.groups)
    flash(
        ngettext(
            "%(address)s was taken out of %(num)d group.",
            "%(address)s was taken out of %(num)d groups.",
            many, address=done.address,
        ), "done",
    )  # fmt: skip
    return redirect(url_for(".index"), 303)
