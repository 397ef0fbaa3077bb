"""`/shares/<id>/...`: being in control after sending."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal import queries
from portal.domain import expiry, passwords
from portal.domain.audit import Action
from portal.domain.errors import Invalid, MailsUsedUp, NotFound, Several
from portal.domain.shares import Share, ShareState
from portal.web import i18n
from portal.web.access import context_fields, person
from portal.web.current import now, services
from portal.web.forms.refusals import lay
from portal.web.forms.share_changes import AddRecipientsForm, ChangeForm
from portal.web.history import told
from portal.workflows.change import CHANGE_SHARE, ChangedMeanwhile, ChangeShare, WithdrawnForGood
from portal.workflows.engine import run
from portal.workflows.recipients import ADD_RECIPIENTS, SEND_AGAIN, AddRecipients, SendAgain

blueprint = Blueprint("share_changes", __name__)


@blueprint.get("/shares/<share_id>/edit")
def edit(share_id: str) -> str:
    share = queries.own_share(person(), share_id, services())
    if share.state is ShareState.WITHDRAWN:
        raise WithdrawnForGood
    return edit_page(share, ChangeForm.of(share, zone()))


@blueprint.post("/shares/<share_id>/edit")
def change(share_id: str) -> Response | tuple[str, int]:
    form = ChangeForm()
    if not form.validate():
        return again(share_id, form, 400)
    try:
        done = run(CHANGE_SHARE, asked(share_id, form), services())
    except ChangedMeanwhile as refusal:
        return merged(share_id, form, refusal)
    except (Invalid, Several) as refusal:
        lay(form, refusal)
        return again(share_id, form, refusal.status)
    before, after = done.shares
    flash(gettext("The share is changed.") if before != after else gettext("Nothing was changed."), "done")
    return redirect(url_for("shares.one", share_id=share_id), 303)


@blueprint.get("/shares/<share_id>/recipients")
def more_recipients(share_id: str) -> str:
    return recipients_page(share_id, AddRecipientsForm(formdata=None))


@blueprint.post("/shares/<share_id>/recipients")
def add(share_id: str) -> Response | tuple[str, int]:
    form = AddRecipientsForm()
    context = AddRecipients(
        **context_fields(), share_id=share_id, recipients_text=form.recipients.data or "",
        group_ids=form.group_ids, by_hand=bool(form.by_hand.data),
    )  # fmt: skip
    try:
        done = run(ADD_RECIPIENTS, context, services())
    except (Invalid, MailsUsedUp) as refusal:
        lay(form, refusal)
        return recipients_page(share_id, form), refusal.status
    if done.added:
        many = len(done.added)
        flash(ngettext("%(num)d person was added.", "%(num)d people were added.", many), "done")
    if done.known:
        flash(gettext("Nothing was sent to those who have this share already: %(addresses)s.",
                      addresses=", ".join(done.known)), "attention")  # fmt: skip
    return redirect(url_for("shares.one", share_id=share_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/mail")
def send_again(share_id: str, recipient_id: str) -> Response:
    context = SendAgain(
        **context_fields(), share_id=share_id, recipient_id=recipient_id, seen=request.form.get("seen", "")
    )
    done = run(SEND_AGAIN, context, services())
    address = done.details["to"]
    flash(
        gettext("The mail to %(address)s is on its way already.", address=address)
        if done.again
        else gettext("The mail to %(address)s is sent, with the same link.", address=address)
        if done.record and done.record.action is Action.MAIL_AFTER_ALL
        else gettext("The mail to %(address)s is sent again, with the same link.", address=address),
        "done",
    )
    return redirect(url_for("shares.one", share_id=share_id, _anchor=f"r-{recipient_id}"), 303)


def recipients_page(share_id: str, form: AddRecipientsForm) -> str:
    share = queries.own_share(person(), share_id, services())
    if share.owner_id != person().id:
        raise NotFound
    if share.state is ShareState.WITHDRAWN:
        raise WithdrawnForGood
    form.offer_groups(queries.groups(person(), services()))
    return render_template("pages/add_recipients.html", share=share, form=form, limits=services().limits)


def asked(share_id: str, form: ChangeForm) -> ChangeShare:
    return ChangeShare(
        **context_fields(),
        share_id=share_id,
        version=form.version.data or 0,
        expires_on=form.new_day(),
        download_limit=form.download_limit.data,
        message=form.message.data or "",
        confirm=form.new_choice("confirm"),
        preview=form.new_choice("preview"),
        notify=form.new_notify(),
        password=form.password.data or "",
        no_password=bool(form.no_password.data),
        zone=zone().key,
    )


def merged(share_id: str, form: ChangeForm, refusal: ChangedMeanwhile) -> tuple[str, int]:
    """Both changes in one form: what the other one did is named and taken over, what was typed is kept."""
    share = queries.own_share(person(), share_id, services())
    others = queries.changes_since(share, form.version.data or 0, services())
    lay(form, refusal)
    form.merge(share, zone())
    return edit_page(share, form, [told(each) for each in others]), refusal.status


def again(share_id: str, form: ChangeForm, status: int) -> tuple[str, int]:
    return edit_page(queries.own_share(person(), share_id, services()), form), status


def edit_page(share: Share, form: ChangeForm, others: list[str] | None = None) -> str:
    today = now().astimezone(zone()).date()
    return render_template(
        "pages/change_share.html", share=share, form=form, others=others or [], limits=services().limits,
        expired=not share.is_open(now()), today=today, zone_known=i18n.zone(), least=passwords.SHORTEST,
        last_day=today + timedelta(days=services().limits.max_share_days),
    )  # fmt: skip


def zone() -> ZoneInfo:
    return i18n.zone() or expiry.zone("UTC")
