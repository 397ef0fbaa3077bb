"""`/admin/people/services`: accounts for programs that are nobody's own, and the tokens of each."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Conflict, Invalid, Several
from portal.domain.ids import make_sortable_id
from portal.domain.people.permissions import list_scopes
from portal.domain.people.person import Person, Scope
from portal.engine.workflow import run
from portal.queries.admin.people import get_service_account
from portal.queries.people import list_access_tokens
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.access_tokens import TokenForm
from portal.web.forms.refusals import add_errors
from portal.web.forms.service_accounts import ServiceAccountForm
from portal.web.identity.access import staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.people.access_tokens import (
    MAKE_SERVICE_TOKEN,
    REVOKE_SERVICE_TOKEN,
    RevokeToken,
)
from portal.workflows.people.service_accounts import MAKE_SERVICE_ACCOUNT, MakeServiceAccount

blueprint = Place("service_accounts", __name__, Audience.ADMIN)


@blueprint.get("/admin/people/services")
def index() -> str:
    data = {"submission_id": make_sortable_id(now())}
    return page(ServiceAccountForm(formdata=restore_form("service_accounts.make"), data=data))


@blueprint.post("/admin/people/services")
def make() -> Response | tuple[str, int]:
    form = ServiceAccountForm()
    context = MakeServiceAccount(
        staff_request(), submission_id=form.submission_id.data or "", name=form.name.data or "",
        address=form.address.data or "", roles=form.chosen,
    )  # fmt: skip
    try:
        made = run(MAKE_SERVICE_ACCOUNT, context, services())
    except (Invalid, Several, Conflict) as refusal:
        add_errors(form, refusal)
        return page(form), refusal.status
    flash(gettext("%(name)s is there. Now make its first token.", name=made.made.name), "done")
    return redirect(url_for("service_accounts.tokens", person_id=made.made.id), 303)


def page(form: ServiceAccountForm) -> str:
    accounts = services().service_accounts.list_all()
    return render_template("pages/admin/service_accounts.html", form=form, accounts=accounts)


@blueprint.get("/admin/people/<person_id>/tokens")
def tokens(person_id: str) -> str:
    data = {"submission_id": make_sortable_id(now()), "scopes": [Scope.READ]}
    form = TokenForm(formdata=restore_form("service_accounts.make_token"), data=data)
    return tokens_page(get_service_account(person_id, services()), form)


@blueprint.post("/admin/people/<person_id>/tokens")
def make_token(person_id: str) -> str | tuple[str, int]:
    """-> the page with the new token on it, this once."""
    account = get_service_account(person_id, services())
    form = TokenForm().offer(list_scopes(account))
    try:
        made = run(MAKE_SERVICE_TOKEN, form.read(person_id), services())
    except (Invalid, Several, Conflict) as refusal:
        add_errors(form, refusal)
        return tokens_page(account, form), refusal.status
    token, parts = made.made
    back = url_for("service_accounts.tokens", person_id=person_id)
    return render_template("pages/token_made.html", token=token, text=parts.text, back=back, account=account)


@blueprint.post("/admin/people/<person_id>/tokens/<token_id>/revoke")
def revoke_token(person_id: str, token_id: str) -> Response:
    context = RevokeToken(staff_request(), account_id=person_id, token_id=token_id)
    run(REVOKE_SERVICE_TOKEN, context, services())
    flash(gettext("That token is revoked."), "done")
    return redirect(url_for("service_accounts.tokens", person_id=person_id), 303)


def tokens_page(account: Person, form: TokenForm) -> str:
    return render_template(
        "pages/admin/service_tokens.html", account=account, form=form.offer(list_scopes(account)),
        tokens=list_access_tokens(account, services()), now=now(),
    )  # fmt: skip
