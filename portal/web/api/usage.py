"""`/v1/usage`: how much of their quota someone has in use, and what is left of it (R37)."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, jsonify

from portal.web.api.routes import serve
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.identity.access import current_person

blueprint = Place("usage", __name__, Audience.PROGRAM)


def show() -> Response:
    """-> 200 `{files, bytes, max_files, max_bytes, files_left, bytes_left}`; null where there is no limit."""
    return jsonify(asdict(services().quotas.get_allowance(current_person().id, services().limits)))


serve(blueprint, globals())
