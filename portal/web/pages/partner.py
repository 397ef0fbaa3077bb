"""`/d/<token>`: a recipient's link. Looking spends nothing; a press of Download spends one, exactly."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.audit import Actor
from portal.domain.ids import sortable_id
from portal.web.access import source
from portal.web.current import now, services
from portal.web.i18n import sentence
from portal.web.logging import request_id
from portal.workflows.asking import AGAIN, ASK_FOR_MORE, NOTE_CHARACTERS, AskForMore
from portal.workflows.download import DOWNLOAD, OPEN, Download, Open, Over
from portal.workflows.engine import rehearse, run

blueprint = Blueprint("partner", __name__)


@blueprint.get("/d/<token>")
def card(token: str) -> str:
    """The card. Only a page that somebody is shown counts as opened: no HEAD and no prefetch does (R42)."""
    looked_at = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    reader = g.signed_in.person if g.get("signed_in") else None
    context = Open(now=now(), actor=visitor(), person=reader, request_id=request_id(), token=token)
    share, recipient = (run if looked_at else rehearse)(OPEN, context, services()).opened
    open_files = [file.id for file in share.files if recipient.left(share, file.id) != 0]
    return render_template(
        "pages/partner.html",
        share=share,
        recipient=recipient,
        first=next(iter(open_files), None),
        token=token,
        # One for each button of this page: pressing it twice is pressing it once (R50).
        attempts={file.id: sortable_id(now()) for file in share.files},
    )


@blueprint.post("/d/<token>/download")
def download(token: str) -> Response:
    context = Download(
        now=now(),
        actor=visitor(),
        request_id=request_id(),
        token=token,
        file_id=request.form.get("file_id", ""),
        attempt_id=request.form.get("attempt_id", ""),
    )
    return redirect(run(DOWNLOAD, context, services()).address, 303)


@blueprint.post("/d/<token>/ask")
def ask(token: str) -> Response:
    """Ask the sender for more; the link's page then says that it was asked."""
    context = AskForMore(
        now=now(), actor=visitor(), request_id=request_id(), token=token, note=request.form.get("note", "")
    )
    run(ASK_FOR_MORE, context, services())
    return redirect(url_for("partner.card", token=token), 303)


@blueprint.errorhandler(Over)
def over(refusal: Over) -> tuple[str, int]:
    """What is over says so, names nobody (R45), and lets its recipient ask for more."""
    asking = refusal.asking
    return render_template(
        "pages/partner_over.html",
        words=sentence(refusal),
        asking=asking,
        may_ask=refusal.askable and (asking is None or asking.at <= now() - AGAIN),
        spent=refusal.reason == "spent",
        most=NOTE_CHARACTERS,
        token=(request.view_args or {})["token"],
    ), 410


def visitor() -> Actor:
    return Actor("visitor", "visitor", **source())
