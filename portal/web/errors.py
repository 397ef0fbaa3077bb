"""Refusals and failures as HTTP, in one place: a page for people, problem+json (RFC 9457) for programs (R25).

Nothing of ours is told: no trace, no name of a table or bucket. The log says the rest, by the id shown.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from portal.domain.errors import Conflict, Gone, NotFound, Refusal, Several, TooLarge, words
from portal.web import guessing
from portal.web.i18n import sentence
from portal.web.logging import request_id

log = logging.getLogger(__name__)

TITLES = {
    400: words("That did not work"),
    401: words("Please sign in"),
    403: words("Not allowed"),
    404: words("Page not found"),
    405: words("That did not work"),
    409: words("Changed meanwhile"),
    410: words("No longer available"),
    413: words("Too large"),
    429: words("Too often"),
    500: words("Something went wrong"),
    503: words("Not available just now"),
}
FAILED = words("Something went wrong on our side. Nothing was lost. Try again in a minute.")
STALE = words(
    "This page was open too long, or you signed in again meanwhile. Open it anew and do the last step again."
)
# Werkzeug's own refusals, in our words; what is not here gets the words of Refusal.
OF_STATUS: dict[int, type[Refusal]] = {404: NotFound, 409: Conflict, 410: Gone, 413: TooLarge}


class Failed(Refusal):
    """Something nobody thought of."""

    status = 500
    reason = "failed"
    words = FAILED


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, refusal_answer)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, http_answer)
    app.register_error_handler(Exception, failure)


def stale_form(problem: CSRFError) -> Response:
    """A form without the secret of this browser's session (R14)."""
    log.info("form refused", extra={"reason": problem.description})
    return answer(Refusal(STALE, reason="stale_form"))


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
    return answer(guessing.counted(refusal))


def answer(refusal: Refusal, status: int | None = None) -> Response:
    """The refusal as the reader wants it. Should that fail too, a page without any template says so."""
    status = status or refusal.status
    try:
        response = problem_json(refusal, status) if wants_json() else page(refusal, status)
    except Exception as problem:
        log.error("error page failed", exc_info=problem)
        g.pop("signed_in", None)
        response = bare_page()
    response.status_code = status
    if refusal.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def wants_json() -> bool:
    """Whether a program asks: under /v1, and where a page's script says so."""
    return request.path.startswith("/v1/") or request.accept_mimetypes.best == "application/json"


def page(refusal: Refusal, status: int) -> Response:
    return make_response(
        render_template(
            "errors/error.html",
            title=gettext(TITLES.get(status, TITLES[400])),
            words=sentence(refusal),
            status=status,
            reason=refusal.reason,
            sign_in_again=status == 401 or refusal.reason.startswith("sign_in"),
            request_id=request_id(),
            for_partner=request.path.startswith(("/d/", "/r/")),  # our front page is not theirs
        )
    )


def problem_json(refusal: Refusal, status: int) -> Response:
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": gettext(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": sentence(refusal),
        "reason": refusal.reason,
        "request_id": request_id(),
    }
    said |= {"field": refusal.field} if refusal.field else {}
    said |= refusal.told
    several = refusal.refusals if isinstance(refusal, Several) else [refusal] if refusal.field else []
    if several:
        said["errors"] = [
            {"field": each.field, "reason": each.reason, "detail": sentence(each)} for each in several
        ]
    response = jsonify(said)
    response.mimetype = "application/problem+json"
    return response


def bare_page() -> Response:
    """No template, no language, no session: what can be said when those are what failed."""
    title = TITLES[500]
    text = f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>{FAILED}"
    return make_response(f"{text}<p>{escape(request_id())}")
