"""Refusals and failures as HTTP, in one place: a page for people, problem+json (RFC 9457) for programs (R25).

Nothing of ours is told: no trace, no name of a table or bucket. The log says the rest, by the id shown.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from portal.domain.errors import N_, Conflict, Gone, NotFound, Refusal, Several, TooLarge
from portal.domain.people.permissions import ScopeMissing
from portal.web.current import config
from portal.web.edge.audience import Audience, request_audience
from portal.web.edge.logging import request_id
from portal.web.edge.request_origin import require_own_page
from portal.web.identity import form_pages, kept_forms, link_guess_limit
from portal.web.identity.bearer import TokenRefused
from portal.web.identity.cookies import VISITOR, cookie_name
from portal.web.wording.i18n import translate_refusal

log = logging.getLogger(__name__)

TITLES = {
    400: N_("Something needs another look"),
    401: N_("Please sign in"),
    403: N_("Not allowed"),
    404: N_("Page not found"),
    405: N_("Something needs another look"),
    409: N_("Someone else changed this"),
    410: N_("No longer available"),
    413: N_("Too large"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong"),
    503: N_("Temporarily unavailable"),
}
FAILED = N_("Something went wrong on our side. Nothing was lost. Try again in a minute.")
STALE = N_(
    "This page was open too long, or you have signed in again since. Reload it and do the last step again."
)
# Werkzeug's own refusals, in our words; what is not here gets the words of Refusal.
OF_STATUS: dict[int, type[Refusal]] = {404: NotFound, 409: Conflict, 410: Gone, 413: TooLarge}


NO_COOKIE = N_(
    "Your browser sent no cookie of this portal. Allow cookies for this address, reload the page and do "
    "the last step again. If you closed your browser in the meantime, reload the page, too."
)


class Failed(Refusal):
    """Something nobody thought of."""

    status = 500
    reason = "failed"
    message = FAILED


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, refusal_answer)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, http_answer)
    app.register_error_handler(Exception, failure)


def stale_form(problem: CSRFError) -> Response:
    """A form without the secret of this browser's session (R14)."""
    if g.get("signed_in") and request.endpoint in form_pages.FORM_PAGES:
        with suppress(Refusal):  # another site's, or what it was about is not there any more
            require_own_page()
            return kept_forms.show_again()
    return answer(explain_stale_form(problem))


def explain_stale_form(problem: CSRFError) -> Refusal:
    log.info("form refused", extra={"reason": problem.description})
    if not g.get("signed_in") and cookie_name(config(), VISITOR) not in request.cookies:
        return Refusal(NO_COOKIE, reason="no_cookie")
    return Refusal(STALE, reason="stale_form")


def http_answer(problem: HTTPException) -> Response:
    """What Flask itself refuses: an unknown address, a method, a body too large. Redirects pass as is."""
    ready = problem.get_response()
    status = ready.status_code
    if status < 400:
        return make_response(ready)
    if status >= 500:
        return answer(Failed(), status)
    response = answer(OF_STATUS.get(status, Refusal)(), status)
    if "Allow" in ready.headers:
        response.headers["Allow"] = ready.headers["Allow"]
    return response


def failure(problem: Exception) -> Response:
    log.error("unhandled failure", exc_info=problem)
    return answer(Failed())


def refusal_answer(refusal: Refusal) -> Response:
    return answer(link_guess_limit.count_guess(refusal))


def answer(refusal: Refusal, status: int | None = None) -> Response:
    """The refusal as the reader wants it. Should that fail too, a page without any template says so."""
    status = status or refusal.status
    try:
        response = problem_json(refusal, status) if wants_json() else page(refusal, status)
    except Exception as problem:
        log.error("error page failed", exc_info=problem)
        g.pop("signed_in", None)
        response = bare_page()
    return set_status(response, refusal, status)


def set_status(response: Response, refusal: Refusal, status: int) -> Response:
    """The response as the answer to what was refused, with when to try again."""
    response.status_code = status
    if request_audience() is Audience.PROGRAM and (challenge := describe_challenge(refusal, status)):
        response.headers["WWW-Authenticate"] = challenge
    if refusal.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def describe_challenge(refusal: Refusal, status: int) -> str:
    """What a program must show, by RFC 6750; empty where that is not what it lacks."""
    if isinstance(refusal, ScopeMissing):
        return f'Bearer realm="portal", error="insufficient_scope", scope="{refusal.extensions["scope"]}"'
    if status != 401:
        return ""
    error = f', error="{refusal.reason}"' if isinstance(refusal, TokenRefused) else ""
    return f'Bearer realm="portal"{error}'


def wants_json() -> bool:
    """Whether a program asks: under /v1, and where a page's script says so."""
    return request_audience() is Audience.PROGRAM or request.accept_mimetypes.best == "application/json"


def page(refusal: Refusal, status: int, way_back: str = "") -> Response:
    """way_back: the path of a share of the reader's own, where a link led its sender here."""
    return make_response(
        render_template(
            "errors/error.html",
            title=gettext(TITLES.get(status, TITLES[400])),
            words=translate_refusal(refusal),
            status=status,
            reason=refusal.reason,
            way_back=way_back,
            sign_in_again=status == 401 or refusal.reason.startswith("sign_in"),
            request_id=request_id(),
            for_partner=request_audience() is Audience.PARTNER,  # our front page is not theirs
        )
    )


def problem_json(refusal: Refusal, status: int) -> Response:
    said: dict[str, Any] = {
        "type": f"{config().public_url}/docs/api#{refusal.reason}",
        "title": gettext(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": translate_refusal(refusal),
        "reason": refusal.reason,
        "request_id": request_id(),
    }
    said |= {"field": refusal.field} if refusal.field else {}
    said |= refusal.extensions
    several = refusal.refusals if isinstance(refusal, Several) else [refusal] if refusal.field else []
    if several:
        said["errors"] = [
            {"field": each.field, "reason": each.reason, "detail": translate_refusal(each)}
            for each in several
        ]
    response = jsonify(said)
    response.mimetype = "application/problem+json"
    return response


def bare_page() -> Response:
    """No template, no language, no session: what can be said when those are what failed."""
    title = TITLES[500]
    text = f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>{FAILED}"
    return make_response(f"{text}<p>{escape(request_id())}")
