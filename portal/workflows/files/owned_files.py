"""What becomes of a file: rename, keep longer, copy, delete, bring back, remove for good. Whose doing it may
be is in permissions.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.errors import N_, Conflict, Invalid, NotFound, Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.files.names import content_type, extension_of, make_safe_name, split
from portal.domain.ids import derive_id, is_id
from portal.domain.people.permissions import Permission, Privilege, may, require
from portal.domain.policy import file_rules
from portal.domain.policy.limits import SINGLE_POST_BYTES, Limits
from portal.domain.shares.share import Share
from portal.engine.owner_limits import get_owner_limits
from portal.engine.services import Services
from portal.engine.workflow import (
    Context,
    Stage,
    Step,
    Workflow,
    draft_record,
    run,
)
from portal.workflows.links.download import SCAN_REFUSALS
from portal.workflows.uploads.announcing import describe_over_quota
from portal.workflows.uploads.completion import COMPLETE, Complete

LISTED_AT_ONCE = 100  # shares read in one call


@dataclass(frozen=True, kw_only=True)
class ChangeFile(Context):
    """name: the new one, for renaming; days, hours: for keeping; submission_id: of the form, for copying
    once. shared_until: when the last of its open shares ends.
    """

    file_id: str
    name: str = ""
    days: int = 0
    hours: int = 0
    submission_id: str = ""
    file: File | None = None
    shared_until: datetime | None = None

    @property
    def life(self) -> timedelta:
        return timedelta(days=self.days, hours=self.hours)

    @property
    def required_file(self) -> File:
        if self.file is None:
            raise RuntimeError("the file is found first")
        return self.file


def parse_name(context: ChangeFile, services: Services) -> ChangeFile:
    return replace(context, name=make_safe_name(context.name))


def check_new_kind(context: ChangeFile, services: Services) -> ChangeFile:
    """A file keeps the kind that it was uploaded with; only a new one is asked about."""
    if extension_of(context.name) != extension_of(context.required_file.name):
        file_rules.check_kind(context.name, services.limits)
    return context


def check_days(context: ChangeFile, services: Services) -> ChangeFile:
    file_rules.check_life(context.life, find_limits(context, services))
    return context


def find_limits(context: ChangeFile, services: Services) -> Limits:
    """Those of the file's owner, whoever changes it."""
    owner_id = context.required_file.owner_id
    is_own = may(context.me, Permission.USE_FILE, owner_id)
    return services.limits if is_own else get_owner_limits(owner_id, services)


def check_submission(context: ChangeFile, services: Services) -> ChangeFile:
    if not is_id(context.submission_id):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="submission")
    return context


def find_file(permission: Permission, *states: FileState) -> Step[ChangeFile]:
    """The step that finds a file in one of these states; what is not theirs to do this with is not there
    (R11).
    """

    def find(context: ChangeFile, services: Services) -> ChangeFile:
        file = services.files.find(context.file_id)
        if file is None:
            raise NotFound()
        require(context.me, permission, file.owner_id)
        named = replace(
            context, file=file, about=file.id, details={"name": file.name, **describe_change(context)}
        )
        if file.state not in states:
            raise Conflict(N_("This is not possible with %(name)s as it is now."), params={"name": file.name})
        return named

    return find


def describe_change(context: ChangeFile) -> dict[str, str]:
    said = {"new_name": context.name, "days": str(context.days or ""), "hours": str(context.hours or "")}
    return {name: text for name, text in said.items() if text}


def require_clean(context: ChangeFile, services: Services) -> ChangeFile:
    closed = context.required_file.scan_closed
    if closed:
        raise SCAN_REFUSALS[closed]()
    return context


def check_copy_size(context: ChangeFile, services: Services) -> ChangeFile:
    """S3 copies in one call up to 5 GiB; more would take longer than a function may run."""
    if context.required_file.size > SINGLE_POST_BYTES:
        raise Conflict(
            N_("A file of more than %(most_bytes)s cannot be copied. Upload it again instead."),
            reason="too_large_to_copy", params={"most_bytes": SINGLE_POST_BYTES},
        )  # fmt: skip
    return context


def check_upload_rules(context: ChangeFile, services: Services) -> ChangeFile:
    """A copy is a new file: what may not be uploaded any more is not copied either."""
    file_rules.check_kind(context.required_file.name, services.limits)
    file_rules.check_size(context.required_file.size, services.limits)
    return context


def check_open_shares(context: ChangeFile, services: Services) -> ChangeFile:
    """A lifetime may not end while a share still gives the file out. The file knows the latest end there ever
    was; only where that is too late, its shares are asked, since one may have been withdrawn or shortened.
    """
    until, latest = context.now + context.life, context.required_file.shared_until
    if context.required_file.shares or (latest and latest > until):
        open_shares = (
            each for each in iterate_shares(context.required_file, services) if each.is_open(context.now)
        )
        latest = max((each.expires_at for each in open_shares), default=None)
    if latest and latest > until:
        raise Conflict(
            N_("A share of this file expires later. Withdraw it first, or keep the file longer."),
            reason="shared_longer",
        )
    return replace(context, shared_until=latest)


def iterate_shares(file: File, services: Services) -> Iterator[Share]:
    """Every share of a file, also those of before they were listed by time."""
    older = sorted(file.shares)
    for start in range(0, len(older), LISTED_AT_ONCE):
        yield from services.shares.get_many(older[start : start + LISTED_AT_ONCE])
    cursor = None
    while True:
        page = services.file_shares.list_page(file.id, cursor, LISTED_AT_ONCE)
        yield from services.shares.get_many(page.items)
        cursor = page.next
        if cursor is None:
            return


