"""Asking again who someone is through their browser, where the provider gave no refresh token (R85).

A page that is opened goes to the provider and comes back at once: `prompt=none` shows nothing (OpenID Connect
Core, 3.1.2.1). The session stays the same, so that forms which are open in other tabs stay valid.
"""

from __future__ import annotations

import logging
import secrets

from flask import g, redirect, request
from werkzeug.wrappers import Response

from portal.domain.errors import Invalid, Unavailable
from portal.domain.people.person import Session
from portal.web.current import now, parts
from portal.web.edge.audience import Audience, request_audience
from portal.web.identity import pending_sign_ins
from portal.web.identity.claims import Identity
from portal.web.identity.pending_sign_ins import Pending
from portal.web.identity.refresh import open_session, provider, update_identity
from portal.web.identity.return_path import current_path, prefix_path, public_address, return_path
from portal.web.identity.sessions import CLAIM, Key, is_check_due, is_check_overdue

log = logging.getLogger(__name__)

# The provider would have to show a page first: nobody is signed in there any more (Core, 3.1.2.6).
PAGE_NEEDED = {
    "login_required", "interaction_required", "consent_required", "account_selection_required",
}  # fmt: skip


def lead_to_provider(key: Key, session: Session) -> Response | None:
    """Off to the provider and back, where this request is someone who opens a page and the session is to be
    checked; else None. One request at a time does so; the others go on with what is known.
    """
    if session.refresh_token or not is_check_due(session, now()) or not is_page_opened():
        return None
    claim = secrets.token_urlsafe(12)
    if not parts().sessions.claim_check(key.secret_hash, session, claim, now(), now() + CLAIM):
        return None
    id_token = open_session(session.id_token)
    try:
        return pending_sign_ins.begin(
            current_path(), claim, prompt="none", **({"id_token_hint": id_token} if id_token else {})
        )
    except Unavailable:
        return None  # what is known counts a while; the claim keeps others from asking at once


def has_lapsed(session: Session) -> bool:
    """Whether nobody has vouched for this session for too long; a page that is opened may renew it."""
    return not session.refresh_token and is_check_overdue(session, now())


def is_page_opened() -> bool:
    """Whether a browser opens this page, and can come back to exactly it."""
    headers = request.headers
    query = request.query_string.decode("latin-1")
    return (
        request.method == "GET"
        and request_audience() is not Audience.PROGRAM
        and headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and headers.get("Sec-Fetch-Dest", "document") == "document"
        and "prefetch" not in headers.get("Sec-Purpose", "")
        and current_path() == (f"{request.path}?{query}" if query else request.path)
    )


def came_back(pending: Pending) -> Response | Identity:
    """What a browser brings back from the provider: the answer to it, or the identity of someone for whom
    there is no session to renew. Raises Forbidden where the person's groups let nobody in any more.
    """
    back = redirect(prefix_path(return_path(pending.next)), 303)
    if request.args.get("error") in PAGE_NEEDED:
        end_session()
        return pending_sign_ins.begin(return_path(pending.next))
    try:
        if not request.args.get("code"):
            raise Invalid(reason="renewal_declined")
        found = provider().finish(request.args["code"], pending._asdict(), public_address("sign_in.callback"))
    except (Invalid, Unavailable) as problem:
        log.warning("session not renewed", extra={"reason": problem.reason})
        return back
    return back if is_renewed(found, pending.claim) else found


def is_renewed(found: Identity, claim: str) -> bool:
    """Whether the session of this browser is that person's, and goes on."""
    session = g.get("signed_in")
    if session is None or session.person.id != found.person.id:
        return False
    store = parts().sessions
    fresh = update_identity(session, found, now())
    return (
        store.renew(g.key.secret_hash, fresh, claim)
        or store.get(g.key.person_id, g.key.secret_hash) is not None
    )


def end_session() -> None:
    if g.get("signed_in"):
        parts().sessions.end(g.key.person_id, g.key.secret_hash)
        g.pop("signed_in")
