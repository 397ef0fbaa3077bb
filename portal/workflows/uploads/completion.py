"""Uploading ends: what came is taken in once it is what was announced, whoever says so and however often."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from portal.domain.audit.record import Action, Actor
from portal.domain.errors import N_, Conflict, Unavailable
from portal.domain.files.file import File, FileState, StoredObject, is_file_key
from portal.domain.policy.legal_holds import Held
from portal.domain.uploads.parts import AssemblyResult, Part, missing
from portal.engine.services import Services
from portal.engine.workflow import Audit, Request, Stage, Workflow, draft_record, run
from portal.workflows.uploads.own_upload import GivenUp, OfUpload, find_live_upload

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
    message = N_("Parts of this file are missing. Send them, then complete the upload again.")

    def __init__(self, numbers: list[int]) -> None:
        super().__init__()
        self.extensions["missing"] = numbers[:SAID_MISSING]


def check_object(context: Complete, services: Services) -> Complete:
    """What came in one piece. Where parts are to be put together it cannot be there yet."""
    return context if is_to_assemble(context) else read_object(context, services)


def read_object(context: Complete, services: Services) -> Complete:
    file = context.required_file
    if file.state is not FileState.PENDING:
        return context
    found = services.objects.head(file.key)
    return replace(
        context, stored=found, arrived=found is not None, problem=find_mismatch(file, found) if found else ""
    )


def is_to_assemble(context: Complete) -> bool:
    file = context.required_file
    return context.assemble and bool(file.part_bytes) and file.state is FileState.PENDING


def find_mismatch(file: File, found: StoredObject) -> str:
    """What differs between announced and stored: size, type, owner or bytes; empty where nothing does."""
    fits = 1 <= found.size <= file.most_bytes if file.most_bytes else found.size == file.size
    checks = {
        "size": fits,
        "type": found.content_type == file.content_type,
        "owner": found.metadata.get("owner") == file.owner_id and found.metadata.get("file") == file.id,
        "sha256": not (file.sha256 and found.sha256) or file.sha256 == found.sha256,
    }
    return next((what for what, holds in checks.items() if not holds), "")


def list_all_parts(context: Complete, services: Services) -> Complete:
    """Every part from 1 to the last, in its size, as S3 lists them; no browser is asked."""
    file = context.required_file
    if not is_to_assemble(context):
        return replace(context, assemble=False)
    found = services.parts.list_parts(file) if file.upload_id else []
    if found is None:  # another call was quicker, or the upload was given up
        return resolve_missing_upload(context, services)
    if wrong := missing(found, file.size, file.part_bytes):
        raise PartsMissing(wrong)
    return replace(context, parts=tuple(found))


def resolve_missing_upload(context: Complete, services: Services) -> Complete:
    """S3 knows no such upload: as after an answer that was lost, only the object says what became of it."""
    now = read_object(replace(find_live_upload(context, services), assemble=False), services)
    if now.required_file.state is FileState.PENDING and not now.arrived:
        raise GivenUp
    return now


def keep_hash(context: Complete, services: Services) -> Complete:
    """Kept before anything else, so that it is there whoever takes the file in (R32)."""
    file = context.required_file
    if not context.sha256 or file.state is not FileState.PENDING or context.sha256 == file.sha256:
        return context
    if file.sha256:
        raise Conflict(
            N_("This file changed while it was being sent. Upload it again."), reason="sha256_differs"
        )
    services.files.keep_hash(file, context.sha256, context.request.trust)
    return replace(context, file=replace(file, sha256=context.sha256))


def assemble(context: Complete, services: Services) -> Complete:
    """Of many parts this can take longer than one call may; then the bucket's event takes the file in."""
    if not context.assemble:
        return context
    try:
        result = services.parts.finish(context.required_file, context.parts)
    except Unavailable:
        return read_object(context, services)
    match result:
        case AssemblyResult.DONE:
            return read_object(context, services)
        case AssemblyResult.UPLOAD_GONE:
            return resolve_missing_upload(context, services)
        case AssemblyResult.PART_CHANGED:
            raise Conflict(
                N_("A part was sent again in the meantime. Complete the upload once more."),
                reason="parts_changed",
            )
    assert_never(result)


def settle(context: Complete, services: Services) -> Complete:
    """One conditional transaction; whoever comes second finds it done and changes nothing."""
    file, found = context.required_file, context.stored
    if found is None:
        return context
    if context.problem:
        refused = draft_record(
            COMPLETE, replace(context, details={**context.details, "problem": context.problem})
        )
        with suppress(Held):  # then it stays as it came, neither taken in nor removed
            if services.files.reject(file, context.problem, replace(refused, action=Action.UPLOAD_REJECTED)):
                services.objects.remove(file.key)
    else:
        days = file.keep_days or services.limits.file_days
        ready = replace(
            file, state=FileState.READY, size=found.size, ready_at=context.now, version_id=found.version_id,
            etag=found.etag, keep_until=context.now + timedelta(days=days),
            sha256=file.sha256 or found.sha256, reserved_bytes=0,
            sha256_confirmed=file.sha256_confirmed or bool(found.sha256),
        )  # fmt: skip
        sized = replace(context, details={**context.details, "bytes": str(found.size)})
        if services.files.complete(file, ready, draft_record(COMPLETE, sized)):
            return replace(context, file=ready)
    return replace(context, file=services.files.get(context.owner_id, context.file_id))


COMPLETE: Workflow[Complete] = Workflow(
    "complete",
    Action.UPLOAD_COMPLETED,
    {
        Stage.IDENTIFY: (find_live_upload,),
        Stage.AUTHORIZE: (check_object, list_all_parts),
        Stage.PROCESS: (keep_hash, assemble, settle),
    },
    Audit.OWN,
)


def complete_by_event(
    key: str, services: Services, request_id: str = "", version_id: str = ""
) -> File | None:
    """Take in what the bucket says has come: the file. Keys that are not of our making change nothing.

    Every object is announced by a row before it is made, so one without a row is left over (a form used after
    its upload was cancelled, say) and is removed (I3). So is a version that came after the one taken in:
    nobody is served it (R30), and it would only be stored.
    """
    known = services.files.find_by_key(key)
    if known is None or known.is_given_up:
        if is_file_key(key) and not is_key_held(key, services):
            services.objects.remove(key)
        return None
    if known.state is FileState.READY and version_id == known.version_id:
        return known  # the browser's call was quicker, as it mostly is
    request = Request(services.clock(), Actor("person", known.owner_id), request_id=request_id)
    context = Complete(request, owner_id=known.owner_id, file_id=known.id)
    file = run(COMPLETE, context, services).file
    late = file is not None and file.state is FileState.READY and version_id not in {"", file.version_id}
    if late and not is_key_held(key, services):
        services.objects.remove(key, version_id)
    return file


def is_key_held(key: str, services: Services) -> bool:
    """Whether an object that no row answers for is on legal hold: by its file's id, by who sent it, or by
    whose it has become.
    """
    _, sender_id, file_id = key.split("/")
    file = services.files.find(file_id)
    return services.holds.is_held(file_id, sender_id, *((file.owner_id,) if file else ()))
