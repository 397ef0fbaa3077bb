"""Uploading begins: files are announced, all or none, and the browser gets what it needs to send them to S3.

What came is taken in by completion.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from portal.domain.audit import Action, AuditRecord
from portal.domain.errors import Invalid, NotFound, Refusal, TooLarge, words
from portal.domain.files import File, FileState, PresignedPost
from portal.domain.ids import is_id, sortable_id
from portal.domain.limits import SINGLE_POST_BYTES
from portal.domain.names import content_type, safe_folder, safe_name
from portal.workflows.engine import Context, Stage, Workflow, drafted, record_with_change
from portal.workflows.services import Services

# One transaction holds 100 writes: a row and a record for each file, and the counters.
AT_ONCE = 40


@dataclass(frozen=True)
class Announced:
    """A file as a browser, or a person, names it. size: None where no script could tell it; sha256: of the
    whole, in hexadecimal, where the browser knows it.
    """

    name: str
    size: int | None
    folder: str = ""
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Reserve(Context):
    """redirect_to: the address a browser without scripts comes back to, with {file_id} in it.

    files, records, forms: one for each that was announced, in that order.
    """

    announced: tuple[Announced, ...]
    redirect_to: str = ""
    files: tuple[File, ...] = ()
    records: tuple[AuditRecord, ...] = ()
    forms: tuple[PresignedPost, ...] = ()


def the_number(context: Reserve, services: Services) -> Reserve:
    if not 1 <= len(context.announced) <= AT_ONCE:
        raise Invalid(
            words("Name between 1 and %(most)s files at once."),
            field="files", reason="files_number", values={"most": AT_ONCE},
        )  # fmt: skip
    return context


def the_names(context: Reserve, services: Services) -> Reserve:
    def named(each: Announced) -> Announced:
        return replace(each, name=safe_name(each.name), folder=safe_folder(each.folder))

    return each_of(context, named)


def the_sizes(context: Reserve, services: Services) -> Reserve:
    most = services.limits.max_file_bytes

    def sized(each: Announced) -> Announced:
        if each.size is not None and each.size < 1:
            raise Invalid(
                words("This file is empty. Choose one that has something in it."),
                reason="empty", field="size",
            )  # fmt: skip
        if each.size is not None and each.size > most:
            raise TooLarge(
                words("This file is larger than %(most_bytes)s, the most this portal takes at once."),
                field="size", values={"most_bytes": most},
            )  # fmt: skip
        return each

    return each_of(context, sized)


def each_of(context: Reserve, checked: Callable[[Announced], Announced]) -> Reserve:
    """Check each; a refusal says which one it means."""
    found = []
    for place, each in enumerate(context.announced):
        try:
            found.append(checked(each))
        except Refusal as refusal:
            refusal.told["file"] = place
            raise
    return replace(context, announced=tuple(found))


def the_files(context: Reserve, services: Services) -> Reserve:
    me, most = context.me, min(SINGLE_POST_BYTES, services.limits.max_file_bytes)
    files = [
        File(
            id=sortable_id(context.now), owner_id=me.id, owner_name=me.name, name=each.name,
            size=each.size or 0, most_bytes=0 if each.size else most,
            content_type=content_type(each.name), state=FileState.PENDING, created_at=context.now,
            folder=each.folder, sha256=each.sha256,
        )
        for each in context.announced
    ]  # fmt: skip
    return replace(context, files=tuple(files))


def record(context: Reserve, services: Services) -> Reserve:
    """A record for each file, written in the transaction that reserves them all."""
    made = [
        drafted(RESERVE, replace(context, about=each.id, details={"name": each.name}))
        for each in context.files
    ]
    return replace(context, records=tuple(made))


def sign_then_reserve(context: Reserve, services: Services) -> Reserve:
    """Signing first: it is local, and if it failed nothing would be reserved."""
    seconds = services.limits.upload_seconds
    forms = [
        services.objects.post_form(each, context.redirect_to.replace("{file_id}", each.id) or None, seconds)
        for each in context.files
    ]
    services.files.reserve(context.files, context.records)
    return replace(context, forms=tuple(forms))


RESERVE: Workflow[Reserve] = Workflow(
    "reserve",
    Action.UPLOAD_RESERVED,
    {
        Stage.VALIDATE: (the_number, the_names, the_sizes),
        Stage.IDENTIFY: (the_files,),
        Stage.AUDIT: (record,),
        Stage.PROCESS: (sign_then_reserve,),
    },
)


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
