"""What an owner does with a file: rename, keep longer, copy, delete, bring back, remove for good."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from portal.domain.audit import Action, AuditRecord
from portal.domain.errors import Conflict, Invalid, NotFound, Unavailable, words
from portal.domain.files import File, FileState
from portal.domain.ids import derived_id, is_id
from portal.domain.limits import SINGLE_POST_BYTES
from portal.domain.names import content_type, safe_name, split
from portal.workflows.completion import COMPLETE, Complete
from portal.workflows.engine import (
    Context,
    Stage,
    Step,
    Workflow,
    drafted,
    record_with_change,
    run,
)
from portal.workflows.services import Services
from portal.workflows.upload import over_quota

KEEP_DAYS = (7, 30, 90, 180, 365)


@dataclass(frozen=True, kw_only=True)
class ChangeFile(Context):
    """name: the new one, for renaming; days: for keeping; submission_id: of the form, for copying once."""

    file_id: str
    name: str = ""
    days: int = 0
    submission_id: str = ""
    file: File | None = None

    @property
    def mine(self) -> File:
        if self.file is None:
            raise RuntimeError("the file is found first")
        return self.file


def the_name(context: ChangeFile, services: Services) -> ChangeFile:
    return replace(context, name=safe_name(context.name))


def the_days(context: ChangeFile, services: Services) -> ChangeFile:
    if context.days not in KEEP_DAYS:
        raise Invalid(words("Choose one of the offered lifetimes."), field="days", reason="days")
    return context


def the_submission(context: ChangeFile, services: Services) -> ChangeFile:
    if not is_id(context.submission_id):
        raise Invalid(words("This form is incomplete. Open it again, please."), reason="submission")
    return context


def my_file(*states: FileState) -> Step[ChangeFile]:
    """The step that finds a file of one's own in one of these states; everything else is not there (R11)."""

    def found(context: ChangeFile, services: Services) -> ChangeFile:
        file = services.files.get(context.me.id, context.file_id) if is_id(context.file_id) else None
        if file is None:
            raise NotFound()
        named = replace(context, file=file, about=file.id, details={"name": file.name, **details(context)})
        if file.state not in states:
            raise Conflict(
                words("This is not possible with %(name)s as it is now."), values={"name": file.name}
            )
        return named

    return found


def details(context: ChangeFile) -> dict[str, str]:
    return {"new_name": context.name} if context.name else {"days": str(context.days)} if context.days else {}


def small_enough(context: ChangeFile, services: Services) -> ChangeFile:
    """S3 copies in one call up to 5 GiB; more would take longer than a function may run."""
    if context.mine.size > SINGLE_POST_BYTES:
        raise Conflict(
            words("A file of more than %(most_bytes)s cannot be copied. Upload it again instead."),
            reason="too_large_to_copy", values={"most_bytes": SINGLE_POST_BYTES},
        )  # fmt: skip
    return context


def outlives_its_shares(context: ChangeFile, services: Services) -> ChangeFile:
    """A lifetime may not end while a share still gives the file out."""
    until = context.now + timedelta(days=context.days)
    shares = services.shares.several(sorted(context.mine.shares, reverse=True)[:100])
    if any(share.is_open(context.now) and share.expires_at > until for share in shares):
        raise Conflict(
            words("A share of this file is open for longer. Withdraw it first, or keep the file longer."),
            reason="shared_longer",
        )
    return context


def rename(context: ChangeFile, services: Services) -> ChangeFile:
    if context.name == context.mine.name:
        return context
    return changed(context, services.files.rename(context.mine, context.name, context.made_record))


def keep(context: ChangeFile, services: Services) -> ChangeFile:
    until = context.now + timedelta(days=context.days)
    return changed(context, services.files.keep(context.mine, until, context.made_record))


