"""`/admin`: what the portal holds and what happened last. `access.py` lets only administrators in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal import queries
from portal.web.access import context_fields
from portal.web.current import now, services
from portal.web.history import told
from portal.workflows.engine import run
from portal.workflows.suppression import RELEASE_ADDRESS, Release

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
def index() -> str:
    cursor, held = request.args.get("cursor"), request.args.get("held")
    overview = queries.overview(now(), services(), cursor, held)
    return render_template("pages/admin.html", overview=overview, cursor=cursor, held=held, told=told)


@blueprint.post("/admin/held/<held_id>/release")
def release(held_id: str) -> Response:
    done = run(RELEASE_ADDRESS, Release(**context_fields(), held_id=held_id), services())
    flash(gettext("Mail goes to %(address)s again.", address=done.found.address), "done")
    return redirect(url_for("admin.index"), 303)
