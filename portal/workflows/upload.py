"""Uploading: announce a file, let the browser send it to S3, and take it in once what came is what was
announced.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from portal.domain.audit import Action, Actor
from portal.domain.errors import Invalid, NotFound, Refusal, TooLarge, words
from portal.domain.files import File, FileState, PresignedPost, StoredObject
from portal.domain.ids import is_id, sortable_id
from portal.domain.names import content_type, safe_name
from portal.workflows.engine import Context, Stage, Workflow, drafted, record_with_change, run
from portal.workflows.services import Services


@dataclass(frozen=True, kw_only=True)
class Reserve(Context):
    """raw_name: as the browser or the person gave it; size: bytes, or None where no script could tell it.

    redirect_to: builds the address a browser without scripts comes back to, from the file's id.
    """

    raw_name: str
    size: int | None
    redirect_to: str = ""
    file: File | None = None
    form: PresignedPost | None = None


def the_name(context: Reserve, services: Services) -> Reserve:
    return replace(context, raw_name=safe_name(context.raw_name))


def the_size(context: Reserve, services: Services) -> Reserve:
    most = services.limits.max_file_bytes
    if context.size is not None and context.size < 1:
        raise Invalid(
            words("This file is empty. Choose one that has something in it."), reason="empty", field="size"
        )
    if context.size is not None and context.size > most:
        raise TooLarge(
            words("This file is larger than %(most_bytes)s, the most this portal takes at once."),
            field="size", values={"most_bytes": most},
        )  # fmt: skip
    return context


def the_file(context: Reserve, services: Services) -> Reserve:
    me = context.me
    file = File(
        id=sortable_id(context.now), owner_id=me.id, owner_name=me.name, name=context.raw_name,
        size=context.size or 0, most_bytes=0 if context.size else services.limits.max_file_bytes,
        content_type=content_type(context.raw_name), state=FileState.PENDING, created_at=context.now,
    )  # fmt: skip
    return replace(context, file=file, about=file.id, details={"name": file.name})


def sign_then_reserve(context: Reserve, services: Services) -> Reserve:
    """Signing first: it is local, and if it failed nothing would be reserved."""
    if context.file is None:
        raise RuntimeError("the file is made before it is reserved")
    redirect = context.redirect_to.replace("{file_id}", context.file.id) or None
    form = services.objects.post_form(context.file, redirect, services.limits.upload_seconds)
    services.files.reserve(context.file, context.made_record)
    return replace(context, form=form)


RESERVE: Workflow[Reserve] = Workflow(
    "reserve",
    Action.UPLOAD_RESERVED,
    {
        Stage.VALIDATE: (the_name, the_size),
        Stage.IDENTIFY: (the_file,),
        Stage.AUDIT: (record_with_change("reserve", Action.UPLOAD_RESERVED),),
        Stage.PROCESS: (sign_then_reserve,),
    },
)


@dataclass(frozen=True, kw_only=True)
class Complete(Context):
    """Asked by the browser, by the bucket's event, or by both, in any order and any number (R28, R29).

    problem: why what came is not what was announced; arrived: False where the object is not there yet.
    """

    owner_id: str
    file_id: str
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
    """What differs between announced and stored: size, type or owner; empty where nothing does."""
    fits = 1 <= found.size <= file.most_bytes if file.most_bytes else found.size == file.size
    checks = {
        "size": fits,
        "type": found.content_type == file.content_type,
        "owner": found.metadata.get("owner") == file.owner_id and found.metadata.get("file") == file.id,
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


@dataclass(frozen=True, kw_only=True)
class Cancel(Context):
    file_id: str
    file: File | None = None


def my_upload(context: Cancel, services: Services) -> Cancel:
    file = services.files.get(context.me.id, context.file_id) if is_id(context.file_id) else None
    if file is None:
        raise NotFound()
    return replace(context, file=file, about=file.id, details={"name": file.name})


def still_pending(context: Cancel, services: Services) -> Cancel:
    if context.file and context.file.state not in {FileState.PENDING, FileState.REJECTED}:
        raise Refusal(words("This upload is finished already. Delete the file instead."), reason="finished")
    return context


def forget(context: Cancel, services: Services) -> Cancel:
    if context.file and services.files.forget(context.file, context.made_record):
        services.objects.remove(context.file.key)
    return context


CANCEL: Workflow[Cancel] = Workflow(
    "cancel_upload",
    Action.UPLOAD_CANCELLED,
    {
        Stage.IDENTIFY: (my_upload,),
        Stage.AUTHORIZE: (still_pending,),
        Stage.AUDIT: (record_with_change("cancel_upload", Action.UPLOAD_CANCELLED),),
        Stage.PROCESS: (forget,),
    },
)
