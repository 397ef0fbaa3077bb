"""`/groups/organisation`: the organisation's groups for everyone who may share, and their keepers' form."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.contacts.recipient_groups import MAX_KEEPERS, Group
from portal.domain.contacts.recipient_rules import parse_addresses
from portal.domain.errors import Invalid, Several
from portal.domain.people.beside import Beside
from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.queries.contacts import GroupView, cut_page, get_organisation_group, list_organisation_groups
from portal.web.current import services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.forms.groups import OrganisationGroupForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.contacts.organisation_groups import (
    CHANGE_ORGANISATION_GROUP,
    DELETE_ORGANISATION_GROUP,
    OnOrganisationGroup,
    SaveOrganisationGroup,
)
from portal.workflows.contacts.recipient_groups import GroupChangedMeanwhile

blueprint = Place("organisation_groups", __name__, Audience.STAFF, needs=Privilege.SHARE)


@dataclass(frozen=True)
class Both:
    """What someone else saved in the meantime, beside what was typed: addresses that only one of them has."""

    now: Group
    only_theirs: tuple[str, ...]
    only_mine: tuple[str, ...]


@blueprint.get("/groups/organisation")
@reads(Beside.ORGANISATION_GROUPS)
def index() -> str:
    cursor = request.args.get("cursor")
    found = cut_page(list_organisation_groups(services()), cursor)
    return render_template("pages/organisation_groups.html", found=found, cursor=cursor)


@blueprint.get("/groups/organisation/<shared_group_id>")
def show(shared_group_id: str) -> str:
    view = get_organisation_group(current_person(), shared_group_id, services())
    kept = restore_form("organisation_groups.change")
    return page(view, OrganisationGroupForm(formdata=kept, data=describe(view)))


def describe(view: GroupView) -> dict[str, object]:
    """The group as its form shows it."""
    group = view.group
    return {
        "name": group.name, "recipients": "\n".join(group.addresses), "version": group.version,
        "keepers": "\n".join(map(name_keeper, view.keepers)),
    }  # fmt: skip


def name_keeper(person: Person) -> str:
    """What they can be found by again."""
    return person.address if person.address_verified else person.id


@blueprint.post("/groups/organisation/<shared_group_id>")
def change(shared_group_id: str) -> Response | tuple[str, int]:
    form = OrganisationGroupForm()
    context = SaveOrganisationGroup(
        staff_request(), name=form.name.data or "", recipients_text=form.recipients.data or "",
        group_id=shared_group_id, version=form.version.data or 0,
        keepers_text=(form.keepers.data or "") if current_person().is_admin else None,
    )  # fmt: skip
    try:
        done = run(CHANGE_ORGANISATION_GROUP, context, services())
    except (Invalid, Several, GroupChangedMeanwhile) as refusal:
        add_errors(form, refusal)
        view = get_organisation_group(current_person(), shared_group_id, services())
        both = compare(view.group, form) if isinstance(refusal, GroupChangedMeanwhile) else None
        return page(view, form, both), refusal.status
    flash(
        gettext("Nothing was changed.") if done.again
        else gettext("The group %(name)s is saved.", name=done.name), "done",
    )  # fmt: skip
    return redirect(url_for(".show", shared_group_id=shared_group_id), 303)


def compare(group: Group, form: OrganisationGroupForm) -> Both:
    """Saving again puts what was typed in the place of theirs. What was typed can be read: it was before the
    versions were compared.
    """
    form.see(group.version)
    typed = parse_addresses(form.recipients.data or "")
    mine = tuple(each for each in typed if not group.has_address(each))
    return Both(group, tuple(each for each in group.addresses if each not in typed), mine)


@blueprint.post("/groups/organisation/<shared_group_id>/delete")
def delete(shared_group_id: str) -> Response:
    context = OnOrganisationGroup(staff_request(), group_id=shared_group_id)
    done = run(DELETE_ORGANISATION_GROUP, context, services())
    flash(gettext("The group %(name)s is deleted. Nothing that was shared has changed.",
                  name=done.required_group.name), "done")  # fmt: skip
    return redirect(url_for("admin_groups.index"), 303)


def page(view: GroupView, form: OrganisationGroupForm, both: Both | None = None) -> str:
    return render_template(
        "pages/organisation_group.html", view=view, group=view.group, form=form, both=both,
        limits=services().limits, most_keepers=MAX_KEEPERS,
    )  # fmt: skip
