"""`/shares`: what one has shared and what is being prepared, and taking a share back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.mail.mail_job import MailState
from portal.engine.workflow import run
from portal.queries import drafts as draft_queries
from portal.queries.admin.legal_holds import list_holds_on
from portal.queries.shares import RecipientView, get_share, list_share_events, list_shares
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.identity.access import current_person, staff_request
from portal.web.wording.history import happenings
from portal.web.wording.timeline import timeline
from portal.workflows.shares.access_requests import APPROVE_REQUEST, DECLINE_REQUEST, MORE_DAYS, AnswerRequest
from portal.workflows.shares.revoke import WITHDRAW_RECIPIENT, WITHDRAW_SHARE, Withdraw

blueprint = Place("shares", __name__, Audience.STAFF)


@blueprint.get("/shares")
def index() -> str:
    if request.args.get("drafts"):
        return render_template(
            "pages/drafts.html", drafts=draft_queries.drafts(current_person(), now(), services())
        )
    page = list_shares(current_person(), services(), request.args.get("cursor"))
    return render_template("pages/shares.html", page=page, now=now(), cursor=request.args.get("cursor"))


@blueprint.get("/shares/<share_id>")
def show(share_id: str) -> str:
    view = get_share(current_person(), share_id, services())
    things = [share_id, view.share.owner_id]
    holds = list_holds_on(things, services()) if current_person().is_admin else []
    more_days = min(MORE_DAYS, services().limits.max_share_days)
    return render_template(
        "pages/share.html", view=view, people=sort_recipients(view.recipients), share=view.share, now=now(),
        timeline=timeline, history=happenings(list_share_events(view.history)), more_days=more_days,
        holds=holds,
    )  # fmt: skip


@blueprint.post("/shares/<share_id>/withdraw")
def withdraw(share_id: str) -> Response:
    run(WITHDRAW_SHARE, Withdraw(staff_request(), share_id=share_id), services())
    flash(gettext("This share is withdrawn. None of its links work any more."))
    return redirect(url_for("shares.show", share_id=share_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/withdraw")
def withdraw_recipient(share_id: str, recipient_id: str) -> Response:
    context = Withdraw(staff_request(), share_id=share_id, recipient_id=recipient_id)
    done = run(WITHDRAW_RECIPIENT, context, services())
    flash(gettext("Withdrawn from %(address)s. The link no longer works.", address=done.details["to"]))
    return redirect(url_for("shares.show", share_id=share_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/more")
def give_more(share_id: str, recipient_id: str) -> Response:
    context = AnswerRequest(staff_request(), share_id=share_id, recipient_id=recipient_id)
    done = run(APPROVE_REQUEST, context, services())
    flash(
        gettext("%(address)s can download again, and gets an email that says so.", address=done.details["to"])
    )
    return redirect(url_for("shares.show", share_id=share_id), 303)


@blueprint.post("/shares/<share_id>/recipients/<recipient_id>/decline")
def decline_more(share_id: str, recipient_id: str) -> Response:
    context = AnswerRequest(staff_request(), share_id=share_id, recipient_id=recipient_id)
    done = run(DECLINE_REQUEST, context, services())
    flash(gettext("Declined. %(address)s gets an email that says so.", address=done.details["to"]))
    return redirect(url_for("shares.show", share_id=share_id), 303)


def sort_recipients(people: list[RecipientView]) -> list[RecipientView]:
    """First those whose link the sender passes on: it is waiting to be copied."""
    return sorted(people, key=lambda each: each.recipient.mail.state is not MailState.BY_HAND)
