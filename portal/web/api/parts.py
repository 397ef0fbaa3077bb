"""What an upload under way is asked for: how far it is, addresses for its parts, a fresh form.

The upload's own key serves for all of them, so that an upload of hours outlives its session (upload_key.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, jsonify, request

from portal.engine.workflow import run
from portal.queries.uploads import get_upload
from portal.web.api import asked
from portal.web.api.routes import serve
from portal.web.api.uploads import show_form, show_upload, uploader
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.workflows.uploads.own_upload import OfUpload
from portal.workflows.uploads.signing import SIGN_FORM, SIGN_PARTS, Sign

blueprint = Place("parts", __name__, Audience.PROGRAM)


def show(file_id: str) -> Response:
    """-> 200 with the upload; of one in parts also those that S3 has."""
    file, parts = get_upload(OfUpload.from_uploader(uploader(), file_id), services())
    told: dict[str, Any] = show_upload(file)
    if file.part_bytes:
        told["parts"] = [{"number": each.number, "size": each.size, "sha256": each.sha256} for each in parts]
    return jsonify(told)


def sign(file_id: str) -> Response:
    """`{parts: [{number, sha256?}, ...]}` -> 200 with each one's address, and headers to PUT it with."""
    signing = replace(Sign.from_uploader(uploader(), file_id), asked=asked.parts(request.get_json()))
    made = run(SIGN_PARTS, signing, services())
    told = [{"number": each.number, "url": each.url, "headers": each.headers} for each in made.signed]
    return jsonify(parts=told, seconds=services().limits.part_seconds)


def form(file_id: str) -> Response:
    """-> 200 with a fresh form, for a file that is sent in one piece and whose form is too old by now."""
    return jsonify(show_form(run(SIGN_FORM, Sign.from_uploader(uploader(), file_id), services()).form))


serve(blueprint, globals())
