"""`/admin`: what the portal holds and what happened last. `access.py` lets only administrators in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.engine.workflow import run
from portal.queries.admin.overview import get_overview
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.identity.access import staff_request
from portal.web.wording.history import describe_record
from portal.workflows.mail.suppression import RELEASE_ADDRESS, Release

blueprint = Place("admin", __name__, Audience.ADMIN)


@blueprint.get("/admin")
def index() -> str:
    cursor, held = request.args.get("cursor"), request.args.get("held")
    overview = get_overview(now(), services(), cursor, held)
    return render_template(
        "pages/admin/overview.html", overview=overview, cursor=cursor, held=held, told=describe_record
    )


@blueprint.post("/admin/held/<held_id>/release")
def release(held_id: str) -> Response:
    done = run(RELEASE_ADDRESS, Release(staff_request(), held_id=held_id), services())
    flash(gettext("Emails go to %(address)s again.", address=done.required_address.address), "done")
    return redirect(url_for("admin.index"), 303)
