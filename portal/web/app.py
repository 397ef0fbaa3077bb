"""The Flask app, put together: what every request meets in which order, then one blueprint a place."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from portal.config import Config
from portal.web import access, current, errors, headers, limits, logging, sign_in, templates
from portal.web.api import session, uploads
from portal.web.cookies import VisitorCookie
from portal.web.pages import account, admin, files, health, home, partner, received, shares, upload
from portal.web.sessions import SessionStore
from portal.workflows.services import Services

TOP = Path(__file__).parents[2]  # templates/ and static/ lie beside portal/

PLACES = (home, health, sign_in, session, files, upload, uploads, shares, partner, received, account, admin)


def create_app(config: Config, services: Services, sessions: SessionStore) -> Flask:
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
    CSRFProtect(app)
    for place in PLACES:
        app.register_blueprint(place.blueprint)
    return app
