"""`/admin/files/upcoming`: what the schedule does next with files and why, and what it did."""

from __future__ import annotations

from flask import render_template, request

from portal.queries.admin.lifetimes import AHEAD, DONE, list_done_steps, list_planned_steps
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.wording.history import describe_record

blueprint = Place("admin_lifetimes", __name__, Audience.ADMIN)


@blueprint.get("/admin/files/upcoming")
def index() -> str:
    cursor = request.args.get("cursor")
    planned = list_planned_steps(now(), cursor, services())
    return render_template(
        "pages/admin/upcoming.html", planned=planned, cursor=cursor, now=now(), days=AHEAD.days, done=None,
        hours=services().environment_limits.pending_hours,
    )  # fmt: skip


@blueprint.get("/admin/files/upcoming/done")
def done() -> str:
    """The first kind where the address names none of them."""
    cursor, asked = request.args.get("cursor"), request.args.get("action")
    action = next((each for each in DONE if each == asked), DONE[0])
    found = list_done_steps(action, now(), cursor, services())
    return render_template(
        "pages/admin/upcoming.html", found=found, cursor=cursor, done=action, told=describe_record
    )
