"""`/shares/<id>/...`: being in control after sending."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.domain.audit.record import Action
from portal.domain.errors import Invalid, MailsUsedUp, NotFound, Several
from portal.domain.people.beside import Beside
from portal.domain.people.permissions import Permission, require
from portal.domain.shares import expiry, passwords
from portal.domain.shares.share import Share, ShareState, derive_recipient_id
from portal.engine.workflow import run
from portal.queries.contacts import list_groups, list_organisation_groups
from portal.queries.histories import list_changes_since
from portal.queries.shares import get_own_share, get_share
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.forms.refusals import add_errors
from portal.web.forms.share_changes import AddRecipientsForm, ChangeForm, CorrectForm
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.wording import i18n
from portal.web.wording.history import describe_record
from portal.workflows.shares.adding import ADD_RECIPIENTS
from portal.workflows.shares.change import CHANGE_SHARE, ChangedMeanwhile, ChangeShare, WithdrawnForGood
from portal.workflows.shares.correcting import CORRECT_ADDRESS, CorrectAddress
from portal.workflows.shares.give_back import GIVE_BACK, GiveBack
from portal.workflows.shares.recipients import SEND_AGAIN, AddRecipients, SendAgain

blueprint = Place("share_changes", __name__, Audience.STAFF)


@blueprint.get("/shares/<share_id>/edit")
def edit(share_id: str) -> str:
    share = get_own_share(current_person(), share_id, services())
    if share.state is ShareState.WITHDRAWN:
        raise WithdrawnForGood
    kept = restore_form("share_changes.change")
    return edit_page(share, ChangeForm(formdata=kept) if kept else ChangeForm.from_share(share, zone()))


@blueprint.post("/shares/<share_id>/edit")
def change(share_id: str) -> Response | tuple[str, int]:
    form = ChangeForm()
    if not form.validate():
        return again(share_id, form, 400)
    try:
        done = run(CHANGE_SHARE, read_change(share_id, form), services())
    except ChangedMeanwhile as refusal:
        return merge_changes(share_id, form, refusal)
    except (Invalid, Several) as refusal:
        add_errors(form, refusal)
        return again(share_id, form, refusal.status)
    before, after = done.before_and_after
    flash(gettext("The share is changed.") if before != after else gettext("Nothing was changed."), "done")
    return redirect(url_for("shares.show", share_id=share_id), 303)


@blueprint.get("/shares/<share_id>/recipients")
@reads(Beside.ORGANISATION_GROUPS)
def more_recipients(share_id: str) -> str:
    return recipients_page(share_id, AddRecipientsForm(formdata=restore_form("share_changes.add")))


@blueprint.post("/shares/<share_id>/recipients")
def add(share_id: str) -> Response | tuple[str, int]:
    form = AddRecipientsForm()
    context = AddRecipients(
        staff_request(), share_id=share_id, recipients_text=form.recipients.data or "",
        group_ids=form.group_ids, by_hand=bool(form.by_hand.data),
    )  # fmt: skip
    try:
        done = run(ADD_RECIPIENTS, context, services())
    except (Invalid, MailsUsedUp) as refusal:
        add_errors(form, refusal)
        return recipients_page(share_id, form), refusal.status
    if done.added:
        many = len(done.added)
        flash(ngettext("%(num)d person was added.", "%(num)d people were added.", many), "done")
    if done.known:
        flash(gettext("Nothing was sent to people who already have this share: %(addresses)s.",
                      addresses=", ".join(done.known)), "attention")  # fmt: skip
    return redirect(url_for("shares.show", share_id=share_id), 303)


@blueprint.get("/shares/<share_id>/recipients/<recipient_id>/address")
def wrong_address(share_id: str, recipient_id: str) -> str:
    form = CorrectForm(formdata=restore_form("share_changes.correct"))
    return address_page(share_id, recipient_id, form)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/address")
def correct(share_id: str, recipient_id: str) -> Response | tuple[str, int]:
    form = CorrectForm()
    context = CorrectAddress(
        staff_request(), share_id=share_id, recipient_id=recipient_id,
        recipients_text=form.recipients.data or "",
    )  # fmt: skip
    try:
        done = run(CORRECT_ADDRESS, context, services())
    except (Invalid, MailsUsedUp) as refusal:
        add_errors(form, refusal)
        return address_page(share_id, recipient_id, form), refusal.status
    flash(
        gettext("The link of %(wrong)s no longer works; %(right)s has a new one.",
                wrong=done.required_wrong.address, right=done.addresses[0]), "done",
    )  # fmt: skip
    return redirect(row_address(share_id, derive_recipient_id(share_id, done.addresses[0])), 303)


def address_page(share_id: str, recipient_id: str, form: CorrectForm) -> str:
    view = get_share(current_person(), share_id, services())
    require(current_person(), Permission.MAIL, view.share.owner_id)
    wrong = next((each.recipient for each in view.recipients if each.recipient.id == recipient_id), None)
    if wrong is None:
        raise NotFound
    return render_template(
        "pages/correct_address.html", share=view.share, wrong=wrong, form=form, limits=services().limits
    )


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/mail")
def send_again(share_id: str, recipient_id: str) -> Response:
    context = SendAgain(
        staff_request(), share_id=share_id, recipient_id=recipient_id, seen=request.form.get("seen", "")
    )
    done = run(SEND_AGAIN, context, services())
    address = done.details["to"]
    flash(
        gettext("The email to %(address)s is already on its way.", address=address)
        if done.again
        else gettext("The email to %(address)s is sent, with the same link.", address=address)
        if done.record and done.record.action is Action.MAIL_AFTER_ALL
        else gettext("The email to %(address)s is sent again, with the same link.", address=address),
        "done",
    )
    return redirect(row_address(share_id, recipient_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/give-back")
def give_back(share_id: str, recipient_id: str) -> Response:
    seen = request.form.get("seen", "")
    context = GiveBack(
        staff_request(), share_id=share_id, recipient_id=recipient_id, file_id=request.form.get("file", ""),
        seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0,
    )  # fmt: skip
    done = run(GIVE_BACK, context, services())
    if done.again:
        flash(gettext("This download was given back already."))
    else:
        flash(gettext("%(address)s can download this file once more.", address=done.details["to"]), "done")
    return redirect(row_address(share_id, recipient_id), 303)


def row_address(share_id: str, recipient_id: str) -> str:
    """The share's page with this person opened."""
    return url_for("shares.show", share_id=share_id, person=recipient_id, _anchor=f"r-{recipient_id}")


