"""`/d/<token>`: a recipient's link. Looking spends nothing; a press of Download spends one, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import (
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.errors import Invalid, Refusal, TooMany, Unavailable
from portal.domain.ids import make_sortable_id
from portal.domain.links import tokens
from portal.domain.links.availability import Offer
from portal.domain.links.proofs import is_sender_only
from portal.domain.shares.share import Share
from portal.engine.workflow import dry_run, run
from portal.web import errors
from portal.web.current import now, seconds_until, services
from portal.web.edge.audience import Audience, Place, for_audience
from portal.web.edge.headers import workers_policy
from portal.web.edge.request_origin import require_own_page
from portal.web.errors import page as error_page
from portal.web.errors import refusal_answer, wants_json
from portal.web.identity import link_proof_cookie
from portal.web.identity.access import visitor_request
from portal.web.pages.partner import confirmation, link_facts
from portal.web.wording.i18n import translate_refusal
from portal.workflows.links.download import DOWNLOAD, PREVIEW, Download, NotPressed
from portal.workflows.links.link_access import OPEN, LinkClosed, LinkContext, OwnLink, ProofNeeded

if TYPE_CHECKING:
    from portal.web.assets.download_all import ZipOffer

blueprint = Place("partner", __name__, Audience.PARTNER)


@blueprint.get("/d/zip/worker.js")
@for_audience(Audience.EVERYBODY)
def worker() -> AnyResponse:
    """The service worker that makes the ZIP of "Download all". From here it reaches no further than /d/zip/,
    so that it never comes between a browser and our pages.
    """
    answer = current_app.send_static_file("vendor/zip-worker.js")
    answer.headers["Content-Security-Policy"] = workers_policy(services().objects.origin())
    return answer


@blueprint.get("/d/<token>")
def card(token: str) -> str | Response:
    """The card, or its facts. Only a page that someone is shown counts as opened: no HEAD and no prefetch
    does (R42).
    """
    looked_at = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    context = LinkContext(visitor_request(), token=token, proof=link_proof_cookie.read_shown(token).proof)
    try:
        done = (run if looked_at else dry_run)(OPEN, context, services())
    except ProofNeeded as needed:
        return link_facts.ask_for_proof(token, needed) if wants_json() else confirmation.page(token, needed)
    offered, (share, recipient) = done.required_offer, done.share_and_recipient
    if wants_json():
        return link_facts.show_offer(share, offered)
    open_files = [file.id for file in offered.open_files]
    return render_template(
        "pages/partner.html",
        share=share,
        recipient=recipient,
        first=next(iter(open_files), None),
        offer=offered,
        everything=zip_offer(offered, token) if len(open_files) > 1 else None,
        token=token,
        own=is_sender_only(share, recipient, context.person),
        # One for each button of this page: pressing it twice is pressing it once (R50).
        attempts={file.id: make_sortable_id(now()) for file in share.first_files},
        large=large_files(offered, token),
        shown={file.id for file in share.first_files if share.allows_preview(file)},
    )


def large_files(offered: Offer, token: str) -> dict[str, dict[str, str | int]]:
    """Of each file that is to be saved through the worker, what its script must know, by file id."""
    least = services().limits.resumed_bytes
    places = {"worker": url_for("partner.worker"), "again": url_for("partner.card", token=token)}
    return {
        file.id: {"name": file.name, "size": file.size, **places}
        for file in offered.open_files
        if file.size >= least
    }


def zip_offer(offered: Offer, token: str) -> ZipOffer:
    """ "Download all". Imported here: most links lead to one file, and do not wait for it when cold."""
    from portal.web.assets.download_all import everything

    return everything(offered, token)


@blueprint.post("/d/<token>/download")
def download(token: str) -> AnyResponse:
    """On to the file's bytes; for a script 200 `{address, expires_in, name, size}`, and refusals as
    problem+json. expires_in: the seconds that the address lives.

    The same attempt_id again renews the address and is not counted again, while its bytes have not all gone
    out (R79).
    """
    try:
        done = run(DOWNLOAD, read_press(token, request.form), services())
    except ProofNeeded as needed:
        return unproven(token, needed)
    if wants_json():
        seconds = seconds_until(done.ends_at)
        return jsonify(
            address=done.address,
            expires_in=seconds,
            name=done.required_file.name,
            size=done.required_file.size,
        )
    return redirect(done.address, 303)


@blueprint.post("/d/<token>/preview")
def preview(token: str) -> AnyResponse:
    """Looking at a file gives its bytes away: it wants a press and counts, as a download does (R42, R49).

    On to the page that shows it, which can be come back to; a script gets its next address. A player asks for
    one with the press that began it, and that is not counted again (R79).
    """
    from portal.web.assets import viewer  # a first page does without it

    try:
        done = run(DOWNLOAD, read_press(token, request.form, PREVIEW), services())
    except ProofNeeded as needed:
        return unproven(token, needed)
    if wants_json():
        return viewer.next_address(done.address, seconds_until(done.ends_at))
    shown_at = url_for("partner.show_preview", token=token, file_id=done.file_id, attempt_id=done.attempt_id)
    return redirect(shown_at, 303)


@blueprint.get("/d/<token>/preview")
def show_preview(token: str) -> AnyResponse:
    """What a press of Preview led to, as long as that press goes on; without one there is nothing to see."""
    from portal.web.assets import viewer

    if not request.args:
        return redirect(url_for("partner.card", token=token), 303)
    context = read_press(token, request.args, PREVIEW)
    try:
        done = run(DOWNLOAD, replace(context, renews=True), services())
    except ProofNeeded as needed:
        return unproven(token, needed)
    except (NotPressed, Invalid):
        return redirect(url_for("partner.card", token=token), 303)
    here = {
        "token": token,
        "share": done.share,
        "attempt_id": done.attempt_id,
        "fresh": make_sortable_id(now()),
    }
    seconds = seconds_until(done.ends_at)
    return viewer.render_viewer(
        "pages/partner_preview.html", done.required_file, done.address, seconds, **here
    )


def read_press(token: str, fields: Mapping[str, str], how: str = "") -> Download:
    """A press of the button with these fields."""
    return Download(
        visitor_request(),
        token=token,
        proof=link_proof_cookie.read_shown(token).proof,
        file_id=fields.get("file_id", ""),
        attempt_id=fields.get("attempt_id", ""),
        how=how,
    )


def unproven(token: str, needed: ProofNeeded) -> AnyResponse:
    """On to the question, since a page that answers a form cannot be come back to."""
    if wants_json():
        return refusal_answer(needed)
    if request.method == "POST":
        return redirect(url_for("partner.card", token=token), 303)
    return make_response(confirmation.page(token, needed), 403)


@blueprint.post("/d/<token>/ask")
def ask(token: str) -> AnyResponse:
    """Ask the sender for more; the link's page then says that it was asked."""
    from portal.workflows.shares.access_requests import (  # brings the email's: no first page's need
        ASK_FOR_MORE,
        AskForMore,
    )

    context = AskForMore(
        visitor_request(),
        token=token,
        proof=link_proof_cookie.read_shown(token).proof,
        note=request.form.get("note", ""),
    )
    try:
        run(ASK_FOR_MORE, context, services())
    except (Invalid, TooMany) as refusal:
        return show_form_again(token, refusal)
    return redirect(url_for("partner.card", token=token), 303)


