"""The portal for any WSGI server: `application`, made from the environment alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from portal.bootstrap import build
from portal.config import Config
from portal.web import logging
from portal.web.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def at_public_address(app: WSGIApplication, config: Config) -> WSGIApplication:
    """Tell the app its public scheme and prefix, which a server behind a proxy cannot know (R20, R21).

    Both come from the configuration: what a client says of them in headers is never believed.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = "https" if config.is_https else "http"
        path = environ.get("PATH_INFO", "")
        if config.base_path and (path == config.base_path or path.startswith(config.base_path + "/")):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = config.base_path, path[len(config.base_path) :]
        return app(environ, start_response)

    return serve


def make_application() -> WSGIApplication:
    config = Config.from_env(os.environ)
    logging.configure(config.log_level)
    portal = build(config)
    return at_public_address(create_app(config, portal.services, portal.sessions), config)


application = make_application()
