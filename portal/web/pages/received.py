"""`/shared-with-me`: what was shared with the address of somebody who is signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from portal.queries.received import received, received_link
from portal.web.access import person
from portal.web.current import now, services

blueprint = Blueprint("received", __name__)
LONGEST_SEARCH = 200  # characters


@blueprint.get("/shared-with-me")
def index() -> str:
    cursor, search = request.args.get("cursor"), request.args.get("q", "")
    found = received(person(), services(), cursor, search[:LONGEST_SEARCH])
    return render_template("pages/received.html", found=found, page=found.page, now=now(), cursor=cursor)


@blueprint.get("/shared-with-me/<share_id>")
def one(share_id: str) -> Response:
    """On to one's own link, made anew and kept nowhere."""
    return redirect(received_link(person(), share_id, services()), 303)
