"""`/v1/session`: how long the caller's session still lasts.

A page asks while it is busy for long, as with an upload of hours, so that the session does not end as idle
under it (R14, R33).
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask_wtf.csrf import generate_csrf

from portal.web.access import signed_in

blueprint = Blueprint("session", __name__)


@blueprint.get("/v1/session")
def show() -> Response:
    return jsonify(expires_at=signed_in().expires_at.isoformat(), csrf_token=generate_csrf())