def rename(context: ChangeFile, services: Services) -> ChangeFile:
    if context.name == context.required_file.name:
        return context
    return require_done(
        context, services.files.rename(context.required_file, context.name, context.required_record)
    )


def keep(context: ChangeFile, services: Services) -> ChangeFile:
    file, until = context.required_file, context.now + context.life
    kept = services.file_shares.keep(file, until, context.shared_until, context.required_record)
    return require_done(context, kept)


def copy(context: ChangeFile, services: Services) -> ChangeFile:
    """Announce, copy, take in, like an upload: killed anywhere, the sweep finishes or removes it."""
    target = copy_of(context, services.limits)
    known = services.files.get(target.owner_id, target.id)
    if known is None:
        copied = replace(draft_record(COPY, context), about=target.id)
        if not services.files.reserve([target], [copied], services.limits):
            raise describe_over_quota([target], services)
    if known is None or known.state is FileState.PENDING:
        with suppress(Unavailable):  # S3 goes on with a large one; its event takes the copy in
            services.objects.copy(context.required_file, target)
        request = replace(context.request, principal=None)  # like the event that tells of the copy
        taken_in = Complete(request, owner_id=target.owner_id, file_id=target.id)
        known = run(COMPLETE, taken_in, services).file
    return replace(context, file=known)


def copy_of(context: ChangeFile, limits: Limits) -> File:
    """The copy to be: the same form twice is the same copy, since its id comes from the submission."""
    source = context.required_file
    stem, extension = split(source.name)
    name = make_safe_name(f"{stem} (copy){extension}")
    return File(
        id=derive_id("copy", source.id, context.submission_id), owner_id=source.owner_id, name=name,
        owner_name=source.owner_name, size=source.size, content_type=content_type(name),
        state=FileState.PENDING, created_at=context.now, folder=source.folder, sha256=source.sha256,
        sha256_confirmed=source.sha256_confirmed, reserved_bytes=source.size, keep_days=limits.file_days,
        scan_required=source.scan_required or limits.scan_required,
    )  # fmt: skip


def move_to_trash(context: ChangeFile, services: Services) -> ChangeFile:
    """Out of sight, and out of every share in the same instant: a download is conditional on the file being
    ready.
    """
    if context.required_file.state is FileState.TRASHED:
        return context
    purge_at = context.now + timedelta(days=find_limits(context, services).trash_days)
    return require_done(
        context, services.files.trash(context.required_file, context.now, purge_at, context.required_record)
    )


def restore(context: ChangeFile, services: Services) -> ChangeFile:
    if context.required_file.state is FileState.READY:
        return context
    least = context.now + timedelta(days=find_limits(context, services).file_days)
    until = max(context.required_file.keep_until or least, context.required_file.shared_until or least, least)
    return require_done(
        context, services.files.restore(context.required_file, until, context.required_record)
    )


def purge(context: ChangeFile, services: Services) -> ChangeFile:
    erase(context.required_file, draft_record(PURGE, context), services)
    return context


def erase(file: File, record: AuditRecord, services: Services) -> None:
    """Out of Restore's reach, then the bytes, then the row: a row that is left is due, and the sweep goes on.

    A file that was brought back in the meantime keeps its bytes.
    """
    if services.files.mark_purged(file, record):
        services.objects.remove(file.key)
        services.file_shares.forget(file.id)
        services.files.purge(file, replace(record, trust=None))  # begun in time, it is finished


def require_done(context: ChangeFile, done: bool) -> ChangeFile:
    if not done:
        raise Conflict()
    return context


def make_workflow(
    name: str, action: Action, states: tuple[FileState, ...], process: Step[ChangeFile],
    validate: tuple[Step[ChangeFile], ...] = (), authorize: tuple[Step[ChangeFile], ...] = (),
    needs: Privilege = Privilege.UPLOAD,
    permission: Permission = Permission.USE_FILE,
) -> Workflow[ChangeFile]:  # fmt: skip
    """A workflow on one file, its record written in the transaction of its change."""
    return Workflow(
        name,
        action,
        {
            Stage.VALIDATE: validate,
            Stage.IDENTIFY: (find_file(permission, *states),),
            Stage.AUTHORIZE: authorize,
            Stage.PROCESS: (process,),
        },
        needs=needs,
    )


READY, TRASHED = FileState.READY, FileState.TRASHED
KEEPING, DELETE = Permission.KEEP_FILE, Privilege.DELETE
RENAME = make_workflow("rename", Action.FILE_RENAMED, (READY,), rename, (parse_name,), (check_new_kind,))
KEEP = make_workflow(
    "keep", Action.FILE_KEPT, (READY,), keep, (), (check_days, check_open_shares), permission=KEEPING
)
TRASH = make_workflow(
    "trash", Action.FILE_TRASHED, (READY, TRASHED), move_to_trash, needs=DELETE, permission=KEEPING
)
RESTORE = make_workflow(
    "restore", Action.FILE_RESTORED, (READY, TRASHED), restore, needs=DELETE, permission=KEEPING
)
COPY = make_workflow(
    "copy", Action.FILE_COPIED, (READY,), copy, (check_submission,),
    (require_clean, check_copy_size, check_upload_rules),
)  # fmt: skip
PURGE = make_workflow("purge", Action.FILE_PURGED, (TRASHED, FileState.PURGED), purge, needs=DELETE)
