"""`/shared-with-me`: what was shared with the address of somebody who is signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from portal import queries
from portal.web.access import person
from portal.web.current import now, services

blueprint = Blueprint("received", __name__)


@blueprint.get("/shared-with-me")
def index() -> str:
    cursor = request.args.get("cursor")
    page = queries.received(person(), services(), cursor)
    return render_template("pages/received.html", page=page, now=now(), cursor=cursor)


@blueprint.get("/shared-with-me/<share_id>")
def one(share_id: str) -> Response:
    """On to one's own link, made anew and kept nowhere."""
    return redirect(queries.received_link(person(), share_id, services()), 303)
