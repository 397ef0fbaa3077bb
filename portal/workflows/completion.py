"""Uploading ends: what came is taken in once it is what was announced, whoever says so and however often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from portal.domain.audit import Action, Actor
from portal.domain.errors import NotFound
from portal.domain.files import File, FileState, StoredObject
from portal.domain.ids import is_id
from portal.workflows.engine import Context, Stage, Workflow, drafted, run
from portal.workflows.services import Services


@dataclass(frozen=True, kw_only=True)
class Complete(Context):
    """Asked by the browser, by the bucket's event, or by both, in any order and any number (R28, R29).

    sha256: of the whole file, in hexadecimal, where the browser found it only while sending.
    problem: why what came is not what was announced; arrived: False where the object is not there yet.
    """

    owner_id: str
    file_id: str
    sha256: str = ""
    file: File | None = None
    stored: StoredObject | None = None
    problem: str = ""
    arrived: bool = False


def reserved(context: Complete, services: Services) -> Complete:
    """Only what was reserved can complete; an object under any other key never becomes a file."""
    if not (is_id(context.owner_id) and is_id(context.file_id)):
        raise NotFound()
    file = services.files.get(context.owner_id, context.file_id)
    if file is None:
        raise NotFound()
    return replace(context, file=file, about=file.id, details={"name": file.name})


def stored(context: Complete, services: Services) -> Complete:
    file = context.file
    if file is None or file.state is not FileState.PENDING:
        return context
    found = services.objects.head(file.key)
    return replace(
        context, stored=found, arrived=found is not None, problem=mismatch(file, found) if found else ""
    )


def mismatch(file: File, found: StoredObject) -> str:
    """What differs between announced and stored: size, type, owner or bytes; empty where nothing does."""
    fits = 1 <= found.size <= file.most_bytes if file.most_bytes else found.size == file.size
    checks = {
        "size": fits,
        "type": found.content_type == file.content_type,
        "owner": found.metadata.get("owner") == file.owner_id and found.metadata.get("file") == file.id,
        "sha256": not (file.sha256 and found.sha256) or file.sha256 == found.sha256,
    }
    return next((what for what, holds in checks.items() if not holds), "")


def settle(context: Complete, services: Services) -> Complete:
    """One conditional transaction; whoever comes second finds it done and changes nothing."""
    file, found = context.file, context.stored
    if file is None or found is None:
        return context
    if context.problem:
        refused = drafted(COMPLETE, replace(context, details={**context.details, "problem": context.problem}))
        if services.files.reject(file, context.problem, replace(refused, action=Action.UPLOAD_REJECTED)):
            services.objects.remove(file.key)
    else:
        ready = replace(
            file, state=FileState.READY, size=found.size, ready_at=context.now, version_id=found.version_id,
            etag=found.etag, keep_until=context.now + timedelta(days=services.limits.file_days),
            sha256=file.sha256 or found.sha256 or context.sha256,
        )  # fmt: skip
        services.files.complete(ready, drafted(COMPLETE, context))
    return replace(context, file=services.files.get(context.owner_id, context.file_id))


COMPLETE: Workflow[Complete] = Workflow(
    "complete",
    Action.UPLOAD_COMPLETED,
    {Stage.IDENTIFY: (reserved,), Stage.AUTHORIZE: (stored,), Stage.PROCESS: (settle,)},
)


def complete_by_event(key: str, services: Services, request_id: str = "", version_id: str = "") -> None:
    """Take in what the bucket says has come. Keys that are not of our making change nothing.

    Every object is announced by a row before it is made, so one without a row is left over (a form used after
    its upload was cancelled, say) and is removed (I3). So is a version that came after the one taken in:
    nobody is served it (R30), and it would only be stored.
    """
    parts = key.split("/")
    if len(parts) != 3 or parts[0] != "files" or not (is_id(parts[1]) and is_id(parts[2])):
        return
    if services.files.get(parts[1], parts[2]) is None:
        services.objects.remove(key)
        return
    actor = Actor("person", parts[1])
    context = Complete(
        now=services.clock(), actor=actor, owner_id=parts[1], file_id=parts[2], request_id=request_id
    )
    file = run(COMPLETE, context, services).file
    if file and file.state is FileState.READY and version_id not in {"", file.version_id}:
        services.objects.remove(key, version_id)
