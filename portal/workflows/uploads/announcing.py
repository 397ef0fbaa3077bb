"""Uploading begins: files are announced, all or none, and the browser gets what it needs to send them to S3.

signing.py signs what is needed in the meantime, completion.py takes in what came, cancelling.py gives it up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.errors import N_, Conflict, Invalid, Refusal
from portal.domain.files.file import File, FileState, PresignedPost
from portal.domain.files.names import content_type, make_safe_folder, make_safe_name
from portal.domain.ids import is_id, make_sortable_id
from portal.domain.people.permissions import Privilege
from portal.domain.policy import file_rules
from portal.domain.policy.limits import SINGLE_POST_BYTES, Limits
from portal.domain.policy.quotas import OverQuota
from portal.domain.uploads.parts import part_bytes
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow, draft_record

# One transaction holds 100 writes: a row and a record for each file, and the counters.
MAX_FILES_PER_REQUEST = 40


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
    """redirect_to: the address a browser without scripts comes back to, with {file_id} in it. once: what the
    announcement is known by when it is made again, since its answer may be lost; empty for none. draft_id:
    of the draft of a share that they are for; empty for none.

    files, records, forms: one for each that was announced, in that order; no form for what is sent in parts.
    """

    announced: tuple[Announced, ...]
    redirect_to: str = ""
    once: str = ""
    draft_id: str = ""
    files: tuple[File, ...] = ()
    records: tuple[AuditRecord, ...] = ()
    forms: tuple[PresignedPost | None, ...] = ()


def check_draft(context: Reserve, services: Services) -> Reserve:
    if context.draft_id and not is_id(context.draft_id):
        raise Invalid(N_("Name a draft by its id."), field="draft_id", reason="draft_id")
    return context


def check_count(context: Reserve, services: Services) -> Reserve:
    if not 1 <= len(context.announced) <= MAX_FILES_PER_REQUEST:
        raise Invalid(
            N_("Name between 1 and %(most)s files at once."),
            field="files", reason="files_number", params={"most": MAX_FILES_PER_REQUEST},
        )  # fmt: skip
    return context


def parse_names(context: Reserve, services: Services) -> Reserve:
    def parse_name(each: Announced) -> Announced:
        name, folder = make_safe_name(each.name), make_safe_folder(each.folder)
        file_rules.check_kind(name, services.limits)
        return replace(each, name=name, folder=folder)

    return check_each(context, parse_name)


def check_sizes(context: Reserve, services: Services) -> Reserve:
    def check_size(each: Announced) -> Announced:
        if each.size is not None and each.size < 1:
            raise Invalid(
                N_("This file is empty. Choose one that has something in it."),
                reason="empty", field="size",
            )  # fmt: skip
        file_rules.check_size(each.size or 0, services.limits)
        return each

    return check_each(context, check_size)


def check_each(context: Reserve, checked: Callable[[Announced], Announced]) -> Reserve:
    """Check each; a refusal says which one it means."""
    found = []
    for place, each in enumerate(context.announced):
        try:
            found.append(checked(each))
        except Refusal as refusal:
            refusal.extensions["file"] = place
            raise
    return replace(context, announced=tuple(found))


def limit_unmeasured(context: Reserve, services: Services) -> int:
    """The most that a file may have whose size nobody can tell: what one POST takes, or what is left."""
    most = min(SINGLE_POST_BYTES, services.limits.max_file_bytes)
    if all(each.size for each in context.announced):
        return most
    room = services.quotas.get_allowance(context.me.id, services.limits)
    if room.bytes_left == 0:
        raise OverQuota(room, 1, 1)
    return most if room.bytes_left is None else min(most, room.bytes_left)


def draft_files(context: Reserve, services: Services) -> Reserve:
    me, limits = context.me, services.limits
    most = limit_unmeasured(context, services)
    files = [
        File(
            id=make_sortable_id(context.now), owner_id=me.id, owner_name=me.name, name=each.name,
            size=each.size or 0, most_bytes=0 if each.size else most,
            content_type=content_type(each.name), state=FileState.PENDING, created_at=context.now,
            folder=each.folder, sha256=each.sha256,
            part_bytes=choose_part_size(each.size or 0, limits), reserved_bytes=each.size or most,
            scan_required=limits.scan_required,
            keep_days=limits.file_days,
            draft_id=context.draft_id,
        )
        for each in context.announced
    ]  # fmt: skip
    return replace(context, files=tuple(files))


def choose_part_size(size: int, limits: Limits) -> int:
    """How large the parts of a file of this size are; 0 for one that is sent in one piece."""
    return part_bytes(size, limits.part_bytes) if size > limits.post_bytes else 0


def record(context: Reserve, services: Services) -> Reserve:
    """A record for each file, written in the transaction that reserves them all."""
    made = [
        draft_record(RESERVE, replace(context, about=each.id, details={"name": each.name}))
        for each in context.files
    ]
    return replace(context, records=tuple(made))


def sign_then_reserve(context: Reserve, services: Services) -> Reserve:
    """Signing first: it is local, and if it failed nothing would be reserved."""
    forms = sign_forms(context, context.files, services)
    reserved = services.files.reserve(context.files, context.records, services.limits, context.once)
    if reserved is None:
        raise describe_over_quota(context.files, services)
    if [each.id for each in reserved] == [each.id for each in context.files]:
        return replace(context, forms=forms)
    known = get_announced_before(reserved, context.files)
    return replace(context, files=known, forms=sign_forms(context, known, services))


def sign_forms(
    context: Reserve, files: Sequence[File], services: Services
) -> tuple[PresignedPost | None, ...]:
    back, seconds = context.redirect_to, services.limits.upload_seconds
    return tuple(
        None
        if each.part_bytes
        else services.objects.post_form(each, back.replace("{file_id}", each.id) or None, seconds)
        for each in files
    )


def get_announced_before(known: Sequence[File], files: Sequence[File]) -> tuple[File, ...]:
    """What an earlier call announced, if it was the same and nothing became of it yet."""
    if not known or any(each.state is not FileState.PENDING for each in known):
        ended = Conflict(N_("This upload has ended. Upload the file again."), reason="finished")
        ended.extensions["file_ids"] = [each.id for each in known]
        raise ended
    if [identity_of(each) for each in known] != [identity_of(each) for each in files]:
        raise Conflict(
            N_("Something else was announced with this key before. Send another key."),
            reason="another_announcement",
        )
    return tuple(known)


def identity_of(file: File) -> tuple[str, str, int, str]:
    return file.name, file.folder, file.size, file.sha256


def describe_over_quota(files: Sequence[File], services: Services) -> OverQuota:
    room = services.quotas.get_allowance(files[0].owner_id, services.limits)
    return OverQuota(room, len(files), sum(each.reserved_bytes for each in files))


RESERVE: Workflow[Reserve] = Workflow(
    "reserve",
    Action.UPLOAD_RESERVED,
    {
        Stage.VALIDATE: (check_draft, check_count, parse_names, check_sizes),
        Stage.IDENTIFY: (draft_files,),
        Stage.AUDIT: (record,),
        Stage.PROCESS: (sign_then_reserve,),
    },
    Audit.OWN,
    needs=Privilege.UPLOAD,
)
