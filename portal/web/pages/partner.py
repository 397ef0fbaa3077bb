"""`/d/<token>`: a recipient's link. Looking spends nothing; a press of Download spends one, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.ids import sortable_id
from portal.domain.shares import Recipient, Share
from portal.web.current import config, now, services
from portal.web.errors import refusal_answer, wants_json
from portal.web.headers import workers_policy
from portal.web.i18n import sentence
from portal.web.pages import confirm
from portal.workflows.download import DOWNLOAD, PREVIEW, Download
from portal.workflows.engine import rehearse, run
from portal.workflows.opening import OPEN, Open, Over, ProofNeeded

if TYPE_CHECKING:
    from portal.web.download_all import Offer

blueprint = Blueprint("partner", __name__)


@blueprint.get("/d/zip/worker.js")
def worker() -> AnyResponse:
    """The service worker that makes the ZIP of "Download all". From here it reaches no further than /d/zip/,
    so that it never comes between a browser and our pages.
    """
    answer = current_app.send_static_file("vendor/zip-worker.js")
    answer.headers["Content-Security-Policy"] = workers_policy(config())
    return answer


@blueprint.get("/d/<token>")
def card(token: str) -> str:
    """The card. Only a page that somebody is shown counts as opened: no HEAD and no prefetch does (R42)."""
    looked_at = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    context = Open(**confirm.visit(token))
    try:
        share, recipient = (run if looked_at else rehearse)(OPEN, context, services()).opened
    except ProofNeeded as needed:
        return confirm.page(token, needed)
    open_files = [file.id for file in share.files if recipient.left(share, file.id) != 0]
    return render_template(
        "pages/partner.html",
        share=share,
        recipient=recipient,
        first=next(iter(open_files), None),
        everything=offer(share, recipient, token) if len(open_files) > 1 else None,
        token=token,
        # One for each button of this page: pressing it twice is pressing it once (R50).
        attempts={file.id: sortable_id(now()) for file in share.files},
        shown={file.id for file in share.files if share.shows(file)},
    )


def offer(share: Share, recipient: Recipient, token: str) -> Offer:
    """ "Download all". Imported here: most links lead to one file, and do not wait for it when cold."""
    from portal.web.download_all import everything

    return everything(share, recipient, token)


@blueprint.post("/d/<token>/download")
def download(token: str) -> AnyResponse:
    """On to the file's bytes; for a script 200 `{address, name, size}`, and refusals as problem+json."""
    try:
        done = pressed(token)
    except ProofNeeded as needed:
        return unproven(token, needed)
    if wants_json():
        return jsonify(address=done.address, name=done.found.name, size=done.found.size)
    return redirect(done.address, 303)


@blueprint.post("/d/<token>/preview")
def preview(token: str) -> AnyResponse:
    """Looking at a file gives its bytes away: it wants a press and counts, as a download does (R42, R49)."""
    from portal.web import viewer  # a first page does without it

    try:
        done = pressed(token, PREVIEW)
    except ProofNeeded as needed:
        return unproven(token, needed)
    here = {"token": token, "share": done.share, "attempt_id": done.attempt_id, "fresh": sortable_id(now())}
    return viewer.shown("pages/partner_preview.html", done.found, done.address, **here)


def pressed(token: str, how: str = "") -> Download:
    context = Download(
        **confirm.visit(token),
        file_id=request.form.get("file_id", ""),
        attempt_id=request.form.get("attempt_id", ""),
        how=how,
    )
    return run(DOWNLOAD, context, services())


def unproven(token: str, needed: ProofNeeded) -> AnyResponse:
    return refusal_answer(needed) if wants_json() else make_response(confirm.page(token, needed), 403)


@blueprint.post("/d/<token>/ask")
def ask(token: str) -> AnyResponse:
    """Ask the sender for more; the link's page then says that it was asked."""
    from portal.workflows.asking import ASK_FOR_MORE, AskForMore  # brings the mail's: no first page's need

    context = AskForMore(**confirm.visit(token), note=request.form.get("note", ""))
    run(ASK_FOR_MORE, context, services())
    return redirect(url_for("partner.card", token=token), 303)


@blueprint.errorhandler(Over)
@confirm.blueprint.errorhandler(Over)
def over(refusal: Over) -> Response | tuple[str, int]:
    """What is over says so, names nobody (R45), and lets its recipient ask for more."""
    if wants_json():
        return refusal_answer(refusal)
    from portal.workflows.asking import AGAIN, NOTE_CHARACTERS

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
