"""`/groups`: one's groups of people to share with."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal import queries
from portal.domain.errors import Invalid, Several
from portal.domain.recipient_groups import Group
from portal.web.access import context_fields, person
from portal.web.current import services
from portal.web.forms.groups import GroupForm
from portal.web.forms.refusals import lay
from portal.workflows.engine import run
from portal.workflows.recipient_groups import (
    CHANGE_GROUP,
    DELETE_GROUP,
    MAKE_GROUP,
    GroupChangedMeanwhile,
    OnGroup,
    SaveGroup,
)

blueprint = Blueprint("groups", __name__)


@blueprint.get("/groups")
def index() -> str:
    most = services().limits.max_groups
    return render_template("pages/groups.html", groups=queries.groups(person(), services()), most=most)


@blueprint.get("/groups/new")
def new() -> str:
    """An empty form, or one with the recipients of a share of one's own."""
    share = request.args.get("share", "")
    addresses = queries.recipients_of(person(), share, services()) if share else []
    return page(GroupForm(formdata=None, recipients="\n".join(addresses)))


@blueprint.post("/groups/new")
def make() -> Response | tuple[str, int]:
    form = GroupForm()
    try:
        done = run(MAKE_GROUP, SaveGroup(**context_fields(), **said(form)), services())
    except (Invalid, Several) as refusal:
        lay(form, refusal)
        return page(form), 400
    flash(gettext("The group %(name)s is saved.", name=done.name), "done")
    return redirect(url_for("groups.index"), 303)


@blueprint.get("/groups/<group_id>")
def one(group_id: str) -> str:
    group = queries.group(person(), group_id, services())
    typed = {"name": group.name, "recipients": "\n".join(group.addresses), "version": group.version}
    return page(GroupForm(formdata=None, data=typed), group)


@blueprint.post("/groups/<group_id>")
def change(group_id: str) -> Response | tuple[str, int]:
    form = GroupForm()
    context = SaveGroup(
        **context_fields(), **said(form), group_id=group_id, version=form.version.data or 0
    )  # fmt: skip
    try:
        done = run(CHANGE_GROUP, context, services())
    except (Invalid, Several, GroupChangedMeanwhile) as refusal:
        lay(form, refusal)
        group = queries.group(person(), group_id, services())
        return page(form, group, meanwhile=isinstance(refusal, GroupChangedMeanwhile)), refusal.status
    flash(
        gettext("Nothing was changed.") if done.again
        else gettext("The group %(name)s is saved.", name=done.name), "done",
    )  # fmt: skip
    return redirect(url_for("groups.index"), 303)


@blueprint.post("/groups/<group_id>/delete")
def delete(group_id: str) -> Response:
    done = run(DELETE_GROUP, OnGroup(**context_fields(), group_id=group_id), services())
    flash(gettext("The group %(name)s is deleted. Nothing that was shared has changed.",
                  name=done.found.name), "done")  # fmt: skip
    return redirect(url_for("groups.index"), 303)


def said(form: GroupForm) -> dict[str, Any]:
    return {"name": form.name.data or "", "recipients_text": form.recipients.data or ""}


def page(form: GroupForm, group: Group | None = None, *, meanwhile: bool = False) -> str:
    """The form. meanwhile: shows what the group has become beside what was typed; saving replaces it."""
    if group and meanwhile:
        form.version.process_data(group.version)
        form.version.raw_data = None
    return render_template(
        "pages/group.html", form=form, group=group, meanwhile=meanwhile, limits=services().limits
    )
