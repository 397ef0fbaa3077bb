"""`/mails/<token>`: the address in an email that ends emails of its kind, with or without a page (RFC 8058).

Looking changes nothing, since email scanners look, too; a POST switches off, also one that a email program
sends without having seen the page.
"""

from __future__ import annotations

from flask import render_template

from portal.domain.audit.record import Actor
from portal.engine.workflow import Request, dry_run, run
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.edge.logging import request_id
from portal.web.identity.access import request_source
from portal.workflows.mail.mail_preferences import UNSUBSCRIBE, Unsubscribe

blueprint = Place("unsubscribe", __name__, Audience.VISITOR)


@blueprint.get("/mails/<token>")
def page(token: str) -> str:
    return render_page(dry_run(UNSUBSCRIBE, read_request(token), services()), done=False)


@blueprint.post("/mails/<token>")
def switch_off(token: str) -> str:
    return render_page(run(UNSUBSCRIBE, read_request(token), services()), done=True)


def read_request(token: str) -> Unsubscribe:
    return Unsubscribe(
        Request(now(), Actor("visitor", "visitor", **request_source()), request_id=request_id()), token=token
    )


def render_page(asked: Unsubscribe, *, done: bool) -> str:
    return render_template("pages/unsubscribe.html", kinds=sorted(asked.off), token=asked.token, done=done)
