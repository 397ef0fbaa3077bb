"""`/shares`: what one has shared, sharing something new, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal import queries
from portal.domain import addresses, expiry
from portal.domain.errors import Invalid, MailsUsedUp, Refusal
from portal.domain.files import File
from portal.domain.ids import sortable_id
from portal.web import i18n
from portal.web.access import context_fields, person
from portal.web.current import now, services
from portal.web.forms.refusals import lay
from portal.web.forms.shares import ShareForm
from portal.web.history import happenings
from portal.web.timeline import timeline
from portal.workflows.asking import DECLINE_MORE, GIVE_MORE, MORE_DAYS, Answer
from portal.workflows.engine import rehearse, run
from portal.workflows.policy import before_sharing
from portal.workflows.revoke import WITHDRAW_RECIPIENT, WITHDRAW_SHARE, Withdraw
from portal.workflows.share import SHARE, ShareFiles

blueprint = Blueprint("shares", __name__)

ANSWERS = (
    "submission_id", "recipients", "groups", "message", "last_day", "expires_on", "download_limit",
    "confirm", "password", "notify",
)  # fmt: skip


@blueprint.get("/shares")
def index() -> str:
    page = queries.shares(person(), services(), request.args.get("cursor"))
    return render_template("pages/shares.html", page=page, now=now(), cursor=request.args.get("cursor"))


@blueprint.get("/shares/new")
def new() -> str:
    chosen = queries.chosen_files(person(), request.args.getlist("file"), services())
    if not chosen or request.args.get("step") == "choose":
        return choose(chosen, request.args.get("search", ""))
    form = ShareForm(
        formdata=None, submission_id=sortable_id(now()), last_day=str(services().limits.default_share_days)
    )
    return answers(form, chosen)


@blueprint.post("/shares/new")
def create() -> str | Response | tuple[str, int]:
    """Review, and Share; or back to the answers, or to the files, with everything kept."""
    step, form = request.form.get("step"), ShareForm()
    form.offer(services().limits)
    if step in {"choose", "answers"}:
        chosen = queries.chosen_files(person(), request.form.getlist("file"), services())
        if step == "choose" or not chosen:
            return choose(chosen, request.form.get("search", ""))
        return answers(form, chosen)
    return share(form) if step == "share" else review(form)


@blueprint.get("/shares/<share_id>")
def one(share_id: str) -> str:
    view = queries.share(person(), share_id, services())
    more_days = min(MORE_DAYS, services().limits.max_share_days)
    return render_template(
        "pages/share.html", view=view, share=view.share, now=now(), timeline=timeline,
        history=happenings(queries.of_the_whole(view.history)), more_days=more_days,
    )  # fmt: skip


@blueprint.post("/shares/<share_id>/withdraw")
def withdraw(share_id: str) -> Response:
    run(WITHDRAW_SHARE, Withdraw(**context_fields(), share_id=share_id), services())
    flash(gettext("This share is withdrawn. None of its links work any more."))
    return redirect(url_for("shares.one", share_id=share_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/withdraw")
def withdraw_recipient(share_id: str, recipient_id: str) -> Response:
    context = Withdraw(**context_fields(), share_id=share_id, recipient_id=recipient_id)
    done = run(WITHDRAW_RECIPIENT, context, services())
    flash(gettext("Withdrawn from %(address)s. The link no longer works.", address=done.details["to"]))
    return redirect(url_for("shares.one", share_id=share_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/more")
def give_more(share_id: str, recipient_id: str) -> Response:
    context = Answer(**context_fields(), share_id=share_id, recipient_id=recipient_id)
    done = run(GIVE_MORE, context, services())
    flash(
        gettext("%(address)s can download again, and gets a mail that says so.", address=done.details["to"])
    )
    return redirect(url_for("shares.one", share_id=share_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/decline")
def decline_more(share_id: str, recipient_id: str) -> Response:
    context = Answer(**context_fields(), share_id=share_id, recipient_id=recipient_id)
    done = run(DECLINE_MORE, context, services())
    flash(gettext("Declined. %(address)s gets a mail that says so.", address=done.details["to"]))
    return redirect(url_for("shares.one", share_id=share_id), 303)


def choose(chosen: Sequence[File], search: str) -> str:
    """The list to choose files from; what was answered already comes along hidden."""
    found = queries.files(person(), services(), search=search)
    names = {each.id for each in chosen}
    return render_template(
        "pages/choose_files.html",
        chosen=chosen,
        found=[each for each in found.files.items if each.id not in names],
        search=found.search,
        more=found.files.next is not None,
        most=services().limits.max_files_per_share,
        kept=[(name, value) for name in ANSWERS for value in request.form.getlist(name)],
    )


def answers(form: ShareForm, chosen: Sequence[File]) -> str:
    form.offer(services().limits)
    form.offer_groups(queries.groups(person(), services()))
    return render_template(
        "pages/new_share.html", form=form, files=chosen, limits=services().limits, zone_known=i18n.zone()
    )


def asked(form: ShareForm) -> ShareFiles:
    """What the form asks for, in the reader's zone and language."""
    zone = i18n.zone() or expiry.zone("UTC")
    return ShareFiles(
        **context_fields(),
        submission_id=form.submission_id.data or "",
        file_ids=request.form.getlist("file"),
        recipients_text=form.recipients.data or "",
        group_ids=form.group_ids,
        message=form.message.data or "",
        expires_on=form.until.data or form.last(now().astimezone(zone).date()),
        download_limit=form.download_limit.data,
        confirm=bool(form.confirm.data),
        password=form.password.data or "",
        zone=zone.key,
        language=i18n.language(),
        notify=form.when_to_tell(),
    )


def review(form: ShareForm) -> str | tuple[str, int]:
    form.until.data = None
    readable = form.validate()
    try:
        checked = rehearse(SHARE, asked(form), services())
    except Refusal as refusal:
        return again(form, refusal)
    if not readable:
        return again(form, None)
    doubles = addresses.read(checked.recipients_text).doubles
    before = before_sharing(person(), checked.addresses, now(), services())
    return render_template(
        "pages/review_share.html", form=form, asked=checked, doubles=doubles, before=before
    )


def share(form: ShareForm) -> Response | tuple[str, int]:
    """An answer that cannot be read is asked for again: a limit or a day is never left out for it."""
    if not form.validate():
        return again(form, None)
    try:
        done = run(SHARE, asked(form), services())
    except (Invalid, MailsUsedUp) as refusal:
        return again(form, refusal)
    many = len(done.addresses)
    flash(
        gettext("This was shared already. Nothing was sent twice.")
        if done.again
        else ngettext("Shared with %(num)d person.", "Shared with %(num)d people.", many)
    )
    return redirect(url_for("shares.one", share_id=done.about), 303)


def again(form: ShareForm, refusal: Refusal | None) -> tuple[str, int]:
    """The form once more, with what is wrong; the files as far as they are still there."""
    if refusal:
        lay(form, refusal)
    chosen = queries.chosen_files(person(), request.form.getlist("file"), services())
    return answers(form, chosen), refusal.status if refusal else 400
