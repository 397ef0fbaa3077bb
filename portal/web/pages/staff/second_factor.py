"""`/account/second-factor`: adding an authenticator app to one's account."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Invalid
from portal.domain.people.directory import NoDirectory
from portal.domain.people.second_factor import Enrolment, EnrolmentOver
from portal.engine.workflow import run
from portal.queries.people import find_user
from portal.web.assets.qr_code import draw_qr_code
from portal.web.current import config, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.refusals import add_errors
from portal.web.forms.second_factor import SecondFactorForm
from portal.web.identity import enrolment
from portal.web.identity.access import current_person, staff_request
from portal.workflows.people.second_factor import ADD_SECOND_FACTOR, AddSecondFactor

blueprint = Place("second_factor", __name__, Audience.STAFF)


@blueprint.get("/account/second-factor")
def show() -> str:
    return render_page(SecondFactorForm(formdata=None), find_enrolment())


@blueprint.post("/account/second-factor/begin")
def begin() -> Response:
    """Through the sign-in service once more, for this alone."""
    if not services().directory.is_there:
        raise NoDirectory()
    return enrolment.begin()


@blueprint.post("/account/second-factor")
def add() -> str | tuple[str, int] | Response:
    form, found = SecondFactorForm(), find_enrolment()
    if found is None:
        raise EnrolmentOver()
    context = AddSecondFactor(staff_request(), enrolment=found, code=form.code.data or "")
    try:
        run(ADD_SECOND_FACTOR, context, services())
    except Invalid as refusal:
        add_errors(form, refusal)
        return render_page(form, found), 400
    enrolment.end(found)
    flash(gettext("Your authenticator app is set up. From now on, signing in asks for its code."), "done")
    return redirect(url_for("account.index"), 303)


def find_enrolment() -> Enrolment | None:
    return enrolment.find() if services().directory.is_there else None


def render_page(form: SecondFactorForm, found: Enrolment | None) -> str:
    me = current_person()
    user = None if found else find_user(me, services())
    address = found.address(config().organisation_name, me.address or me.name) if found else ""
    return render_template(
        "pages/second_factor.html", form=form, enrolment=found, steered=services().directory.is_there,
        has_one=bool(user and user.has_second_factor), address=address,
        required=services().limits.second_factor_required,
        qr_code=draw_qr_code(address) if address else None,
    )  # fmt: skip
