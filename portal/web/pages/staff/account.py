"""`/account`: who one is here, what is stored, the end of sessions, and the end of the account."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Invalid
from portal.domain.mail.notifications import SWITCHES
from portal.domain.people.beside import Beside
from portal.engine.workflow import run
from portal.queries.contacts import SHOWN_ROWS, list_known_addresses
from portal.queries.people import get_account
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.forms.account import CloseAccountForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, current_session, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.identity.sign_out import forget_browser, redirect_after_sign_out
from portal.web.wording.devices import device
from portal.workflows.contacts.known_addresses import FORGET_ADDRESSES, Forget
from portal.workflows.mail.mail_preferences import SWITCH_MAILS, SwitchMails
from portal.workflows.people.account import (
    CLOSE_ACCOUNT,
    END_SESSION,
    SIGN_OUT_EVERYWHERE,
    CloseAccount,
    EndSession,
    EndSessions,
)

blueprint = Place("account", __name__, Audience.STAFF)


@blueprint.get("/account")
@reads(Beside.PROFILE, Beside.USAGE)
def index() -> str:
    return render_page(CloseAccountForm(formdata=restore_form("account.delete")))


@blueprint.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    run(SIGN_OUT_EVERYWHERE, EndSessions(staff_request()), services())
    ended = current_session()
    forget_browser()
    return redirect_after_sign_out(ended)


@blueprint.post("/account/sessions/<session_id>/end")
def end_session(session_id: str) -> Response:
    run(END_SESSION, EndSession(staff_request(), session_id=session_id), services())
    flash(gettext("That browser is signed out."), "done")
    return redirect(url_for("account.index", _anchor="sessions"), 303)


@blueprint.post("/account/delete")
def delete() -> str | tuple[str, int]:
    form = CloseAccountForm()
    try:
        run(
            CLOSE_ACCOUNT,
            CloseAccount(staff_request(), confirmation=form.confirmation.data or ""),
            services(),
        )
    except Invalid as refusal:
        add_errors(form, refusal)
        return render_page(form), 400
    forget_browser()
    return render_template("pages/account_closed.html")


@blueprint.post("/account/mails")
def mails() -> Response:
    """Which emails someone wants: what is not ticked is off."""
    wanted = request.form.getlist("mails")
    off = frozenset(each for each in SWITCHES if each not in wanted)
    run(SWITCH_MAILS, SwitchMails(staff_request(), off=off), services())
    flash(gettext("Saved."))
    return redirect(url_for("account.index", _anchor="mails"), 303)


@blueprint.get("/account/addresses")
def addresses() -> str:
    known = list_known_addresses(current_person(), services())
    return render_template("pages/addresses.html", known=known, most=SHOWN_ROWS)


@blueprint.post("/account/addresses/forget")
def forget() -> Response:
    address = request.form.get("address", "")
    run(FORGET_ADDRESSES, Forget(staff_request(), address=address), services())
    flash(gettext("%(address)s was removed from your suggestions.", address=address), "done")
    return redirect(url_for("account.addresses"), 303)


@blueprint.post("/account/addresses/forget-all")
def forget_all() -> Response:
    run(FORGET_ADDRESSES, Forget(staff_request()), services())
    flash(gettext("Removed. What you shared and your groups are unchanged."), "done")
    return redirect(url_for("account.addresses"), 303)


def render_page(form: CloseAccountForm) -> str:
    account = get_account(current_person(), g.key.secret_hash, now(), services())
    if wanted := restore_form("account.mails"):
        off = frozenset(each for each in SWITCHES if each not in wanted.getlist("mails"))
        account = replace(account, mails_off=off)
    return render_template(
        "pages/account.html", account=account, form=form, limits=services().limits, device=device
    )
