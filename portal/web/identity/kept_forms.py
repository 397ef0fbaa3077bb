"""What someone had typed when their session ended: kept until they are signed in and back on it (R80).

Sealed in the table, under the hash of a secret that only this browser has, for an hour; shown to the same
person alone, and never sent by itself: whoever typed it presses again. Passwords are left out.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from contextlib import suppress
from datetime import timedelta

from flask import Response, after_this_request, current_app, flash, g, make_response, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.domain.errors import Refusal
from portal.engine.rates import count_within
from portal.web.current import config, now, parts, services
from portal.web.identity.cookies import CSRF, FORM, SESSION, Seal, cookie_name, put
from portal.web.identity.form_pages import FORM_PAGES, form_page, own_path
from portal.web.identity.sessions import Key

log = logging.getLogger(__name__)

NEVER_KEPT = {CSRF, "password"}
KEPT_FOR = timedelta(hours=1)
MAX_BYTES = 100_000  # of JSON; a form with fifty recipients and a long message is a tenth of that

Typed = MultiDict[str, str]


def keep() -> None:
    """Keep what was typed, if this browser was signed in and the form fits; a failure only costs the form."""
    key = Key.parse(request.cookies.get(cookie_name(config(), SESSION), ""))
    if key is None or request.endpoint not in FORM_PAGES:
        return
    kept = json.dumps([key.person_id, request.endpoint, list_typed_fields()], separators=(",", ":"))
    if len(kept) > MAX_BYTES:
        log.warning("form not kept", extra={"reason": "too_large"})
        return
    secret = browser_secret() or secrets.token_urlsafe(32)
    try:
        count_within(services().limits.rates.forms, request.remote_addr or "", now(), services())
        parts().sessions.keep_form(*place(secret), form_seal().close(kept), now() + KEPT_FOR)
    except Refusal as refusal:
        log.warning("form not kept", extra={"reason": refusal.reason})
        return

    @after_this_request
    def set_cookie(response: Response) -> Response:
        seconds = int(KEPT_FOR.total_seconds())
        put(response, config(), FORM, secret, seconds)
        return response


def list_typed_fields() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT]


def restore_form(endpoint: str) -> Typed | None:
    """What was typed into the form that posts there and has not been sent yet; says so on the page."""
    if "kept_form" not in g:
        g.kept_form = read_kept_form()
    kept = g.kept_form
    if kept is None or kept[0] != endpoint:
        return None
    flash(gettext("What you had typed is still here, but for a password. Nothing was sent yet: look it over"
                  " and press the button again."), "attention")  # fmt: skip
    return Typed(kept[1])


def read_kept_form() -> tuple[str, list[tuple[str, str]]] | None:
    secret = browser_secret()
    if not secret or not g.get("signed_in"):
        return None
    sealed = parts().sessions.get_form(*place(secret), now())
    text = form_seal().open(sealed, int(KEPT_FOR.total_seconds())) if sealed else None
    person_id, endpoint, fields = json.loads(text) if text else ("", "", [])
    return (endpoint, fields) if person_id == g.signed_in.person.id else None


def show_again() -> Response:
    """The form's page as the answer to a form whose secret is an older session's, with what was typed."""
    g.kept_form = request.endpoint, list_typed_fields()
    page = FORM_PAGES[request.endpoint or ""]
    arguments = current_app.url_map.bind("").match(own_path(page), method="GET")[1]
    return make_response(current_app.view_functions[page](**arguments), 400)


def forget() -> None:
    """The form of this request is sent now, and not kept any more."""
    secret = browser_secret()
    if secret and request.endpoint in FORM_PAGES:
        with suppress(Refusal):  # it is gone in an hour by itself, and what is sent now matters more
            parts().sessions.forget_form(*place(secret))


def place(secret: str) -> tuple[str, str]:
    """Where this page's form is kept: one page of a browser keeps one form."""
    path = request.path if request.method == "GET" else form_page().partition("?")[0]
    return tuple(hashlib.sha256(each.encode()).hexdigest() for each in (secret, path))  # type: ignore[return-value]


def browser_secret() -> str:
    return request.cookies.get(cookie_name(config(), FORM), "")[:64]


def form_seal() -> Seal:
    return Seal(config().secret_keys, "kept forms", services().clock)
