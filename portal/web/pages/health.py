"""`/healthz`: is the portal there? It asks nothing of AWS: a slow table is not a dead portal."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify(status="ok")
