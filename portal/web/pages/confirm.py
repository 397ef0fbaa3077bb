"""`/d/<token>/code` and `/d/<token>/password`: showing whose a link is, without a script (R44)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.audit import Actor
from portal.domain.codes import LIFETIME
from portal.domain.errors import Gone, NotFound, Refusal
from portal.domain.proofs import masked
from portal.web import i18n, proofs
from portal.web.access import source
from portal.web.current import now, services
from portal.web.logging import request_id
from portal.workflows.confirm import CONFIRM_ADDRESS, ENTER_PASSWORD, SEND_CODE, Unlock
from portal.workflows.engine import Workflow, rehearse, run
from portal.workflows.opening import OPEN, Open, ProofNeeded

blueprint = Blueprint("confirm", __name__)


@blueprint.post("/d/<token>/code")
def send_code(token: str) -> AnyResponse:
    return unlocked(SEND_CODE, token)


@blueprint.post("/d/<token>/confirm")
def confirm(token: str) -> AnyResponse:
    return unlocked(CONFIRM_ADDRESS, token, code=request.form.get("code", ""))


@blueprint.post("/d/<token>/password")
def enter_password(token: str) -> AnyResponse:
    return unlocked(ENTER_PASSWORD, token, password=request.form.get("password", "")[:1000])


@blueprint.get("/d/<token>/code")
@blueprint.get("/d/<token>/confirm")
@blueprint.get("/d/<token>/password")
@blueprint.get("/d/<token>/download")
@blueprint.get("/d/<token>/preview")
def back(token: str) -> AnyResponse:
    """For those who load an answer to a form anew, or change its language."""
    return redirect(url_for("partner.card", token=token), 303)


def unlocked(workflow: Workflow[Unlock], token: str, code: str = "", password: str = "") -> AnyResponse:
    """One step further, and back to the link; or the same page again, saying what is wrong."""
    context = Unlock(
        **visit(token), browser=proofs.browser(), code_id=proofs.shown(token).code_id,
        language=i18n.language(), code=code, password=password,
    )  # fmt: skip
    try:
        done = run(workflow, context, services())
    except (NotFound, Gone):
        raise
    except Refusal as refusal:
        return again(token, refusal)
    answer = make_response(redirect(url_for("partner.card", token=token), 303))
    if done.proof and done.proof is not context.proof:
        proofs.has_shown(answer, done.proof)
    elif done.sent:
        proofs.asked_for(answer, done.opened[1].id, done.sent.id)
    return answer


def again(token: str, refusal: Refusal) -> AnyResponse:
    """The page of the step that is still missing, with the refusal's status and words."""
    try:
        rehearse(OPEN, Open(**visit(token)), services())
    except ProofNeeded as needed:
        answer = make_response(page(token, needed, refusal), refusal.status)
        if refusal.retry_after_seconds is not None:
            answer.headers["Retry-After"] = str(refusal.retry_after_seconds)
        return answer
    return redirect(url_for("partner.card", token=token), 303)


def page(token: str, needed: ProofNeeded, refusal: Refusal | None = None) -> str:
    """It names the sender, whose mail brought the link, and neither their address nor the recipient's, nor
    what was sent: whoever was forwarded the link may be reading (R45).
    """
    return render_template(
        "pages/confirm.html",
        token=token,
        step=needed.step,
        code_sent=bool(proofs.shown(token).code_id) and getattr(refusal, "reason", "") not in OVER,
        sender=needed.share.owner_name,
        masked=masked(needed.recipient.address),
        minutes=int(LIFETIME.total_seconds()) // 60,
        problem=i18n.sentence(refusal) if refusal else "",
        field=refusal.field if refusal else None,
    )


OVER = {"code_over", "code_tries"}  # there is no code any more that could be typed


def visit(token: str) -> dict[str, Any]:
    """What every workflow on a link wants to know of a request: who asks, from where, having shown what."""
    return {
        "now": now(),
        "actor": Actor("visitor", "visitor", **source()),
        "person": g.signed_in.person if g.get("signed_in") else None,
        "request_id": request_id(),
        "token": token,
        "proof": proofs.shown(token).proof,
    }
