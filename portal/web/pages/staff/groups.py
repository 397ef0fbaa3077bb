"""`/groups`: one's groups of people to share with."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.contacts.recipient_groups import Group
from portal.domain.errors import Invalid, Several
from portal.domain.people.permissions import Privilege
from portal.engine.workflow import run
from portal.queries.contacts import cut_page, get_group, list_groups, list_recipient_addresses
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.groups import GroupForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.contacts.recipient_groups import (
    CHANGE_GROUP,
    DELETE_GROUP,
    MAKE_GROUP,
    GroupChangedMeanwhile,
    OnGroup,
    SaveGroup,
)

blueprint = Place("groups", __name__, Audience.STAFF, needs=Privilege.SHARE)


@blueprint.get("/groups")
def index() -> str:
    cursor = request.args.get("cursor")
    found = cut_page(list_groups(current_person(), services()), cursor)
    most = services().limits.max_groups
    return render_template(
        "pages/groups.html", found=found, groups=found.page.items, most=most, cursor=cursor
    )


@blueprint.get("/groups/new")
def new() -> str:
    """An empty form, or one with the recipients of a share of one's own."""
    share = request.args.get("share", "")
    addresses = list_recipient_addresses(current_person(), share, services()) if share else []
    return page(GroupForm(formdata=restore_form("groups.make"), recipients="\n".join(addresses)))


@blueprint.post("/groups/new")
def make() -> Response | tuple[str, int]:
    form = GroupForm()
    try:
        done = run(
            MAKE_GROUP,
            SaveGroup(staff_request(), name=form.name.data or "", recipients_text=form.recipients.data or ""),
            services(),
        )
    except (Invalid, Several) as refusal:
        add_errors(form, refusal)
        return page(form), 400
    flash(gettext("The group %(name)s is saved.", name=done.name), "done")
    return redirect(url_for("groups.index"), 303)


@blueprint.get("/groups/<group_id>")
def show(group_id: str) -> str:
    group = get_group(current_person(), group_id, services())
    now = {"name": group.name, "recipients": "\n".join(group.addresses), "version": group.version}
    return page(GroupForm(formdata=restore_form("groups.change"), data=now), group)


@blueprint.post("/groups/<group_id>")
def change(group_id: str) -> Response | tuple[str, int]:
    form = GroupForm()
    context = SaveGroup(
        staff_request(), name=form.name.data or "", recipients_text=form.recipients.data or "",
        group_id=group_id, version=form.version.data or 0
    )  # fmt: skip
    try:
        done = run(CHANGE_GROUP, context, services())
    except (Invalid, Several, GroupChangedMeanwhile) as refusal:
        add_errors(form, refusal)
        group = get_group(current_person(), group_id, services())
        return page(form, group, meanwhile=isinstance(refusal, GroupChangedMeanwhile)), refusal.status
    flash(
        gettext("Nothing was changed.") if done.again
        else gettext("The group %(name)s is saved.", name=done.name), "done",
    )  # fmt: skip
    return redirect(url_for("groups.index"), 303)


@blueprint.post("/groups/<group_id>/delete")
def delete(group_id: str) -> Response:
    done = run(DELETE_GROUP, OnGroup(staff_request(), group_id=group_id), services())
    flash(gettext("The group %(name)s is deleted. Nothing that was shared has changed.",
                  name=done.required_group.name), "done")  # fmt: skip
    return redirect(url_for("groups.index"), 303)


def page(form: GroupForm, group: Group | None = None, *, meanwhile: bool = False) -> str:
    """The form. meanwhile: shows what the group is by now beside what was typed; saving replaces it."""
    if group and meanwhile:
        form.see(group.version)
    return render_template(
        "pages/group.html", form=form, group=group, meanwhile=meanwhile, limits=services().limits
    )
