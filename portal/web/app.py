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

from portal.config import Config
from portal.web import access, current, errors, headers, limits, logging, templates
from portal.web.cookies import VisitorCookie
from portal.web.sessions import SessionStore
from portal.web.upload_key import Protection
from portal.workflows.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TOP = Path(__file__).parents[2]  # templates/ and static/ lie beside portal/

PARTNERS = ("pages.health", "pages.partner", "pages.confirm")
EVERYWHERE = (
    *PARTNERS, "sign_in", "api.uploads", "api.parts", "api.usage", "api.session", "pages.home",
    "pages.files", "pages.upload", "pages.new_share", "pages.shares", "pages.share_changes",
    "pages.received", "pages.account", "pages.admin", "pages.unsubscribe", "pages.groups", "api.recipients",
)  # fmt: skip
# Paths that the partners' app answers; the other app could too.
PARTNERS_PATHS = ("/d/", "/healthz", "/static/", "/look.css")


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
    app.session_interface = VisitorCookie(config)
    app.config.update(
        SECRET_KEY=config.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[1:]),
        # itsdangerous signs with the last of several and reads with all of them.
        WTF_CSRF_SECRET_KEY=list(reversed(config.secret_keys)),
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: an upload may take hours (R14)
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        APPLICATION_ROOT=config.base_path or "/",
    )
    # In this order: count the time, check the host, bound the body, let in who may, believe the form.
    logging.install(app)
    headers.install(app, config)
    limits.install(app)
    templates.install(app)
    errors.install(app)
    access.install(app)
    # A mail program posts there without having seen a page (RFC 8058); the signed address is the proof.
    Protection(app).exempt("portal.web.pages.unsubscribe.switch_off")
    for place in places:
        app.register_blueprint(import_module(f"portal.web.{place}").blueprint)
    return app
