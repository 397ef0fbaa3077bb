"""`/v1/usage`: how much of their quota somebody has in use, and what is left of it (R37)."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from portal.web.access import person
from portal.web.current import services

blueprint = Blueprint("usage", __name__)


@blueprint.get("/v1/usage")
def show() -> Response:
    """-> 200 `{files, bytes, max_files, max_bytes, files_left, bytes_left}`; null where there is no limit."""
    return jsonify(asdict(services().quotas.allowance(person().id)))
