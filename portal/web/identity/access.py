"""Who may pass: closed by default, one door for pages and JSON, and who it is that came through (R10-R12)."""

from __future__ import annotations

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.audit.record import Actor
from portal.domain.errors import Forbidden, SignInNeeded
from portal.domain.mail.email_message import single_line
from portal.domain.people.permissions import Privilege, has_privilege, require_privilege
from portal.domain.people.person import Person, Session
from portal.engine.rates import count_within_if_known
from portal.engine.workflow import Request
from portal.web.current import config, now, parts, services
from portal.web.edge.audience import Audience, find_audience, find_needed, for_audience, request_audience
from portal.web.edge.logging import request_id
from portal.web.identity import form_pages, kept_forms, renewal, return_path, upload_key
from portal.web.identity.cookies import SESSION, cookie_name, lay_csrf_secret
from portal.web.identity.refresh import check_again
from portal.web.identity.sessions import Key, find

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def install(app: Flask) -> None:
    for_audience(Audience.EVERYBODY)(app.view_functions["static"])
    app.before_request(guard)
    app.jinja_env.globals["allowed"] = is_allowed  # macros see globals alone
    app.context_processor(lambda: {"person": current_session().person if g.get("signed_in") else None})


def guard() -> AnyResponse | None:
    """Let a request pass, or say why not. What has no route goes on to its 404 or 405."""
    if request.endpoint is None:
        return None
    audience = find_audience(request.endpoint)
    if audience is None:
        raise Forbidden(reason="no_audience")
    return None if audience is Audience.EVERYBODY else let_in(audience)


def let_in(audience: Audience) -> AnyResponse | None:
    g.upload_owner = upload_key.owner()
    if g.upload_owner is not None:
        limit_writing(g.upload_owner)
        return None
    if leading := find_session():
        return leading
    if not g.get("signed_in") and not audience.is_open:
        return to_sign_in()
    if request.method == "POST":
        kept_forms.forget()
    if needed := find_needed(str(request.endpoint)):
        require_privilege(current_person(), needed)
    if audience is Audience.PROGRAM:
        limit_writing(current_person().id)
    return None


def find_session() -> AnyResponse | None:
    """Say in `g` who is signed in; the answer that leads a page to the provider where it is to be asked
    through the browser.
    """
    key = Key.parse(request.cookies.get(cookie_name(config(), SESSION), ""))
    session = find(parts().sessions, key, now(), check_again) if key else None
    if key is None or session is None:
        return None
    if not request_audience().is_open and (leading := renewal.lead_to_provider(key, session)):
        return leading
    # Coming back from the provider is what renews a lapsed one.
    if request.endpoint == "sign_in.callback" or not renewal.has_lapsed(session):
        g.key, g.signed_in, g.person_id = key, session, session.person.id
        lay_csrf_secret(session.csrf_token)
    return None


def limit_writing(person_id: str) -> None:
    """How much one person's programs and pages may write (R46)."""
    if request.method not in SAFE_METHODS:
        count_within_if_known(services().limits.rates.writes, person_id, now(), services())


def to_sign_in() -> Response | AnyResponse:
    """A page leads to signing in and back; a program is told (R1, R18)."""
    if request_audience() is Audience.PROGRAM:
        raise SignInNeeded
    if request.endpoint == "sign_in.logout":
        return redirect(url_for("home.home"), 303)  # signed out already
    wanted = return_path.current_path()
    if request.method == "POST":
        kept_forms.keep()
        wanted = form_pages.form_page()
    return redirect(url_for("sign_in.login", next=wanted if wanted != "/" else None), 303)


def current_session() -> Session:
    """The session of this request. Raises SignInNeeded; only open pages can meet that."""
    session = g.get("signed_in")
    if not isinstance(session, Session):
        raise SignInNeeded
    return session


def current_person() -> Person:
    return current_session().person


def is_allowed(privilege: str) -> bool:
    """Whether who is signed in may do something at all; pages show no button for what one may not."""
    return bool(g.get("signed_in")) and has_privilege(current_person(), Privilege(privilege))


def request_source() -> dict[str, str]:
    """Where the request came from, for an Actor: never out of headers that a client can make up (R20)."""
    return {"source_ip": request.remote_addr or "", "device": single_line(request.user_agent.string, 160)}


def staff_request() -> Request:
    """What someone who is signed in asks a workflow for."""
    me = current_person()
    return Request(now(), Actor("person", me.id, me.name, **request_source()), me, request_id())


def visitor_request() -> Request:
    """What whoever follows a link asks a workflow for, who may be signed in as well."""
    me = g.signed_in.person if g.get("signed_in") else None
    return Request(now(), Actor("visitor", "visitor", **request_source()), me, request_id())
