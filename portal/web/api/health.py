"""`/healthz`: is the portal there, and which version is it? It asks nothing of AWS.

A slow table is not a dead portal.
"""

from __future__ import annotations

from flask import Response, jsonify

from portal.version import read_version
from portal.web.edge.audience import Audience, Place

blueprint = Place("health", __name__, Audience.EVERYBODY)


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify(status="ok", version=read_version())