def recipients_page(share_id: str, form: AddRecipientsForm) -> str:
    share = get_own_share(current_person(), share_id, services())
    require(current_person(), Permission.MAIL, share.owner_id)
    if share.state is ShareState.WITHDRAWN:
        raise WithdrawnForGood
    form.offer_groups(list_groups(current_person(), services()), list_organisation_groups(services()))
    return render_template("pages/add_recipients.html", share=share, form=form, limits=services().limits)


def read_change(share_id: str, form: ChangeForm) -> ChangeShare:
    return ChangeShare(
        staff_request(),
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


def merge_changes(share_id: str, form: ChangeForm, refusal: ChangedMeanwhile) -> tuple[str, int]:
    """Both changes in one form: what the other one did is named and taken over, what was typed is kept."""
    share = get_own_share(current_person(), share_id, services())
    others = list_changes_since(share, form.version.data or 0, services())
    add_errors(form, refusal)
    form.merge(share, zone())
    return edit_page(share, form, [describe_record(each) for each in others]), refusal.status


def again(share_id: str, form: ChangeForm, status: int) -> tuple[str, int]:
    return edit_page(get_own_share(current_person(), share_id, services()), form), status


def edit_page(share: Share, form: ChangeForm, others: list[str] | None = None) -> str:
    today = now().astimezone(zone()).date()
    return render_template(
        "pages/change_share.html", share=share, form=form, others=others or [], limits=services().limits,
        expired=not share.is_open(now()), today=today, zone_known=i18n.zone(), least=passwords.SHORTEST,
        last_day=today + timedelta(days=services().limits.max_share_days),
    )  # fmt: skip


def zone() -> ZoneInfo:
    return i18n.zone() or expiry.zone("UTC")
