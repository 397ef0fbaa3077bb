"""`/d/<token>/code` and `/d/<token>/password`: showing whose a link is, without a script (R44)."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from flask import make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.errors import Gone, NotFound, Refusal, Unavailable
from portal.domain.links.codes import LIFETIME
from portal.domain.links.proofs import mask_address
from portal.engine.workflow import Workflow, dry_run, run
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.errors import wants_json
from portal.web.identity import link_proof_cookie
from portal.web.identity.access import visitor_request
from portal.web.wording import i18n
from portal.workflows.links.confirmation import CONFIRM_ADDRESS, ENTER_PASSWORD, SEND_CODE, Unlock
from portal.workflows.links.link_access import OPEN, LinkContext, ProofNeeded

blueprint = Place("confirm", __name__, Audience.PARTNER)


@blueprint.post("/d/<token>/code")
def send_code(token: str) -> AnyResponse:
    return unlock(SEND_CODE, token)


@blueprint.post("/d/<token>/confirm")
def confirm(token: str) -> AnyResponse:
    return unlock(CONFIRM_ADDRESS, token, code=request.form.get("code", ""))


@blueprint.post("/d/<token>/password")
def enter_password(token: str) -> AnyResponse:
    return unlock(ENTER_PASSWORD, token, password=request.form.get("password", "")[:1000])


@blueprint.get("/d/<token>/code")
@blueprint.get("/d/<token>/confirm")
@blueprint.get("/d/<token>/password")
@blueprint.get("/d/<token>/download")
def back(token: str) -> AnyResponse:
    """For those who load an answer to a form again, or change its language."""
    return redirect(url_for("partner.card", token=token), 303)


def unlock(workflow: Workflow[Unlock], token: str, code: str = "", password: str = "") -> AnyResponse:
    """One step further, and back to the link; or the same page again, saying what is wrong. A program is
    answered 204, or with the refusal.
    """
    shown = link_proof_cookie.read_shown(token)
    context = Unlock(
        visitor_request(), token=token, proof=shown.proof, browser=link_proof_cookie.browser(),
        code_id=shown.code_id, language=i18n.language(), code=code, password=password,
    )  # fmt: skip
    try:
        done = run(workflow, context, services())
    except (NotFound, Gone, Unavailable):
        raise
    except Refusal as refusal:
        if wants_json():
            raise
        return again(token, refusal)
    here = redirect(url_for("partner.card", token=token), 303)
    answer = make_response("", 204) if wants_json() else make_response(here)
    if done.proof and done.proof is not context.proof:
        link_proof_cookie.has_shown(answer, done.proof)
    elif done.sent:
        link_proof_cookie.note_code_request(answer, done.share_and_recipient[1].id, done.sent.id)
    return answer


def again(token: str, refusal: Refusal) -> AnyResponse:
    """On to the page of the step that is still missing, which says what is wrong: a page that answers a form
    cannot be come back to. What typing otherwise does not help against is said at once, with its status.
    """
    problem = Problem(link_mark(token), i18n.translate_refusal(refusal), refusal.field or "", refusal.reason)
    if refusal.status == 400:
        session[PROBLEM] = list(problem)
        return redirect(url_for("partner.card", token=token), 303)
    try:
        dry_run(
            OPEN,
            LinkContext(visitor_request(), token=token, proof=link_proof_cookie.read_shown(token).proof),
            services(),
        )
    except ProofNeeded as needed:
        answer = make_response(page(token, needed, problem), refusal.status)
        if refusal.retry_after_seconds is not None:
            answer.headers["Retry-After"] = str(refusal.retry_after_seconds)
        return answer
    return redirect(url_for("partner.card", token=token), 303)


class Problem(NamedTuple):
    """What is wrong with a code or a password; said once, on the page of the link it was typed for."""

    link: str
    sentence: str
    field: str
    reason: str


def link_mark(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def problem_with(token: str) -> Problem | None:
    problem = Problem(*session.pop(PROBLEM)) if PROBLEM in session else None
    return problem if problem and problem.link == link_mark(token) else None


def page(token: str, needed: ProofNeeded, problem: Problem | None = None) -> str:
    """It names the sender, whose email brought the link, and neither their address nor the recipient's, nor
    what was sent: whoever was forwarded the link may be reading (R45).
    """
    problem = problem or problem_with(token)
    return render_template(
        "pages/confirm.html",
        token=token,
        step=needed.step,
        code_sent=bool(link_proof_cookie.read_shown(token).code_id)
        and (not problem or problem.reason not in FINAL_REASONS),
        sender=needed.share.owner_name,
        masked=mask_address(needed.recipient.address),
        minutes=int(LIFETIME.total_seconds()) // 60,
        problem=problem.sentence if problem else "",
        field=problem.field or None if problem else None,
    )


PROBLEM = "problem"  # in the visitor's cookie, until the page that says it
FINAL_REASONS = {"code_over", "code_tries"}  # there is no code any more that could be typed
