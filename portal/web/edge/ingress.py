"""The one door for HTTP: a gateway's event becomes a strict request, and every request gets an answer.

An exception here would be the gateway's own bare 502, so an event, however odd, is answered (R22, R25).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portal.config.settings import Config
from portal.web.edge.gateway_answer import find_request_id, plain, shape_answer, too_large
from portal.web.edge.gateway_event import Unreadable, read_event

log = logging.getLogger(__name__)

HttpHandler = Callable[[dict[str, Any], Any], dict[str, Any]]


def strict(translate: HttpHandler, config: Config) -> HttpHandler:
    """The handler of requests from a REST API (v1), an HTTP API or function URL (v2) or a load balancer.

    `translate` is what turns well-formed events into calls of an app that is `use_public_address`.
    """

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            answer = shape_answer(event, translate(read_event(event, config.host, config.base_path), context))
        except Unreadable as problem:
            about = {"problem": str(problem), "correlation_id": find_request_id(event)}
            log.warning("unreadable request", extra=about)
            return plain(event, 400)
        except Exception:
            log.exception("a request was not answered", extra={"correlation_id": find_request_id(event)})
            return plain(event, 500)
        if too_large(answer):
            log.error("an answer is larger than a function may give")
            return plain(event, 500)
        return answer

    return handle


def use_public_address(app: WSGIApplication, config: Config) -> WSGIApplication:
    """Have every request arrive where the configuration says the portal lives, from whom the gateway saw.

    `portal.request_id` in the environ is the gateway's id of the request, for logs and error pages.
    """
    parts = urlsplit(config.public_url)
    place = {
        "SCRIPT_NAME": config.base_path,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or (443 if config.is_https else 80)),
        "wsgi.url_scheme": parts.scheme,
    }

    def place_request(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        del environ["apig_wsgi.full_event"]
        request = environ.pop("apig_wsgi.request_context")
        environ |= place
        environ["HTTP_HOST"] = request["host"]
        environ["REMOTE_ADDR"] = request["http"]["sourceIp"]
        environ["portal.request_id"] = request["requestId"]
        return app(environ, start_response)

    return place_request
