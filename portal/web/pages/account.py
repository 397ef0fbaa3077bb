"""`/account`: who one is here, what is stored, the end of sessions, and the end of the account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal import queries
from portal.domain.errors import Invalid
from portal.domain.notices import SWITCHES
from portal.web.access import context_fields, person
from portal.web.current import services
from portal.web.forms.account import CloseAccountForm
from portal.web.forms.refusals import lay
from portal.web.sign_in import after_sign_out, forget_browser
from portal.workflows.account import CLOSE_ACCOUNT, SIGN_OUT_EVERYWHERE, CloseAccount, EndSessions
from portal.workflows.engine import run
from portal.workflows.known_addresses import FORGET_ADDRESSES, Forget
from portal.workflows.switches import SWITCH_MAILS, SwitchMails

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def index() -> str:
    return shown(CloseAccountForm(formdata=None))


@blueprint.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    run(SIGN_OUT_EVERYWHERE, EndSessions(**context_fields()), services())
    forget_browser()
    return after_sign_out()


@blueprint.post("/account/delete")
def delete() -> str | tuple[str, int]:
    form = CloseAccountForm()
    try:
        run(
            CLOSE_ACCOUNT,
            CloseAccount(**context_fields(), confirmation=form.confirmation.data or ""),
            services(),
        )
    except Invalid as refusal:
        lay(form, refusal)
        return shown(form), 400
    forget_browser()
    return render_template("pages/account_closed.html")


@blueprint.post("/account/mails")
def mails() -> Response:
    """Which mails somebody wants: what is not ticked is off."""
    wanted = request.form.getlist("mails")
    off = frozenset(each for each in SWITCHES if each not in wanted)
    run(SWITCH_MAILS, SwitchMails(**context_fields(), off=off), services())
    flash(gettext("Saved."))
    return redirect(url_for("account.index", _anchor="mails"), 303)


@blueprint.get("/account/addresses")
def addresses() -> str:
    known = queries.known_addresses(person(), services())
    return render_template("pages/addresses.html", known=known, most=queries.SHOWN_ROWS)


@blueprint.post("/account/addresses/forget")
def forget() -> Response:
    address = request.form.get("address", "")
    run(FORGET_ADDRESSES, Forget(**context_fields(), address=address), services())
    flash(gettext("%(address)s is forgotten, and suggested to you no more.", address=address), "done")
    return redirect(url_for("account.addresses"), 303)


@blueprint.post("/account/addresses/forget-all")
def forget_all() -> Response:
    run(FORGET_ADDRESSES, Forget(**context_fields()), services())
    flash(gettext("Forgotten. What you shared and your groups are as they were."), "done")
    return redirect(url_for("account.addresses"), 303)


def shown(form: CloseAccountForm) -> str:
    account = queries.account(person(), services())
    return render_template("pages/account.html", account=account, form=form, limits=services().limits)
