"""`/admin`: what the portal holds and what happened last. `access.py` lets only administrators in."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from portal import queries
from portal.web.current import now, services
from portal.web.history import told

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
def index() -> str:
    cursor = request.args.get("cursor")
    overview = queries.overview(now(), services(), cursor)
    return render_template("pages/admin.html", overview=overview, cursor=cursor, told=told)
