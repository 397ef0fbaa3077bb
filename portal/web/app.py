"""The Flask app, put together: what every request meets in which order, then one blueprint a place.

Partners meet most cold starts, so what a link opens is an app of its own with few places; the app with all of
them is made when something else is asked for first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask

from portal import deadline
from portal.config.settings import Config
from portal.engine.services import Services
from portal.engine.session_services import SessionStore
from portal.web import current, errors
from portal.web.assets import templates
from portal.web.edge import compression, headers, logging, request_limits
from portal.web.edge.audience import LINK_PATHS
from portal.web.edge.csrf import Protection
from portal.web.identity import access
from portal.web.identity.cookies import VisitorCookie

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# For all that one request waits for. The gateway ends it at 29 s, and a last try may take some more (I10).
ANSWER_SECONDS = 20.0
TOP = Path(__file__).parents[2]  # templates/ and static/ lie beside portal/

PARTNERS = ("api.health", "pages.partner.link", "pages.partner.confirmation")
EVERYWHERE = (
    *PARTNERS, "identity.sign_in", "api.uploads", "api.parts", "api.drafts", "api.usage", "api.session",
    "api.routes", "pages.staff.home", "pages.staff.files", "pages.staff.upload", "pages.staff.new_share",
    "pages.staff.send",
    "pages.staff.shares", "pages.staff.share_changes", "pages.staff.received",
    "pages.staff.account", "pages.staff.access_tokens", "pages.staff.program_sign_in",
    "pages.staff.api_reference",
    "pages.staff.webhooks", "pages.staff.second_factor", "pages.staff.account_data", "pages.staff.emails",
    "pages.admin.overview", "pages.admin.usage", "pages.admin.emails", "pages.admin.seals",
    "pages.admin.reports", "pages.admin.costs",
    "pages.admin.files", "pages.admin.shares", "pages.admin.handovers", "pages.admin.quarantine",
    "pages.admin.policies", "pages.admin.legal_holds", "pages.admin.audit", "pages.admin.exports",
    "pages.partner.unsubscribe", "pages.staff.groups", "pages.staff.organisation_groups", "api.recipients",
    "pages.admin.groups", "pages.admin.lifetimes", "pages.admin.webhooks",
    "pages.partner.security_contact",
    "pages.admin.people", "pages.admin.invitations", "pages.admin.service_accounts",
)  # fmt: skip
# Paths that the partners' app answers; the other app could too.
PARTNERS_PATHS = (*LINK_PATHS, "/healthz", "/static/", "/look.css")


def create_front(config: Config, services: Services, sessions: SessionStore) -> WSGIApplication:
    """The portal as a WSGI application: each request to the app that has its place."""
    partners = create_app(config, services, sessions, PARTNERS)
    making, made = Lock(), list[Flask]()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PARTNERS_PATHS):
            return partners(environ, start_response)
        with making:
            if not made:
                made.append(create_app(config, services, sessions))
        return made[0](environ, start_response)

    return serve


def create_app(
    config: Config, services: Services, sessions: SessionStore, places: Sequence[str] = EVERYWHERE
) -> Flask:
    app = Flask("portal.web", template_folder=str(TOP / "templates"), static_folder=str(TOP / "static"))
    current.attach(app, current.Parts(config, services, sessions))
    app.session_interface = VisitorCookie(config, services.clock)
    app.config.update(
        SECRET_KEY=config.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[1:]),
        # itsdangerous signs with the last of several and reads with all of them.
        WTF_CSRF_SECRET_KEY=list(reversed(config.secret_keys)),
        WTF_CSRF_SSL_STRICT=False,  # Referer or nothing; request_origin.py takes what browsers say instead
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: an upload may take hours (R14)
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        APPLICATION_ROOT=config.base_path or "/",
        ANSWER_SECONDS=ANSWER_SECONDS,
    )
    app.wsgi_app = set_time_limit(app, app.wsgi_app)  # type: ignore[method-assign, assignment]
    compression.install(app)  # before all others, as it sees answers last
    # In this order: count the time, check the host, bound the body, let in who may, believe the form.
    logging.install(app)
    headers.install(app, config, services.objects.origin())
    request_limits.install(app)
    templates.install(app)
    errors.install(app)
    access.install(app)
    protection = Protection(app)
    # A email program posts there without having seen a page (RFC 8058); the signed address is the proof.
    protection.exempt("portal.web.pages.partner.unsubscribe.switch_off")
    # Nor has a program that signs in; the code is sealed, and nothing of who asks counts but its own secret.
    protection.exempt("portal.web.pages.staff.program_sign_in.exchange")
    for place in places:
        app.register_blueprint(import_module(f"portal.web.{place}").blueprint)
    return app


def set_time_limit(app: Flask, answer: WSGIApplication) -> WSGIApplication:
    """The same application, with one end for all that a request waits for."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with deadline.set_deadline(app.config["ANSWER_SECONDS"]):
            return answer(environ, start_response)

    return serve
