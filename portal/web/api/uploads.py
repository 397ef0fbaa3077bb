"""`/v1/uploads`: announce files, say that they arrived, or take an announcement back."""

from __future__ import annotations

from time import monotonic
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from portal import queries
from portal.domain.errors import Conflict, Refusal, words
from portal.domain.files import File, FileState, PresignedPost
from portal.domain.parts import part_count
from portal.web.access import context_fields, person, uploader
from portal.web.api import asked
from portal.web.current import services
from portal.web.i18n import sentence
from portal.workflows.cancelling import CANCEL, Cancel
from portal.workflows.completion import COMPLETE, Complete
from portal.workflows.engine import run
from portal.workflows.upload import RESERVE, Reserve

NOT_THE_SAME = words("What arrived is not what was announced, so it was not kept. Upload the file again.")
SECONDS = 15.0  # what one call spends on completing; what is left is asked for again, before the gateway's 29

blueprint = Blueprint("uploads", __name__, url_prefix="/v1/uploads")


@blueprint.post("")
def reserve() -> tuple[Response, int]:
    """-> 201 with what is needed to send each file; all are announced, or none.

    With an `Idempotency-Key` the same call again, whose answer was lost, announces nothing new for a day
    (draft-ietf-httpapi-idempotency-key-header).
    """
    body, once = request.get_json(), asked.once(request.headers.get("Idempotency-Key"))
    context = Reserve(**context_fields(), announced=asked.announced(body), once=once)
    made = run(RESERVE, context, services())
    told = [{**shown(file), **sent_by(form)} for file, form in zip(made.files, made.forms, strict=True)]
    return jsonify(uploads=told) if asked.several(body) else jsonify(told[0]), 201


def shown(file: File) -> dict[str, Any]:
    """An upload as every answer shows it: what it is, its key, and where to ask about it."""
    told: dict[str, Any] = {
        "file_id": file.id, "name": file.name, "folder": file.folder, "size": file.size, "state": file.state,
        "key": services().upload_keys.key(file.owner_id, file.id),
        "state_url": url_for("parts.show", file_id=file.id),
        "complete": url_for("uploads.complete", file_id=file.id),
        "cancel": url_for("uploads.cancel", file_id=file.id),
    }  # fmt: skip
    if file.part_bytes:
        told |= {
            "part_bytes": file.part_bytes, "part_count": part_count(file.size, file.part_bytes),
            "sign": url_for("parts.sign", file_id=file.id),
        }  # fmt: skip
    return told


def sent_by(form: PresignedPost | None) -> dict[str, Any]:
    """Post the fields, then the file, to the address; nothing for what is sent in parts."""
    return {"url": form.url, "fields": form.fields} if form else {}


@blueprint.get("")
def under_way() -> Response:
    """-> 200 with one's own uploads that are under way, the newest 100."""
    found = queries.under_way(person(), services())
    return jsonify(uploads=[{**shown(each), "created_at": each.created_at.isoformat()} for each in found])


def became(file: File) -> dict[str, Any]:
    return {
        "file_id": file.id, "name": file.name, "folder": file.folder, "size": file.size, "state": file.state,
        "sha256": file.sha256,
    }  # fmt: skip


@blueprint.post("/<file_id>/complete")
def complete(file_id: str) -> tuple[Response, int]:
    """-> 200 with the file; 202 while nothing has arrived (ask again); 409 if refused."""
    file = completed(file_id, asked.sha256(request.get_json(silent=True)))
    return jsonify(became(file)), 202 if file.state is FileState.PENDING else 200


def completed(file_id: str, sha256: str = "") -> File:
    context = Complete(**uploader(), file_id=file_id, sha256=sha256, assemble=True)
    file = run(COMPLETE, context, services()).mine
    if file.state is FileState.REJECTED:
        raise Conflict(NOT_THE_SAME, reason=f"rejected_{file.rejection}")
    return file


@blueprint.post("/complete")
def complete_several() -> Response:
    """-> 200 with each file, whatever became of it: one that is refused keeps no other back."""
    ends = monotonic() + SECONDS
    named = list(dict.fromkeys(map(str, asked.listed(request.get_json()))))
    return jsonify(files=[one_of_several(each, in_time=monotonic() < ends) for each in named])


def one_of_several(file_id: str, *, in_time: bool) -> dict[str, Any]:
    if not in_time:
        return {"file_id": file_id, "state": FileState.PENDING}
    try:
        return became(completed(file_id))
    except Refusal as refusal:
        is_rejected = refusal.reason.startswith("rejected_")
        state = "rejected" if is_rejected else "pending" if refusal.status in {409, 503} else "unknown"
        return {"file_id": file_id, "state": state, "reason": refusal.reason, "problem": sentence(refusal)}


@blueprint.delete("/<file_id>")
def cancel(file_id: str) -> tuple[str, int]:
    run(CANCEL, Cancel(**uploader(), file_id=file_id), services())
    return "", 204
