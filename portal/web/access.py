"""Who may pass: closed by default, one door for pages and JSON, and who it is that came through (R10-R12)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.audit import Actor
from portal.domain.errors import SignInNeeded
from portal.domain.letters import single_line
from portal.domain.people import Person, Session
from portal.domain.permissions import require_admin
from portal.web import return_path, upload_key
from portal.web.cookies import SESSION, cookie_name, lay_csrf_secret
from portal.web.current import config, now, parts, services
from portal.web.groups import check_again
from portal.web.logging import request_id
from portal.web.sessions import Key, find
from portal.workflows.rates import within_if_known

# Everything else wants somebody who is signed in. Adding here is a decision; a test lists every route.
OPEN_ENDPOINTS = {"home.home", "language.choose", "sign_in.login", "sign_in.callback", "sign_in.logout"}
OPEN_PLACES = {"partner", "confirm", "unsubscribe"}  # their links are their own proof
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# The same for everybody, so nobody's session is looked up for them.
IMPERSONAL = {"static", "health.healthz", "look.stylesheet", "partner.worker"}


def install(app: Flask) -> None:
    app.before_request(guard)
    app.context_processor(lambda: {"person": signed_in().person if g.get("signed_in") else None})


def guard() -> AnyResponse | None:
    """Let a request pass, or say why not. What has no route goes on to its 404 or 405."""
    if request.endpoint is None or request.endpoint in IMPERSONAL:
        return None
    g.upload_owner = upload_key.owner()
    if g.upload_owner is not None:
        bound_writing(g.upload_owner)
        return None
    key = Key.parse(request.cookies.get(cookie_name(config(), SESSION), ""))
    session = find(parts().sessions, key, now(), check_again) if key else None
    if session is not None:
        g.key, g.signed_in, g.person_id = key, session, session.person.id
        lay_csrf_secret(session.csrf_token)
    elif request.endpoint == "sign_in.logout":
        return redirect(url_for("home.home"), 303)  # signed out already
    elif not is_open():
        return to_sign_in()
    if is_for_admins():
        require_admin(person())
    if request.path.startswith("/v1/"):
        bound_writing(person().id)
    return None


def bound_writing(person_id: str) -> None:
    """How much one person's programs and pages may write (R46)."""
    if request.method not in SAFE_METHODS:
        within_if_known(services().limits.rates.writes, person_id, now(), services())


def is_open() -> bool:
    return request.endpoint in OPEN_ENDPOINTS or request.blueprint in OPEN_PLACES


def is_for_admins() -> bool:
    rule = request.url_rule.rule if request.url_rule else ""
    return f"{rule}/".startswith("/admin/")


def to_sign_in() -> Response | AnyResponse:
    """A page leads to signing in and back; a program is told (R1, R18)."""
    if request.path.startswith("/v1/"):
        raise SignInNeeded
    wanted = return_path.here()
    return redirect(url_for("sign_in.login", next=wanted if wanted != "/" else None), 303)


def signed_in() -> Session:
    """The session of this request. Raises SignInNeeded; only open pages can meet that."""
    session = g.get("signed_in")
    if not isinstance(session, Session):
        raise SignInNeeded
    return session


def person() -> Person:
    return signed_in().person


def source() -> dict[str, str]:
    """Where the request came from, for an Actor: never out of headers that a client can make up (R20)."""
    return {"source_ip": request.remote_addr or "", "device": single_line(request.user_agent.string, 160)}


def uploader() -> dict[str, Any]:
    """The same for a workflow on one upload, whose owner may have come by session or by the upload's key."""
    owner_id = g.get("upload_owner")
    if owner_id is not None:
        return upload_key.context_fields(owner_id, source(), request_id())
    return {**context_fields(), "owner_id": person().id}


def context_fields() -> dict[str, Any]:
    """What every workflow's Context wants of a request by somebody who is signed in."""
    me = person()
    return {
        "now": now(),
        "actor": Actor("person", me.id, me.name, **source()),
        "person": me,
        "request_id": request_id(),
    }
