"""`/admin/emails`: what keeps emails from being sent, who sends most, and addresses that get none."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.engine.workflow import run
from portal.queries.admin.emails import get_emails
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.identity.access import staff_request
from portal.workflows.mail.suppression import RELEASE_ADDRESS, Release

blueprint = Place("admin_emails", __name__, Audience.ADMIN)


@blueprint.get("/admin/emails")
def index() -> str:
    held = request.args.get("held")
    return render_template("pages/admin/emails.html", emails=get_emails(now(), services(), held), held=held)


@blueprint.post("/admin/held/<held_id>/release")
def release(held_id: str) -> Response:
    done = run(RELEASE_ADDRESS, Release(staff_request(), held_id=held_id), services())
    flash(gettext("Emails go to %(address)s again.", address=done.required_address.address), "done")
    return redirect(url_for("admin_emails.index"), 303)
