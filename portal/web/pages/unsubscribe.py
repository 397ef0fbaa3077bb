"""`/mails/<token>`: the address in a mail that ends mails of its kind, with or without a page (RFC 8058).

Looking changes nothing, since mail scanners look, too; a POST switches off, also one that a mail program
sends without having seen the page.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.domain.audit import Actor
from portal.web.access import source
from portal.web.current import now, services
from portal.web.logging import request_id
from portal.workflows.engine import rehearse, run
from portal.workflows.switches import UNSUBSCRIBE, Unsubscribe

blueprint = Blueprint("unsubscribe", __name__)


@blueprint.get("/mails/<token>")
def page(token: str) -> str:
    return shown(rehearse(UNSUBSCRIBE, asked(token), services()), done=False)


@blueprint.post("/mails/<token>")
def switch_off(token: str) -> str:
    return shown(run(UNSUBSCRIBE, asked(token), services()), done=True)


def asked(token: str) -> Unsubscribe:
    return Unsubscribe(
        now=now(), actor=Actor("visitor", "visitor", **source()), request_id=request_id(), token=token
    )


def shown(asked: Unsubscribe, *, done: bool) -> str:
    return render_template("pages/unsubscribe.html", kinds=sorted(asked.off), token=asked.token, done=done)
