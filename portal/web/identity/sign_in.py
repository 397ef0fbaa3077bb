"""Signing in and out: the hosted sign-in page, the way back from it, and the end of a session (R1-R8)."""

from __future__ import annotations

import logging
import secrets

from flask import after_this_request, g, redirect, request, session
from werkzeug.wrappers import Response

from portal import deadline
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.errors import N_, Forbidden, Invalid, Refusal, TooMany
from portal.domain.people.person import Person, Session
from portal.engine.rates import count_within_if_known
from portal.web.current import config, now, parts, services
from portal.web.edge.audience import Audience, Place, for_audience
from portal.web.edge.logging import request_id
from portal.web.identity import enrolment, pending_sign_ins, renewal
from portal.web.identity.access import current_session, request_source
from portal.web.identity.claims import NOT_SIGNED_IN, Identity
from portal.web.identity.cookies import SESSION, put
from portal.web.identity.pending_sign_ins import Pending, take
from portal.web.identity.refresh import provider, update_identity
from portal.web.identity.return_path import prefix_path, public_address, return_path
from portal.web.identity.sessions import ABSOLUTE, Key
from portal.web.identity.sign_out import best_effort, forget_browser, redirect_after_sign_out, revoke

ALREADY = N_(
    "You are signed in already, as %(name)s. This did not sign you in again, and nothing was changed."
)

log = logging.getLogger(__name__)
blueprint = Place("sign_in", __name__, Audience.VISITOR)

MADE_UP = {"sign_in_unknown_state", "sign_in_without_cookie", "sign_in_invalid_grant"}
AFTER_SECONDS = 5.0  # what telling others of a sign-out may keep its answer waiting


@blueprint.get("/login")
def login() -> Response:
    wanted = return_path(request.args.get("next"))
    if g.get("signed_in"):
        return redirect(prefix_path(wanted))
    return pending_sign_ins.begin(wanted)


@blueprint.get("/login/callback")
def callback() -> Response:
    """Only what this browser began is finished (R1)."""
    try:
        pending = take(request.args.get("state", ""))
        if pending.claim:
            answer = renewal.came_back(pending)
            if isinstance(answer, Response):
                return answer
            found = answer
        elif pending.purpose:
            return enrolment.come_back(pending)
        elif "error" in request.args or not request.args.get("code"):
            raise Invalid(NOT_SIGNED_IN, reason="sign_in_declined")
        else:
            found = verify_identity(pending)
        begin_session(found)
    except Refusal as refusal:
        log.warning("sign-in refused", extra={"reason": refusal.reason, "source_ip": request.remote_addr})
        raise count_guess(explain_refusal(refusal)) from refusal
    return redirect(prefix_path(return_path(pending.next)), 303)


def explain_refusal(refusal: Refusal) -> Refusal:
    """For someone who is signed in all the same: by pressing Back, or in another tab."""
    if not g.get("signed_in") or not refusal.reason.startswith("sign_in"):
        return refusal
    return Invalid(ALREADY, reason=refusal.reason, params={"name": current_session().person.name})


def verify_identity(pending: Pending) -> Identity:
    return provider().finish(request.args["code"], pending._asdict(), public_address("sign_in.callback"))


def count_guess(refusal: Refusal) -> Refusal:
    """The refusal itself; or, of a source that made up too many states or codes, that it did. Nothing else
    counts: a declined sign-in is no attack, and an answer of the provider that cannot be believed is its own
    fault. Whom the provider vouches for is let in all the same: a whole office may share the source (R81).
    """
    if refusal.reason not in MADE_UP:
        return refusal
    try:
        count_within_if_known(
            services().limits.rates.sign_ins, request_source()["source_ip"], now(), services()
        )
    except TooMany as often:
        return often
    return refusal


@blueprint.post("/logout")
@for_audience(Audience.STAFF)
def logout() -> Response:
    """Ours ends first, so that it ends also where the provider does not answer (R8)."""
    ended, record = current_session(), session_record(current_session().person, Action.SIGNED_OUT)
    parts().sessions.end(ended.person.id, g.key.secret_hash)
    forget_browser()
    with deadline.set_deadline(AFTER_SECONDS):
        with best_effort("audit"):
            services().audit.write(record)
        with best_effort("revocation"):
            revoke(ended)
    return redirect_after_sign_out(ended)


def begin_session(found: Identity) -> None:
    """A new session under a new secret; what this browser had before is over (R6)."""
    person = found.person
    g.person_id = person.id
    services().people.record_visit(person, now(), session_record(person, Action.SIGNED_IN))
    key, at, store = Key.new(person.id), now(), parts().sessions
    source = request_source()
    made = Session(
        person, secrets.token_urlsafe(32), at, at, at, at + ABSOLUTE,
        source_ip=source["source_ip"], device=source["device"],
    )  # fmt: skip
    store.create(key.secret_hash, update_identity(made, found, at))
    if store.get(person.id, key.secret_hash) is None:
        raise Forbidden(
            N_("This account is being closed. It can no longer be used."), reason="account_closing"
        )
    if g.get("signed_in"):
        store.end(g.key.person_id, g.key.secret_hash)
    g.pop("signed_in", None)
    session.clear()

    @after_this_request
    def set_cookie(response: Response) -> Response:
        put(response, config(), SESSION, key.cookie)  # type: ignore[arg-type]
        return response


def session_record(person: Person, action: Action) -> AuditRecord:
    actor = Actor("person", person.id, person.name, **request_source())
    return AuditRecord(now(), action, actor, person.id, request_id=request_id())