@blueprint.errorhandler(CSRFError)
def stale_form(problem: CSRFError) -> AnyResponse:
    """What was typed is not lost with the secret of the page (R80), unless another site typed it."""
    if request.endpoint == "partner.ask":
        with suppress(Refusal):
            require_own_page()
            return show_form_again((request.view_args or {})["token"], errors.explain_stale_form(problem))
    return errors.stale_form(problem)


def show_form_again(token: str, refusal: Refusal) -> AnyResponse:
    """The form again, with what was typed and what is wrong."""
    try:
        dry_run(OPEN, LinkContext(visitor_request(), token=token), services())
    except LinkClosed as over:
        if not wants_json():
            page = render_closed_link(
                over, note=request.form.get("note", ""), problem=translate_refusal(refusal)
            )
            return errors.set_status(make_response(page), refusal, refusal.status)
    return refusal_answer(refusal)


@blueprint.errorhandler(OwnLink)
@confirmation.blueprint.errorhandler(OwnLink)
def own_link(refusal: OwnLink) -> Response:
    if wants_json():
        return refusal_answer(refusal)
    answer = error_page(refusal, refusal.status, way_back=f"/shares/{refusal.share_id}")
    answer.status_code = refusal.status
    return answer


def find_own_share(token: str) -> Share | None:
    """The share behind a link that its own sender opened; None where it cannot be known: it only adds a way
    back to a page that is whole without it.
    """
    known, found = tokens.parse(token) if g.get("signed_in") else None, None
    if known:
        with suppress(Unavailable):
            found = services().shares.get_with_recipient(known.share_id, known.recipient_id)
    return found[0] if found and is_sender_only(*found, g.signed_in.person) else None


@blueprint.errorhandler(LinkClosed)
@confirmation.blueprint.errorhandler(LinkClosed)
def show_closed_link(refusal: LinkClosed) -> Response | tuple[str, int]:
    """What is over says so, names nobody (R45), and lets its recipient ask for more."""
    return link_facts.say_closed(refusal) if wants_json() else (render_closed_link(refusal), 410)


def render_closed_link(refusal: LinkClosed, note: str = "", problem: str = "") -> str:
    """note, problem: what was typed into its form before, and why it was not sent."""
    from portal.workflows.shares.access_requests import MIN_INTERVAL, NOTE_CHARACTERS

    asking, token = refusal.asking, (request.view_args or {})["token"]
    return render_template(
        "pages/partner_over.html",
        words=translate_refusal(refusal),
        asking=asking,
        may_ask=refusal.askable and (asking is None or asking.at <= now() - MIN_INTERVAL),
        spent=refusal.reason == "spent",
        most=NOTE_CHARACTERS,
        token=token,
        share=find_own_share(token),
        note=note,
        problem=problem,
    )
