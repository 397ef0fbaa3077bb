"""`/v1/uploads`: announce files, say that they arrived, or take an announcement back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, jsonify, request, url_for

from portal.domain.clock import start_countdown
from portal.domain.errors import N_, Conflict, Refusal, Unavailable
from portal.domain.files.file import File, FileState, PresignedPost
from portal.domain.uploads.parts import part_count
from portal.engine.workflow import run
from portal.queries.uploads import list_uploads
from portal.web.api import asked
from portal.web.api.routes import serve
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.identity.access import current_person, current_principal, staff_request
from portal.web.wording.i18n import translate_refusal
from portal.workflows.shares.sending import send_with
from portal.workflows.uploads.announcing import RESERVE, Reserve
from portal.workflows.uploads.cancelling import CANCEL, Cancel
from portal.workflows.uploads.completion import COMPLETE, Complete
from portal.workflows.uploads.own_upload import Uploader

NOT_THE_SAME = N_("What arrived is not what was announced, so it was not kept. Upload the file again.")
SECONDS = 15.0  # what one call spends on completing; what is left is asked for again, before the gateway's 29

blueprint = Place("uploads", __name__, Audience.PROGRAM)


def reserve() -> tuple[Response, int]:
    """-> 201 with what is needed to send each file; all are announced, or none.

    With an `Idempotency-Key` the same call again, whose answer was lost, announces nothing new for a day
    (draft-ietf-httpapi-idempotency-key-header).
    """
    body, once = request.get_json(), asked.once(request.headers.get("Idempotency-Key"))
    context = Reserve(
        staff_request(), announced=asked.parse_announced(body), once=once, draft_id=asked.draft_id(body)
    )
    made = run(RESERVE, context, services())
    told = [
        {**show_upload(file), **show_form(form)} for file, form in zip(made.files, made.forms, strict=True)
    ]
    return jsonify(uploads=told) if asked.several(body) else jsonify(told[0]), 201


def uploader() -> Uploader:
    """Whoever asks: the upload's owner, or else whoever holds its key."""
    principal = current_principal()
    return Uploader(staff_request(), principal.id, by_key=principal.person is None)


def show_upload(file: File) -> dict[str, Any]:
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


def show_form(form: PresignedPost | None) -> dict[str, Any]:
    """Post the fields, then the file, to the address; nothing for what is sent in parts."""
    return {"url": form.url, "fields": form.fields} if form else {}


def under_way() -> Response:
    """-> 200 with one's own uploads that are under way, the newest 100."""
    found = list_uploads(current_person(), services())
    return jsonify(
        uploads=[{**show_upload(each), "created_at": each.created_at.isoformat()} for each in found]
    )


def show_outcome(file: File) -> dict[str, Any]:
    return {
        "file_id": file.id, "name": file.name, "folder": file.folder, "size": file.size, "state": file.state,
        "sha256": file.sha256, "sha256_confirmed": file.sha256_confirmed,
    }  # fmt: skip


def complete(file_id: str) -> tuple[Response, int]:
    """-> 200 with the file; 202 while nothing has arrived (ask again); 409 if refused."""
    file = complete_file(file_id, asked.sha256(request.get_json(silent=True)))
    send_with([file], services())
    return jsonify(show_outcome(file)), 202 if file.state is FileState.PENDING else 200


def complete_file(file_id: str, sha256: str = "") -> File:
    context = replace(Complete.from_uploader(uploader(), file_id), sha256=sha256, assemble=True)
    file = run(COMPLETE, context, services()).required_file
    if file.state is FileState.REJECTED:
        raise Conflict(NOT_THE_SAME, reason=f"rejected_{file.rejection}")
    return file


def complete_several() -> Response:
    """-> 200 with each file, whatever became of it: one that is refused keeps no other back."""
    seconds_left, made, goes_on = start_countdown(services().clock, SECONDS), list[dict[str, Any]](), True
    taken = list[File]()
    for file_id in dict.fromkeys(map(str, asked.parse_list(request.get_json()))):
        goes_on = goes_on and seconds_left() > 0
        made.append(
            complete_one(file_id, taken) if goes_on else {"file_id": file_id, "state": FileState.PENDING}
        )
        goes_on = goes_on and made[-1].get("reason") != Unavailable.reason  # the others would wait as long
    send_with(taken, services())
    return jsonify(files=made)


def complete_one(file_id: str, taken: list[File]) -> dict[str, Any]:
    try:
        taken.append(complete_file(file_id))
        return show_outcome(taken[-1])
    except Refusal as refusal:
        is_rejected = refusal.reason.startswith("rejected_")
        state = "rejected" if is_rejected else "pending" if refusal.status in {409, 503} else "unknown"
        return {
            "file_id": file_id,
            "state": state,
            "reason": refusal.reason,
            "problem": translate_refusal(refusal),
        }


def cancel(file_id: str) -> tuple[str, int]:
    run(CANCEL, Cancel.from_uploader(uploader(), file_id), services())
    return "", 204


serve(blueprint, globals())
