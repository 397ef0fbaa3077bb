"""`/shares`: what one has shared and what is being prepared, and taking a share back."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.people.beside import Beside
from portal.domain.shares.following import Order, Reached
from portal.engine.workflow import run
from portal.queries import drafts as draft_queries
from portal.queries.admin.legal_holds import list_holds_on
from portal.queries.following import Asked, get_followed_share
from portal.queries.shares import list_share_events, list_shares
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.identity.access import current_person, staff_request
from portal.web.wording.history import happenings
from portal.web.wording.visits import group_visits
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
@reads(Beside.FOLLOWED_SHARE)
def show(share_id: str) -> str:
    asked = read_asked()
    view = get_followed_share(current_person(), share_id, asked, services())
    holds = list_holds_on([share_id, view.share.owner_id], services()) if current_person().is_admin else []
    more_days = min(MORE_DAYS, services().limits.max_share_days)
    events = list_share_events(view.history) if view.history else []
    return render_template(
        "pages/share.html", view=view, share=view.share, now=now(), asked=asked,
        here=partial(share_address, share_id, asked), group_visits=group_visits,
        history=happenings(events), more_days=more_days, holds=holds,
    )  # fmt: skip


def read_asked() -> Asked:
    """Which people of a share the address asks for; what is no filter or order there is none."""
    only, sort = request.args.get("state", ""), request.args.get("sort", "")
    return Asked(
        only=Reached(only) if only in set(Reached) else None,
        order=Order(sort) if sort in set(Order) else Order.ADDRESS,
        after=request.args.get("after", ""),
        person=request.args.get("person", ""),
        history="history" in request.args,
    )


def share_address(
    share_id: str, asked: Asked, state: str | None = None, sort: str | None = None, after: str = "",
    person: str | None = None, history: str = "",
) -> str:  # fmt: skip
    """The same page with something else of it shown; who opens somebody stays on that page of the list."""
    sort = (asked.order if asked.order is not Order.ADDRESS else "") if sort is None else sort
    wanted = {
        "state": (asked.only or "") if state is None else state,
        "sort": sort,
        "after": asked.after if person is not None else after,
        "person": person or "",
        "history": history,
    }
    query = urlencode({name: value for name, value in wanted.items() if value})
    return url_for("shares.show", share_id=share_id) + (f"?{query}" if query else "")


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
