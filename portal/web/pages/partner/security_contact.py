"""`/.well-known/security.txt` (RFC 9116): whom to tell of a hole in this portal; open to everyone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Response, abort

from portal.web.current import config, now
from portal.web.edge.audience import Audience, Place

LIFETIME = timedelta(days=90)  # RFC 9116, 2.5.5, wants less than a year; the clock moves it on every day
PATH = "/.well-known/security.txt"

blueprint = Place("security_contact", __name__, Audience.EVERYBODY)


@blueprint.get(PATH)
def security_txt() -> Response:
    """404 where no contact is configured: the address that emails come from may have no reader."""
    if not config().security_contacts:
        abort(404)
    expires = datetime.combine(now().date() + LIFETIME, time(), UTC)
    lines = [
        *(f"Contact: {contact}" for contact in config().security_contacts),
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(config().languages)}",
        f"Canonical: {config().public_url}{PATH}",
    ]
    return Response("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
