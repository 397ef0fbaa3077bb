"""Who may pass: closed by default, one door for pages and JSON, and who it is that came through (R10-R12)."""

from __future__ import annotations

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.audit.record import Actor
from portal.domain.errors import N_, Conflict, Forbidden, SignInNeeded
from portal.domain.mail.email_message import single_line
from portal.domain.people.permissions import Privilege, has_privilege, require_privilege, require_scope
from portal.domain.people.person import Person, Session
from portal.domain.people.principal import Principal
from portal.domain.people.second_factor import SecondFactorNeeded
from portal.engine import rights
from portal.engine.rates import count_within_if_known, seconds_left
from portal.engine.workflow import Request
from portal.web.current import config, find_principal, now, parts, services
from portal.web.edge.audience import (
    Audience,
    find_audience,
    find_beside,
    find_needed,
    find_token_scope,
    for_audience,
    request_audience,
)
from portal.web.edge.logging import request_id
from portal.web.identity import bearer, form_pages, kept_forms, renewal, return_path, upload_key
from portal.web.identity.cookies import SESSION, cookie_name, lay_csrf_secret
from portal.web.identity.refresh import check_again
from portal.web.identity.sessions import Key, find

# What somebody may do before they have the second factor that a policy requires.
WITHOUT_SECOND_FACTOR = {"second_factor.show", "second_factor.begin", "second_factor.add", "sign_in.logout"}
PAGE_OF = "Page-Of"  # the header in which our pages' scripts say whose page it is
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def install(app: Flask) -> None:
    for_audience(Audience.EVERYBODY)(app.view_functions["static"])
    app.before_request(guard)
    app.after_request(describe_rate)
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
    g.principal = bearer.find_principal() or upload_key.find_principal()
    if g.principal is not None:
        require_fitting_token(g.principal)
        limit_writing(g.principal.id)
        return None
    if leading := find_session():
        return leading
    if not g.get("signed_in") and not audience.is_open:
        return to_sign_in()
    if request.method == "POST":
        kept_forms.forget()
    if g.get("signed_in") and not audience.is_open and (leading := lead_to_second_factor(audience)):
        return leading
    if needed := find_needed(str(request.endpoint)):
        require_privilege(current_person(), needed)
    if audience is Audience.PROGRAM:
        require_same_person()
        limit_writing(current_person().id)
    return None


def require_fitting_token(principal: Principal) -> None:
    """That a token is for this route, and whoever it speaks for may come to it at all."""
    if principal.person is None:
        return
    g.person_id = principal.id
    scope = find_token_scope(str(request.endpoint))
    if scope is None:
        raise Forbidden(
            N_("This address takes no tokens: it is for the portal's own pages."), reason="session_only"
        )
    require_scope(principal.person, scope)
    if needed := find_needed(str(request.endpoint)):
        require_privilege(principal.person, needed)
    rights.require_second_factor(principal.person, services().limits, services())


def find_session() -> AnyResponse | None:
    """Say in `g` who is signed in; the answer that leads a page to the provider where it is to be asked
    through the browser.
    """
    key = Key.parse(request.cookies.get(cookie_name(config(), SESSION), ""))
    session = find(parts().sessions, key, now(), check_again, find_beside()) if key else None
    if key is None or session is None:
        return None
    if not request_audience().is_open and (leading := renewal.lead_to_provider(key, session)):
        return leading
    # Coming back from the provider is what renews a lapsed one.
    if request.endpoint == "sign_in.callback" or not renewal.has_lapsed(session):
        g.key, g.signed_in, g.person_id = key, session, session.person.id
        lay_csrf_secret(session.csrf_token)
    return None


class OtherPerson(Conflict):
    """A page that was opened in another's session would do its work in this one's name."""

    reason = "other_person"
    message = N_(
        "Someone else is signed in here by now, so nothing of this page was sent or changed, and nothing is"
        " lost. Sign in as yourself again in another tab, then go on here."
    )


def require_same_person() -> None:
    """That a page is still of whoever is signed in, where it says of whom it is. Raises OtherPerson."""
    if request.headers.get(PAGE_OF, current_person().id) != current_person().id:
        raise OtherPerson


def limit_writing(person_id: str) -> None:
    """How much one person's programs and pages may write (R46)."""
    if request.method not in SAFE_METHODS:
        rate = services().limits.rates.writes
        g.rate_left = count_within_if_known(rate, person_id, now(), services())


def describe_rate(response: Response) -> Response:
    """How many calls are left, for programs (draft-ietf-httpapi-ratelimit-headers)."""
    if request.endpoint and find_audience(request.endpoint) is Audience.PROGRAM:
        rate = services().limits.rates.writes
        response.headers["RateLimit-Policy"] = f'"{rate.bucket}";q={rate.each};w={rate.seconds}'
        left = 0 if response.status_code == 429 else g.get("rate_left")
        if left is not None:
            response.headers["RateLimit"] = f'"{rate.bucket}";r={left};t={seconds_left(rate, now())}'
    return response


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


def lead_to_second_factor(audience: Audience) -> AnyResponse | None:
    """To where it is added, where a policy requires one of who has none; a program is told. What a form
    said is kept, as after a session's end.
    """
    session = current_session()
    if request.endpoint in WITHOUT_SECOND_FACTOR or session.has_second_factor:
        return None
    if not rights.is_second_factor_required(services().limits, services()):
        return None
    # Kept for as long as the session, so it is asked now: an administrator may have reset it a moment ago.
    if services().directory.has_second_factor(session.person.subject):
        parts().sessions.note_second_factor(g.key.secret_hash, session)
        return None
    if audience is Audience.PROGRAM:
        raise SecondFactorNeeded
    if request.method == "POST":
        kept_forms.keep()
    return redirect(url_for("second_factor.show"), 303)


def current_session() -> Session:
    """The session of this request. Raises SignInNeeded; only open pages can meet that."""
    session = g.get("signed_in")
    if not isinstance(session, Session):
        raise SignInNeeded
    return session


def current_principal() -> Principal:
    """Who asks, whatever let them in. Raises SignInNeeded; only open pages can meet that."""
    principal = find_principal()
    if principal is None:
        raise SignInNeeded
    return principal


def current_person() -> Person:
    """The person who asks. Raises SignInNeeded, also behind an upload's key, which does not say."""
    person = current_principal().person
    if person is None:
        raise SignInNeeded
    return person


def is_allowed(privilege: str) -> bool:
    """Whether who is signed in may do something at all; pages show no button for what one may not."""
    return bool(g.get("signed_in")) and has_privilege(current_person(), Privilege(privilege))


def request_source() -> dict[str, str]:
    """Where the request came from, for an Actor: never out of headers that a client can make up (R20)."""
    return {"source_ip": request.remote_addr or "", "device": single_line(request.user_agent.string, 160)}


def staff_request() -> Request:
    """What someone who is let in asks a workflow for."""
    principal = current_principal()
    name = principal.person.name if principal.person else ""
    actor = Actor("person", principal.id, name, **request_source())
    return Request(now(), actor, principal, request_id())


def visitor_request() -> Request:
    """What whoever follows a link asks a workflow for, who may be signed in as well."""
    actor = Actor("visitor", "visitor", **request_source())
    return Request(now(), actor, find_principal(), request_id())
