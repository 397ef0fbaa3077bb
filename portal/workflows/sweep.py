"""What time asks for, once a minute: mails, files whose time has come, accounts that are closing (R38, R39).

Each piece is safe to run twice and to be killed anywhere: what was not finished is still due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from portal.domain.audit import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.files import File, FileState
from portal.workflows.account import remove_closed
from portal.workflows.cancelling import give_up
from portal.workflows.completion import complete_by_event
from portal.workflows.engine import kept_apart
from portal.workflows.files import erase
from portal.workflows.mail import send_due
from portal.workflows.reminders import remind_due
from portal.workflows.services import Services

log = logging.getLogger(__name__)
BATCH = 25
LEAST_SECONDS = 10.0  # with less time left nothing new is begun


def sweep(services: Services, seconds_left: Callable[[], float]) -> None:
    """Everything that is due, as far as the time goes. One part failing does not keep the others from
    running.
    """
    for part in (remind_due, send_due, files_due, remove_closed, stray_parts, level_quotas):
        try:
            part(services, seconds_left)
        except Unavailable:
            log.warning("a part of the sweep was put off", extra={"part": part.__name__})
        except Exception:
            log.exception("a part of the sweep failed", extra={"part": part.__name__})


def files_due(services: Services, seconds_left: Callable[[], float]) -> int:
    """Files whose time has come; returns how many were dealt with."""
    dealt = 0
    for file in services.files.due(services.clock(), BATCH):
        if seconds_left() < LEAST_SECONDS:
            break
        with kept_apart("file"):
            DUE[file.state](file, services)
            dealt += 1
    return dealt


def never_came(file: File, services: Services) -> None:
    """An upload announced a day ago. If its object is there after all, it is taken in; one whose parts still
    come is looked at again a day after the newest (R38); else all of it goes (I3).
    """
    if file.state is FileState.PENDING:
        complete_by_event(file.key, services)
    now = services.files.get(file.owner_id, file.id)
    if now and now.state is FileState.REJECTED:
        services.objects.remove(now.key)
        services.files.forget(now, record(Action.UPLOAD_CANCELLED, now, services))
    elif now and now.state is FileState.PENDING and not still_comes(now, services):
        give_up(now, record(Action.UPLOAD_CANCELLED, now, services), services)


def still_comes(file: File, services: Services) -> bool:
    """Whether a part came within the last day: then the upload is slow, and alive."""
    parts = services.parts.found(file) if file.upload_id else None
    newest = max((each.modified_at for each in parts or []), default=file.created_at)
    until = newest + timedelta(hours=services.limits.pending_hours)
    return until > services.clock() and services.files.hold(file, until)


def stray_parts(services: Services, seconds_left: Callable[[], float]) -> None:
    """Once an hour: parts whose upload no row names. A crash between two calls can leave some, and so can a
    part that arrived while its upload was being cancelled (I3).
    """
    now = services.clock()
    if now.minute:
        return
    old = now - timedelta(hours=services.limits.pending_hours)
    for each in services.parts.begun_before(old):
        if seconds_left() < LEAST_SECONDS:
            return
        _, owner_id, file_id = each.key.split("/")
        file = services.files.get(owner_id, file_id)
        if file is None or file.state is not FileState.PENDING or file.upload_id not in {"", each.upload_id}:
            services.parts.abandon(each.key, each.upload_id)


def level_quotas(services: Services, seconds_left: Callable[[], float]) -> None:
    services.quotas.level()


def lifetime_over(file: File, services: Services) -> None:
    """Past its lifetime a file goes to the trash, from where its owner can still bring it back.

    Read again: the list of what is due runs behind, and a share made just now may have prolonged the file.
    """
    now, known = services.clock(), services.files.get(file.owner_id, file.id)
    if known and known.state is FileState.READY and known.keep_until and known.keep_until <= now:
        purge_at = now + timedelta(days=services.limits.trash_days)
        services.files.trash(known, now, purge_at, record(Action.FILE_TRASHED, known, services))


def grace_over(file: File, services: Services) -> None:
    """Past its grace a file is removed for good."""
    erase(file, record(Action.FILE_PURGED, file, services), services)


DUE: dict[FileState, Callable[[File, Services], None]] = {
    FileState.PENDING: never_came,
    FileState.REJECTED: never_came,
    FileState.READY: lifetime_over,
    FileState.TRASHED: grace_over,
    FileState.PURGED: grace_over,
}


def record(action: Action, file: File, services: Services) -> AuditRecord:
    made = AuditRecord(at=services.clock(), action=action, actor=PORTAL, about=file.id, workflow="sweep")
    return replace(made, details={"name": file.name})
