"""`/admin/people`: who may sign in, and what administrators decide about each."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Invalid, Refusal
from portal.domain.mail.email_message import plain_line
from portal.domain.people.person import Role
from portal.domain.people.service_accounts import OFFERED
from portal.domain.policy.policies import resolve
from portal.engine.workflow import Workflow, run
from portal.queries.admin.people import PersonView, get_person, list_people
from portal.web.current import now, parts, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.people import GIGABYTE, DeletePersonForm, QuotaForm, RolesForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.workflows.people import managing
from portal.workflows.people.managing import ManagePerson

MAX_SEARCH_CHARACTERS = 200

blueprint = Place("admin_people", __name__, Audience.ADMIN)


@blueprint.get("/admin/people")
def index() -> str:
    text = plain_line(request.args.get("q", "")).strip()[:MAX_SEARCH_CHARACTERS]
    order = "seen" if request.args.get("sort") == "seen" else ""
    found = list_people(now(), services(), text, order, request.args.get("cursor"))
    return render_template("pages/admin/people.html", found=found, text=text, order=order)


@blueprint.get("/admin/people/<person_id>")
def show(person_id: str) -> str:
    return page(get_person(person_id, now(), services()))


def page(view: PersonView, quota: QuotaForm | None = None, delete: DeletePersonForm | None = None) -> str:
    """quota, delete: shown again with what is wrong in them."""
    made = parts().services
    limits = resolve(made.limits, made.policies.get_current(), view.found.groups)
    usage, roles = view.found.standing.usage, RolesForm(formdata=None)
    if view.found.person.is_service:
        roles.offer(OFFERED)
    roles.roles.data = [str(role) for role in view.found.roles]
    return render_template(
        "pages/admin/person.html", view=view, found=view.found, roles=roles,
        quota=quota or QuotaForm(formdata=None, data=show_quota(usage.max_bytes, usage.max_files)),
        delete=delete or DeletePersonForm(formdata=None), limits=limits,
        own=view.found.person.id == current_person().id, admin_role=Role.ADMIN,
    )  # fmt: skip


def show_quota(max_bytes: int | None, max_files: int | None) -> dict[str, float | None]:
    return {"gigabytes": None if max_bytes is None else max_bytes / GIGABYTE, "files": max_files}


def manage(workflow: Workflow[ManagePerson], person_id: str) -> ManagePerson:
    return run(workflow, ManagePerson(staff_request(), who=person_id), services())


def back_to(person_id: str, words: str) -> Response:
    flash(words, "done")
    return redirect(url_for("admin_people.show", person_id=person_id), 303)


@blueprint.post("/admin/people/<person_id>/roles")
def change_roles(person_id: str) -> Response:
    chosen = RolesForm().chosen
    done = run(managing.CHANGE_ROLES, ManagePerson(staff_request(), who=person_id, roles=chosen), services())
    words = gettext("The roles of %(name)s count from now on.", name=done.target.person.name)
    return back_to(person_id, words)


@blueprint.post("/admin/people/<person_id>/quota")
def set_quota(person_id: str) -> Response | tuple[str, int]:
    form = QuotaForm()
    if not form.validate():
        return page(get_person(person_id, now(), services()), quota=form), 400
    gigabytes = form.gigabytes.data
    context = ManagePerson(
        staff_request(), who=person_id, max_files=form.files.data,
        max_bytes=None if gigabytes is None else round(gigabytes * GIGABYTE),
    )  # fmt: skip
    run(managing.SET_QUOTA, context, services())
    return back_to(person_id, gettext("Saved."))


@blueprint.post("/admin/people/<person_id>/disable")
def disable(person_id: str) -> Response:
    done = manage(managing.DISABLE, person_id)
    words = gettext("%(name)s can no longer sign in, and is signed out.", name=done.target.person.name)
    return back_to(person_id, words)


@blueprint.post("/admin/people/<person_id>/enable")
def enable(person_id: str) -> Response:
    done = manage(managing.ENABLE, person_id)
    return back_to(person_id, gettext("%(name)s can sign in again.", name=done.target.person.name))


@blueprint.post("/admin/people/<person_id>/sign-out")
def sign_out(person_id: str) -> Response:
    done = manage(managing.SIGN_OUT, person_id)
    return back_to(person_id, gettext("%(name)s is signed out everywhere.", name=done.target.person.name))


@blueprint.post("/admin/people/<person_id>/invite-again")
def invite_again(person_id: str) -> Response:
    done = manage(managing.INVITE_AGAIN, person_id)
    words = gettext("%(address)s gets another invitation.", address=done.target.person.address)
    return back_to(person_id, words)


@blueprint.post("/admin/people/<person_id>/reset-password")
def reset_password(person_id: str) -> Response:
    done = manage(managing.RESET_PASSWORD, person_id)
    words = gettext(
        "%(address)s gets a code by email and chooses a new password.", address=done.target.person.address
    )
    return back_to(person_id, words)


@blueprint.post("/admin/people/<person_id>/reset-second-factor")
def reset_second_factor(person_id: str) -> Response:
    done = manage(managing.RESET_SECOND_FACTOR, person_id)
    words = gettext(
        "The second factor of %(name)s is removed, and they are signed out everywhere.",
        name=done.target.person.name,
    )
    return back_to(person_id, words)


@blueprint.post("/admin/people/<person_id>/delete")
def delete(person_id: str) -> Response | tuple[str, int]:
    form = DeletePersonForm()
    context = ManagePerson(staff_request(), who=person_id, confirmation=form.confirmation.data or "")
    try:
        done = run(managing.DELETE_PERSON, context, services())
    except Invalid as refusal:
        return show_refused(person_id, form, refusal)
    words = gettext(
        "The account of %(name)s is closed. What is left of it is removed in the background.",
        name=done.target.person.name,
    )
    flash(words, "done")
    return redirect(url_for("admin_people.index"), 303)


def show_refused(person_id: str, form: DeletePersonForm, refusal: Refusal) -> tuple[str, int]:
    add_errors(form, refusal)
    return page(get_person(person_id, now(), services()), delete=form), refusal.status