def copy(context: ChangeFile, services: Services) -> ChangeFile:
    """Announce, copy, take in, like an upload: killed anywhere, the sweep finishes or removes it."""
    target = copy_of(context)
    known = services.files.get(target.owner_id, target.id)
    if known is None:
        copied = replace(drafted(COPY, context), about=target.id)
        if not services.files.reserve([target], [copied]):
            raise over_quota([target], services)
    if known is None or known.state is FileState.PENDING:
        with suppress(Unavailable):  # S3 goes on with a large one; its event takes the copy in
            services.objects.copy(context.mine, target)
        taken_in = Complete(
            now=context.now, actor=context.actor, owner_id=target.owner_id, file_id=target.id,
            request_id=context.request_id,
        )  # fmt: skip
        known = run(COMPLETE, taken_in, services).file
    return replace(context, file=known)


def copy_of(context: ChangeFile) -> File:
    """The copy to be: the same form twice is the same copy, since its id comes from the submission."""
    source = context.mine
    stem, extension = split(source.name)
    name = safe_name(f"{stem} (copy){extension}")
    return File(
        id=derived_id("copy", source.id, context.submission_id), owner_id=source.owner_id, name=name,
        owner_name=source.owner_name, size=source.size, content_type=content_type(name),
        state=FileState.PENDING, created_at=context.now, folder=source.folder, sha256=source.sha256,
        reserved_bytes=source.size,
    )  # fmt: skip


def trash(context: ChangeFile, services: Services) -> ChangeFile:
    """Out of sight, and out of every share in the same instant: a download is conditional on the file being
    ready.
    """
    if context.mine.state is FileState.TRASHED:
        return context
    purge_at = context.now + timedelta(days=services.limits.trash_days)
    return changed(context, services.files.trash(context.mine, context.now, purge_at, context.made_record))


def restore(context: ChangeFile, services: Services) -> ChangeFile:
    if context.mine.state is FileState.READY:
        return context
    least = context.now + timedelta(days=services.limits.file_days)
    until = max(context.mine.keep_until or least, least)
    return changed(context, services.files.restore(context.mine, until, context.made_record))


def purge(context: ChangeFile, services: Services) -> ChangeFile:
    erase(context.mine, drafted(PURGE, context), services)
    return context


def erase(file: File, record: AuditRecord, services: Services) -> None:
    """Out of Restore's reach, then the bytes, then the row: a row that is left is due, and the sweep goes on.

    A file that was brought back meanwhile keeps its bytes.
    """
    if services.files.doom(file, record.at):
        services.objects.remove(file.key)
        services.files.purge(file, record)


def changed(context: ChangeFile, done: bool) -> ChangeFile:
    if not done:
        raise Conflict()
    return context


def changing(
    name: str, action: Action, states: tuple[FileState, ...], process: Step[ChangeFile],
    validate: tuple[Step[ChangeFile], ...] = (), authorize: tuple[Step[ChangeFile], ...] = (),
) -> Workflow[ChangeFile]:  # fmt: skip
    """A workflow on one file of one's own, its record written in the transaction of its change."""
    return Workflow(
        name,
        action,
        {
            Stage.VALIDATE: validate,
            Stage.IDENTIFY: (my_file(*states),),
            Stage.AUTHORIZE: authorize,
            Stage.AUDIT: (record_with_change(name, action),),
            Stage.PROCESS: (process,),
        },
    )


READY, TRASHED = FileState.READY, FileState.TRASHED
RENAME = changing("rename", Action.FILE_RENAMED, (READY,), rename, validate=(the_name,))
KEEP = changing("keep", Action.FILE_KEPT, (READY,), keep, (the_days,), (outlives_its_shares,))
TRASH = changing("trash", Action.FILE_TRASHED, (READY, TRASHED), trash)
RESTORE = changing("restore", Action.FILE_RESTORED, (READY, TRASHED), restore)
COPY = changing("copy", Action.FILE_COPIED, (READY,), copy, (the_submission,), (small_enough,))
PURGE = changing("purge", Action.FILE_PURGED, (TRASHED, FileState.PURGED), purge)
