"""`/account/tokens`: the tokens with which one's programs use the API."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Conflict, Invalid, Several
from portal.domain.ids import make_sortable_id
from portal.domain.people.permissions import list_scopes
from portal.domain.people.person import Scope
from portal.engine.workflow import run
from portal.queries.people import list_access_tokens
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.access_tokens import TokenForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.people.access_tokens import MAKE_TOKEN, REVOKE_TOKEN, RevokeToken

blueprint = Place("access_tokens", __name__, Audience.STAFF)


@blueprint.get("/account/tokens")
def index() -> str:
    data = {"submission_id": make_sortable_id(now()), "scopes": [Scope.READ]}
    return page(TokenForm(formdata=restore_form("access_tokens.make"), data=data))


@blueprint.post("/account/tokens")
def make() -> str | tuple[str, int]:
    """-> the page with the new token on it, this once: it cannot be led to, since nobody keeps it."""
    form = TokenForm().offer(list_scopes(current_person()))
    try:
        made = run(MAKE_TOKEN, form.read(), services())
    except (Invalid, Several, Conflict) as refusal:
        add_errors(form, refusal)
        return page(form), refusal.status
    token, parts = made.made
    return render_template("pages/token_made.html", token=token, text=parts.text)


@blueprint.post("/account/tokens/<token_id>/revoke")
def revoke(token_id: str) -> Response:
    run(REVOKE_TOKEN, RevokeToken(staff_request(), token_id=token_id), services())
    flash(gettext("That token is revoked."), "done")
    return redirect(url_for("access_tokens.index"), 303)


def page(form: TokenForm) -> str:
    tokens = list_access_tokens(current_person(), services())
    form.offer(list_scopes(current_person()))
    return render_template("pages/tokens.html", form=form, tokens=tokens, now=now())
