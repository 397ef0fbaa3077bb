"""Uploading ends: what came is taken in once it is what was announced, whoever says so and however often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from portal.domain.audit import Action, Actor
from portal.domain.errors import Conflict, Unavailable, words
from portal.domain.files import File, FileState, StoredObject
from portal.domain.ids import is_id
from portal.domain.parts import Part, missing
from portal.workflows.engine import Stage, Workflow, drafted, run
from portal.workflows.own_upload import GivenUp, OfUpload, my_upload
from portal.workflows.services import Services

SAID_MISSING = 100


@dataclass(frozen=True, kw_only=True)
class Complete(OfUpload):
    """Asked by the browser, by the bucket's event, or by both, in any order and any number (R28, R29).

    sha256: of the whole file, in hexadecimal, where the browser found it only while sending. assemble: put
    the parts together, which only who sent them can say the word for. parts: those that S3 has.
    problem: why what came is not what was announced; arrived: False where the object is not there yet.
    """

    sha256: str = ""
    assemble: bool = False
    parts: tuple[Part, ...] = ()
    stored: StoredObject | None = None
    problem: str = ""
    arrived: bool = False


class PartsMissing(Conflict):
    reason = "parts_missing"
    words = words("Parts of this file are missing. Send them, then complete it again.")

    def __init__(self, numbers: list[int]) -> None:
        super().__init__()
        self.told["missing"] = numbers[:SAID_MISSING]


def whole(context: Complete, services: Services) -> Complete:
    """What came in one piece. Where parts are to be put together it cannot be there yet."""
    return context if is_to_assemble(context) else stored(context, services)


def stored(context: Complete, services: Services) -> Complete:
    file = context.mine
    if file.state is not FileState.PENDING:
        return context
    found = services.objects.head(file.key)
    return replace(
        context, stored=found, arrived=found is not None, problem=mismatch(file, found) if found else ""
    )


def is_to_assemble(context: Complete) -> bool:
    file = context.mine
    return context.assemble and bool(file.part_bytes) and file.state is FileState.PENDING


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


def all_parts(context: Complete, services: Services) -> Complete:
    """Every part from 1 to the last, in its size, as S3 lists them; no browser is asked."""
    file = context.mine
    if not is_to_assemble(context):
        return replace(context, assemble=False)
    found = services.parts.found(file) if file.upload_id else []
    if found is None:  # another call was quicker, or the upload was given up
        return gone(context, services)
    if wrong := missing(found, file.size, file.part_bytes):
        raise PartsMissing(wrong)
    return replace(context, parts=tuple(found))


def gone(context: Complete, services: Services) -> Complete:
    """S3 knows no such upload: as after an answer that was lost, only the object says what became of it."""
    now = stored(replace(my_upload(context, services), assemble=False), services)
    if now.mine.state is FileState.PENDING and not now.arrived:
        raise GivenUp
    return now


def the_hash(context: Complete, services: Services) -> Complete:
    """Kept before anything else, so that it is there whoever takes the file in (R32)."""
    file = context.mine
    if not context.sha256 or file.state is not FileState.PENDING or context.sha256 == file.sha256:
        return context
    if file.sha256:
        raise Conflict(
            words("This file changed while it was being sent. Upload it again."), reason="sha256_differs"
        )
    services.files.keep_hash(file, context.sha256)
    return replace(context, file=replace(file, sha256=context.sha256))


def put_together(context: Complete, services: Services) -> Complete:
    """Of many parts this can take longer than one call may; then the bucket's event takes the file in."""
    if not context.assemble:
        return context
    try:
        became = services.parts.finish(context.mine, context.parts)
    except Unavailable:
        became = "unheard"
    if became == "changed":
        raise Conflict(
            words("A part was sent again meanwhile. Complete it once more."), reason="parts_changed"
        )
    return gone(context, services) if became == "gone" else stored(context, services)


def settle(context: Complete, services: Services) -> Complete:
    """One conditional transaction; whoever comes second finds it done and changes nothing."""
    file, found = context.mine, context.stored
    if found is None:
        return context
    if context.problem:
        refused = drafted(COMPLETE, replace(context, details={**context.details, "problem": context.problem}))
        if services.files.reject(file, context.problem, replace(refused, action=Action.UPLOAD_REJECTED)):
            services.objects.remove(file.key)
    else:
        ready = replace(
            file, state=FileState.READY, size=found.size, ready_at=context.now, version_id=found.version_id,
            etag=found.etag, keep_until=context.now + timedelta(days=services.limits.file_days),
            sha256=file.sha256 or found.sha256, reserved_bytes=0,
        )  # fmt: skip
        if services.files.complete(file, ready, drafted(COMPLETE, context)):
            return replace(context, file=ready)
    return replace(context, file=services.files.get(context.owner_id, context.file_id))


COMPLETE: Workflow[Complete] = Workflow(
    "complete",
    Action.UPLOAD_COMPLETED,
    {
        Stage.IDENTIFY: (my_upload,),
        Stage.AUTHORIZE: (whole, all_parts),
        Stage.PROCESS: (the_hash, put_together, settle),
    },
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
