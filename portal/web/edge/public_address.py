"""The portal at its public address, behind a WSGI server that cannot know scheme and prefix (R20, R21)."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portal.config.settings import Config


def set_public_address(app: WSGIApplication, config: Config) -> WSGIApplication:
    """Tell the app scheme and prefix by the configuration: what clients say in headers is not believed."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = "https" if config.is_https else "http"
        path = environ.get("PATH_INFO", "")
        if config.base_path and f"{path}/".startswith(f"{config.base_path}/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = config.base_path, path[len(config.base_path) :]
        return app(environ, start_response)

    return serve
