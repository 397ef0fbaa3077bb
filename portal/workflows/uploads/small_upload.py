"""A small file that came in the call itself: announced, stored and taken in, by the same workflows."""

from __future__ import annotations

import hashlib

from portal.domain.errors import Conflict
from portal.domain.files.file import File, FileState
from portal.engine.services import Services
from portal.engine.workflow import Request, run
from portal.workflows.uploads.announcing import RESERVE, Announced, Reserve
from portal.workflows.uploads.completion import COMPLETE, Complete


def store_small_file(
    request: Request, name: str, folder: str, data: bytes, once: str, services: Services
) -> File:
    """The file, ready. Killed on the way it is finished by the event of its object, or forgotten as one that
    never came. once: makes a second call, whose first answer was lost, the same as the first.
    """
    announced = Announced(name, len(data), folder, hashlib.sha256(data).hexdigest())
    try:
        made = run(RESERVE, Reserve(request, announced=(announced,), once=once), services).files[0]
    except Conflict as refusal:
        return find_finished(refusal, request, announced, services)
    services.objects.put(made, data)
    context = Complete(request, owner_id=made.owner_id, file_id=made.id)
    file = run(COMPLETE, context, services).required_file
    if file.state is not FileState.READY:
        raise Conflict()
    return file


def find_finished(refusal: Conflict, request: Request, announced: Announced, services: Services) -> File:
    """What the first call came to, where it was the same; else the refusal itself."""
    known = refusal.extensions.get("file_ids")
    if refusal.reason != "finished" or not isinstance(known, list) or request.person is None:
        raise refusal
    file = services.files.get(request.person.id, str(known[0])) if known else None
    if file is None or file.state is not FileState.READY or file.sha256 != announced.sha256:
        raise refusal
    return file
