"""`/v1/uploads`: announce a file, say that it arrived, or take the announcement back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from portal.domain.errors import Conflict, Invalid, words
from portal.domain.files import FileState
from portal.web.access import context_fields, person
from portal.web.current import services
from portal.workflows.engine import run
from portal.workflows.upload import CANCEL, COMPLETE, RESERVE, Cancel, Complete, Reserve

NOT_THE_SAME = words("What arrived is not what was announced, so it was not kept. Upload the file again.")

blueprint = Blueprint("uploads", __name__, url_prefix="/v1/uploads")


@blueprint.post("")
def reserve() -> tuple[Response, int]:
    """`{name, size}` -> 201 `{file_id, url, fields, complete}`: post the fields, then the file, to `url`."""
    name, size = announced(request.get_json())
    made = run(RESERVE, Reserve(**context_fields(), raw_name=name, size=size), services())
    if made.file is None or made.form is None:
        raise RuntimeError("a reserved upload has a file and a form")
    answer = jsonify(
        file_id=made.file.id, name=made.file.name, url=made.form.url, fields=made.form.fields,
        complete=url_for(".complete", file_id=made.file.id), cancel=url_for(".cancel", file_id=made.file.id),
    )  # fmt: skip
    return answer, 201


def announced(body: Any) -> tuple[str, int]:
    name, size = (body.get("name"), body.get("size")) if isinstance(body, dict) else (None, None)
    if not isinstance(name, str):
        raise Invalid(words("Say the file's name."), field="name", reason="name_missing")
    if not isinstance(size, int) or isinstance(size, bool):
        raise Invalid(words("Say the file's size in bytes."), field="size", reason="size_missing")
    return name, size


@blueprint.post("/<file_id>/complete")
def complete(file_id: str) -> tuple[Response, int]:
    """-> 200 `{file_id, name, size, state}`; 202 while nothing has arrived (ask again); 409 if refused."""
    asked = Complete(**context_fields(), owner_id=person().id, file_id=file_id)
    file = run(COMPLETE, asked, services()).file
    if file is None:
        raise RuntimeError("a workflow that completes an upload found its file")
    if file.state is FileState.REJECTED:
        raise Conflict(NOT_THE_SAME, reason=f"rejected_{file.rejection}")
    answer = jsonify(file_id=file.id, name=file.name, size=file.size, state=file.state)
    return answer, 202 if file.state is FileState.PENDING else 200


@blueprint.delete("/<file_id>")
def cancel(file_id: str) -> tuple[str, int]:
    run(CANCEL, Cancel(**context_fields(), file_id=file_id), services())
    return "", 204
