"""The emails of the local portal, as their recipients would see them: a WSGI application in front of the
portal's.

`/local/outbox` for people, `/local/outbox.json` for programs: `{to, from, subject, text, html, sent_at}`,
newest last. An email's HTML is shown in a frame of an origin of its own that runs no script, whatever the
email holds.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from portal.local.recipient_host import WSGIApplication, recipients_origin

Mail = dict[str, str]

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# `sandbox` without allow-same-origin gives the email an origin of its own; pop-ups are its links.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data: http: https:; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
)
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


def list_sent_mails(endpoint: str, earlier: Path) -> list[Mail]:
    """Everything that embedded AWS's SES accepted, oldest first: those of earlier runs are in a file, since
    MiniStack forgets its emails when it ends."""
    with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=5) as answer:
        accounts = json.load(answer)["messages"]
    mails = [_mail(message) for messages in accounts.values() for message in messages]
    return list_kept_mails(earlier) + sorted(mails, key=lambda mail: mail["sent_at"])


def list_kept_mails(earlier: Path) -> list[Mail]:
    mails: list[Mail] = json.loads(earlier.read_text(encoding="utf-8")) if earlier.exists() else []
    return mails


def _mail(message: dict[str, Any]) -> Mail:
    return {
        "id": message["MessageId"],
        "to": ", ".join(message["To"]),
        "from": str(make_header(decode_header(message["Source"]))),
        "subject": message["Subject"],
        "text": message["BodyText"] or "",
        "html": message["BodyHtml"] or "",
        "sent_at": _utc(message["Timestamp"]),
    }


def _utc(timestamp: float | str) -> str:
    """ISO 8601 with Z; SES's own answers carry seconds since the epoch or such a text."""
    if isinstance(timestamp, str):
        moment = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    else:
        moment = datetime.fromtimestamp(timestamp, UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def add_outbox(portal: WSGIApplication, endpoint: str, earlier: Path) -> WSGIApplication:
    """The portal with the outbox beside it; `earlier` as in `list_sent_mails`."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.path != "/local" and not request.path.startswith("/local/"):
            return portal(environ, start_response)
        try:
            response = _outbox(request.path, list_sent_mails(endpoint, earlier), request.host_url.rstrip("/"))
        except NotFound as not_found:
            return not_found(environ, start_response)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response(environ, start_response)

    return application


def _outbox(path: str, mails: list[Mail], own: str) -> Response:
    if path == "/local/outbox.json":
        public = [{key: value for key, value in mail.items() if key != "id"} for mail in mails]
        return Response(json.dumps(public, indent=1, ensure_ascii=False), mimetype="application/json")
    if path == "/local/outbox":
        return _page(mails, mails[-1] if mails else None)
    _, _, rest = path.partition("/local/outbox/")
    mail_id, _, part = rest.partition("/")
    chosen = next((mail for mail in mails if mail["id"] == mail_id), None)
    if chosen is None or part not in ("", "html"):
        raise NotFound
    return _html_part(chosen, own) if part else _page(mails, chosen)


def _page(mails: list[Mail], chosen: Mail | None) -> Response:
    page = TEMPLATES.get_template("outbox.html").render(mails=mails[::-1], chosen=chosen)
    return Response(page, mimetype="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


def _html_part(mail: Mail, own: str) -> Response:
    # Links open beside the outbox, not in the frame; a recipient's under a name without anyone's session.
    html = mail["html"].replace(f'href="{own}/d/', f'href="{recipients_origin(own)}/d/')
    html = '<base target="_blank">' + html
    return Response(html, mimetype="text/html", headers={"Content-Security-Policy": MAIL_POLICY})
