"""Sign-ins under way, kept sealed in a cookie of the browser that began them (R1, R7): a visitor who begins
many writes nothing into the table.
"""

from __future__ import annotations

import hmac
import json
from typing import NamedTuple

from flask import after_this_request, g, request
from werkzeug.wrappers import Response

from portal.domain.errors import N_, Invalid
from portal.web.current import config, now, services
from portal.web.identity.claims import NOT_SIGNED_IN
from portal.web.identity.cookies import LOGIN, Seal, cookie_name, put
from portal.web.identity.leaving import lead_to
from portal.web.identity.refresh import provider
from portal.web.identity.return_path import public_address

MAX_PENDING = 5  # sign-ins under way in one browser: a cookie holds 4096 bytes (T8)
PENDING_SECONDS = 600  # R1


NO_COOKIE = N_(
    "That sign-in did not finish: your browser did not send the cookie from its start. Allow cookies for "
    "this address, sign in within ten minutes, and stay in one browser."
)


class Pending(NamedTuple):
    """A sign-in under way. claim: of one without a page, which renews a session (renewal.py). purpose: what
    it is for, where it begins no session (enrolment.py).
    """

    state: str
    nonce: str
    code_verifier: str
    next: str
    begun_at: int
    claim: str = ""
    purpose: str = ""


def begin(wanted: str, claim: str = "", purpose: str = "", **options: str) -> Response:
    """Lead the browser to the provider, to come back to that page of ours. Raises Unavailable."""
    begun = provider().begin(public_address("sign_in.callback"), **options)
    at = int(now().timestamp())
    pending = Pending(begun["state"], begun["nonce"], begun["code_verifier"], wanted, at, claim, purpose)
    keep([*list_pending(), pending])
    return lead_to(begun["url"], 302)


def list_pending() -> list[Pending]:
    """The sign-ins this browser has begun and not finished, oldest first."""
    text = login_seal().open(request.cookies.get(cookie_name(config(), LOGIN), ""), PENDING_SECONDS)
    oldest = now().timestamp() - PENDING_SECONDS
    return [
        each for each in (Pending(*entry) for entry in json.loads(text or "[]")) if each.begun_at > oldest
    ]


def take(state: str) -> Pending:
    """The sign-in with that state, once. Raises Invalid where this browser did not begin it (R1)."""
    pending = list_pending()
    if cookie_name(config(), LOGIN) not in request.cookies and not g.get("signed_in"):
        raise Invalid(NO_COOKIE, reason="sign_in_without_cookie")
    taken = next((each for each in pending if hmac.compare_digest(each.state.encode(), state.encode())), None)
    if taken is None:
        raise Invalid(NOT_SIGNED_IN, reason="sign_in_unknown_state")
    keep([each for each in pending if each is not taken])
    return taken


def keep(pending: list[Pending]) -> None:
    """Write what is under way into the answer's cookie, also when the answer is a refusal."""
    sealed = login_seal().close(json.dumps(pending[-MAX_PENDING:], separators=(",", ":"))) if pending else ""

    @after_this_request
    def set_cookie(response: Response) -> Response:
        put(response, config(), LOGIN, sealed, PENDING_SECONDS if sealed else 0)  # type: ignore[arg-type]
        return response


def login_seal() -> Seal:
    return Seal(config().secret_keys, "sign-ins under way", services().clock)
