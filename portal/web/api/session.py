"""`/v1/session`: whose session it is, and how long it still lasts.

A page asks while it is busy for long, as with an upload of hours, so that the session does not end as idle
under it (R14, R33).
"""

from __future__ import annotations

from flask import Response, jsonify

from portal.web.edge.audience import Audience, Place
from portal.web.edge.csrf import csrf_token
from portal.web.identity.access import current_session

blueprint = Place("session", __name__, Audience.PROGRAM)


@blueprint.get("/v1/session")
def show() -> Response:
    session = current_session()
    return jsonify(
        person=session.person.id, expires_at=session.expires_at.isoformat(), csrf_token=csrf_token()
    )
