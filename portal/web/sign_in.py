"""Signing in and out: the hosted sign-in page, the way back from it, and the end of a session (R1-R8)."""

from __future__ import annotations

import hmac
import json
import logging
import secrets
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, after_this_request, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from portal.domain.audit import Action, Actor, AuditRecord
from portal.domain.errors import Forbidden, Invalid, Refusal, Unavailable, words
from portal.domain.limits import Rate
from portal.domain.people import Person, Session
from portal.web.access import signed_in, source
from portal.web.cookies import LOGIN, SESSION, Seal, clear, cookie_name, put
from portal.web.current import config, now, parts, services
from portal.web.groups import provider, refresh_seal
from portal.web.logging import request_id
from portal.web.return_path import address, public_address, return_path
from portal.web.sessions import ABSOLUTE, Key
from portal.workflows.rates import not_over, within_if_known

log = logging.getLogger(__name__)
blueprint = Blueprint("sign_in", __name__)

PENDING_MOST = 5  # sign-ins under way in one browser: a cookie holds 4096 bytes (T8)
PENDING_SECONDS = 600  # R1
NOT_SIGNED_IN = words("That sign-in did not finish, and nothing was changed. Please sign in again.")


class Pending(NamedTuple):
    """A sign-in under way, kept sealed in the browser that began it."""

    state: str
    nonce: str
    code_verifier: str
    next: str
    begun_at: int


@blueprint.get("/login")
def login() -> Response:
    wanted = return_path(request.args.get("next"))
    if g.get("signed_in"):
        return redirect(address(wanted))
    begun = provider().begin(public_address("sign_in.callback"))
    pending = Pending(begun["state"], begun["nonce"], begun["code_verifier"], wanted, int(now().timestamp()))
    keep([*under_way(), pending])
    return redirect(begun["url"])


@blueprint.get("/login/callback")
def callback() -> Response:
    """Only what this browser began is finished, and counted where that fails: any other site can have its
    visitors' browsers ask for this address, and would else lock out whole networks (R1, R46).
    """
    failed, where = services().limits.rates.sign_ins, source()["source_ip"]
    try:
        pending = take(request.args.get("state", ""))
        if "error" in request.args or not request.args.get("code"):
            raise Invalid(NOT_SIGNED_IN, reason="sign_in_declined")
        finish(pending, failed, where)
    except Refusal as refusal:
        log.warning("sign-in refused", extra={"reason": refusal.reason, "source_ip": request.remote_addr})
        raise
    return redirect(address(return_path(pending.next)), 303)


def finish(pending: Pending, failed: Rate, where: str) -> None:
    """Ask the provider whose code it is, and begin the session; a source that failed often asks no more."""
    not_over(failed, where, now(), services())
    try:
        found = provider().finish(request.args["code"], pending._asdict(), public_address("sign_in.callback"))
        begin_session(found.person, found.refresh_token)
    except Unavailable:
        raise  # no failure of theirs
    except Refusal:
        within_if_known(failed, where, now(), services())
        raise


@blueprint.post("/logout")
def logout() -> Response:
    """Ours ends first, so that it ends also where the provider does not answer (R8)."""
    ended, record = signed_in(), session_record(signed_in().person, Action.SIGNED_OUT)
    parts().sessions.end(ended.person.id, g.key.stored)
    forget_browser()
    try:
        services().audit.write(record)
        revoke(ended)
    except Exception as problem:
        # Whatever failed, the session is gone, and a page that says otherwise would be wrong.
        log.warning("sign-out not told everywhere", extra={"error": type(problem).__name__})
    return after_sign_out()


def begin_session(person: Person, refresh_token: str) -> None:
    """A new session under a new secret; what this browser had before is over (R6)."""
    g.person_id = person.id
    services().people.seen(person, now(), session_record(person, Action.SIGNED_IN))
    key, at, store = Key.new(person.id), now(), parts().sessions
    sealed = refresh_seal().close(refresh_token) if refresh_token else ""
    made = Session(person, secrets.token_urlsafe(32), at, at, at, at + ABSOLUTE, sealed)
    store.create(key.stored, made)
    if store.get(person.id, key.stored) is None:
        raise Forbidden(
            words("This account is being closed. It cannot be used any more."), reason="account_closing"
        )
    if g.get("signed_in"):
        store.end(g.key.person_id, g.key.stored)
    g.pop("signed_in", None)
    session.clear()

    @after_this_request
    def set_cookie(response: Response) -> Response:
        put(response, config(), SESSION, key.cookie)  # type: ignore[arg-type]
        return response


def forget_browser() -> None:
    """Take the session from this browser with the answer of this request; for whoever ends it."""
    session.clear()
    g.pop("signed_in", None)

    @after_this_request
    def clear_cookies(response: Response) -> Response:
        clear(response, config(), SESSION)  # type: ignore[arg-type]
        # Not "cookies": that would sign people out of everything else on the same registered domain.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def after_sign_out() -> Response:
    """On to the provider, where its own session ends too; it leads back to the front page."""
    if not config().sign_out_url:
        return redirect(url_for("home.home"), 303)
    query = urlencode({"client_id": config().oidc_client_id, "logout_uri": config().public_url + "/"})
    return redirect(f"{config().sign_out_url}?{query}", 303)


def revoke(ended: Session) -> None:
    token = refresh_seal().open(ended.refresh_token) if ended.refresh_token else None
    if token:
        provider().revoke(token)


def session_record(person: Person, action: Action) -> AuditRecord:
    actor = Actor("person", person.id, person.name, **source())
    return AuditRecord(now(), action, actor, person.id, request_id=request_id())


def login_seal() -> Seal:
    return Seal(config().secret_keys, "sign-ins under way")


def under_way() -> list[Pending]:
    """The sign-ins this browser has begun and not finished, oldest first."""
    text = login_seal().open(request.cookies.get(cookie_name(config(), LOGIN), ""), PENDING_SECONDS)
    oldest = now().timestamp() - PENDING_SECONDS
    return [
        each for each in (Pending(*entry) for entry in json.loads(text or "[]")) if each.begun_at > oldest
    ]


def take(state: str) -> Pending:
    """The sign-in with that state, once. Raises Invalid where this browser did not begin it (R1)."""
    found = under_way()
    mine = next((each for each in found if hmac.compare_digest(each.state.encode(), state.encode())), None)
    if mine is None:
        raise Invalid(NOT_SIGNED_IN, reason="sign_in_unknown_state")
    keep([each for each in found if each is not mine])
    return mine


def keep(pending: list[Pending]) -> None:
    """Write what is under way into the answer's cookie, also when the answer is a refusal."""
    sealed = login_seal().close(json.dumps(pending[-PENDING_MOST:], separators=(",", ":"))) if pending else ""

    @after_this_request
    def set_cookie(response: Response) -> Response:
        put(response, config(), LOGIN, sealed, PENDING_SECONDS if sealed else 0)  # type: ignore[arg-type]
        return response
