"""The end of a session: here first, then, as well as can be, at the identity provider (R8, R81, R85)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from flask import after_this_request, g, session, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.domain.people.person import Session
from portal.web.current import config
from portal.web.identity.cookies import SESSION, clear
from portal.web.identity.leaving import lead_to
from portal.web.identity.refresh import open_session, provider

log = logging.getLogger(__name__)


@contextmanager
def best_effort(what: str) -> Iterator[None]:
    """Whatever fails after the session has ended here is a warning: a failure would say that it goes on."""
    try:
        yield
    except Exception as problem:
        log.warning("sign-out not passed on", extra={"what": what, "error": type(problem).__name__})


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


def redirect_after_sign_out(ended: Session) -> Response:
    """On to the provider, where its own session ends too; it leads back to the front page."""
    address = provider_sign_out(ended)
    return lead_to(address) if address else redirect(url_for("home.home"), 303)


def provider_sign_out(ended: Session) -> str:
    """By the standard where the provider's metadata has it, in Cognito's way where the configuration has an
    address for that; empty where neither is known.
    """
    home = config().public_url + "/"
    with best_effort("end of the provider's session"):
        if address := provider().end_session_address(open_session(ended.id_token), home):
            return address
    if not config().sign_out_url:
        return ""
    query = urlencode({"client_id": config().oidc_client_id, "logout_uri": home})
    return f"{config().sign_out_url}?{query}"


def revoke(ended: Session) -> None:
    if token := open_session(ended.refresh_token):
        provider().revoke(token)
