"""A second name for the local portal, `localhost`, at which a browser opens a mailed link as its recipient
would.

Whoever tries the portal out is sender and recipient in one browser, and at one host the staff's session
would come along with every link. Cookies belong to a host, so under another name the same browser is a
stranger. The application behind it sees its own name only: host, origin and referrer are translated on the
way in, redirects on the way out. What is not for recipients leads back to the portal's own address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

NAME = "localhost"
FOR_RECIPIENTS = ("/d/", "/r/", "/mails/", "/static/", "/look.css", "/language")

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def recipients_origin(own: str) -> str:
    """ "http://127.0.0.1:8000" as recipients are to open it."""
    return f"http://{NAME}:{own.rpartition(':')[2]}"


def add_recipient_host(portal: WSGIApplication, own: str) -> WSGIApplication:
    """The portal, whose own origin is `own`, under both names."""
    other = recipients_origin(own)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if f"http://{environ.get('HTTP_HOST', '')}" != other:
            return portal(environ, start_response)
        if not environ["PATH_INFO"].startswith(FOR_RECIPIENTS):
            query = environ.get("QUERY_STRING", "")
            address = own + environ["PATH_INFO"] + (f"?{query}" if query else "")
            start_response("307 Temporary Redirect", [("Location", address), ("Content-Length", "0")])
            return [b""]
        return portal(translate_request(environ, other, own), returning(start_response, own, other))

    return application


def translate_request(environ: dict[str, Any], other: str, own: str) -> dict[str, Any]:
    """The request as it would have come to the portal's own name."""
    known: dict[str, Any] = {
        name: environ[name].replace(other, own, 1)
        for name in ("HTTP_ORIGIN", "HTTP_REFERER")
        if name in environ
    }
    return {**environ, **known, "HTTP_HOST": own.removeprefix("http://")}


def returning(start_response: Callable[..., Any], own: str, other: str) -> Callable[..., Any]:
    """Redirects to the portal's own name stay with the name that was asked."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        stays = [
            (name, other + value.removeprefix(own))
            if name.lower() == "location" and value.startswith(f"{own}/")
            else (name, value)
            for name, value in headers
        ]
        return start_response(status, stays, *more)

    return start
