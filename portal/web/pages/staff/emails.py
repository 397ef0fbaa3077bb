"""Emails that failed, sent again: one's own, and for administrators everyone's."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.engine.workflow import run
from portal.web.current import services
from portal.web.edge.audience import Audience, Place, for_audience
from portal.web.identity.access import staff_request
from portal.workflows.mail.resending import RESEND_FAILED, ResendFailed

blueprint = Place("emails", __name__, Audience.STAFF)


@blueprint.post("/account/emails/again")
def resend_own() -> Response:
    say(run(RESEND_FAILED, ResendFailed(staff_request()), services()))
    return redirect(url_for("account.index"), 303)


@blueprint.post("/admin/emails/again")
@for_audience(Audience.ADMIN)
def resend_all() -> Response:
    say(run(RESEND_FAILED, ResendFailed(staff_request(), everyone=True), services()))
    return redirect(url_for("admin_emails.index"), 303)


def say(done: ResendFailed) -> None:
    if not done.queued:
        flash(gettext("There is no failed email whose share is still active."))
        return
    flash(ngettext("%(num)d email is sent again.", "%(num)d emails are sent again.", done.queued), "done")
    if done.is_partial:
        flash(gettext("There are more. Press again for the rest."), "attention")
