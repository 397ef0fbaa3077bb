"""`/shares`: what one has shared and what is being prepared, and taking a share back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal import queries
from portal.domain.shares import MailState
from portal.queries import drafts as draft_queries
from portal.web.access import context_fields, person
from portal.web.current import now, services
from portal.web.history import happenings
from portal.web.timeline import timeline
from portal.workflows.asking import DECLINE_MORE, GIVE_MORE, MORE_DAYS, Answer
from portal.workflows.engine import run
from portal.workflows.revoke import WITHDRAW_RECIPIENT, WITHDRAW_SHARE, Withdraw

blueprint = Blueprint("shares", __name__)


@blueprint.get("/shares")
def index() -> str:
    if request.args.get("drafts"):
        return render_template("pages/drafts.html", drafts=draft_queries.drafts(person(), now(), services()))
    page = queries.shares(person(), services(), request.args.get("cursor"))
    return render_template("pages/shares.html", page=page, now=now(), cursor=request.args.get("cursor"))


@blueprint.get("/shares/<share_id>")
def one(share_id: str) -> str:
    view = queries.share(person(), share_id, services())
    more_days = min(MORE_DAYS, services().limits.max_share_days)
    return render_template(
        "pages/share.html", view=view, people=in_turn(view.recipients), share=view.share, now=now(),
        timeline=timeline, history=happenings(queries.of_the_whole(view.history)), more_days=more_days,
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


def in_turn(people: list[queries.RecipientView]) -> list[queries.RecipientView]:
    """First those whose link the sender passes on: it is waiting to be copied."""
    return sorted(people, key=lambda each: each.recipient.mail.state is not MailState.BY_HAND)
