"""What time asks for, once a minute: emails, files whose time has come, accounts that are closing (R38, R39).

Each piece is safe to run twice and to be killed anywhere: what was not finished is still due. Each part has
its own time, and how long the oldest of each kind has been due is a metric (R77).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.policy.legal_holds import Held
from portal.domain.uploads.parts import Begun
from portal.engine.budgets import MIN_REMAINING_SECONDS, iterate_in_time, run_in_turn
from portal.engine.owner_limits import get_owner_limits
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.files.owned_files import erase
from portal.workflows.files.scan_results import ask_for_results
from portal.workflows.mail.ending_files import EndingFiles, is_to_warn_of
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.mail.reminders import remind_due
from portal.workflows.people.account import remove_closed
from portal.workflows.people.handover import hand_over_due
from portal.workflows.policy.legal_holds import lock_held
from portal.workflows.shares.sending import send_due_drafts
from portal.workflows.shares.spreading import spread_due
from portal.workflows.upkeep.seal_log import seal_log
from portal.workflows.upkeep.service_state import report_age, report_state
from portal.workflows.upkeep.usage_tops import keep_tops
from portal.workflows.upkeep.write_data import write_data_exports
from portal.workflows.upkeep.write_exports import write_exports
from portal.workflows.uploads.cancelling import give_up
from portal.workflows.uploads.completion import complete_by_event, is_key_held
from portal.workflows.usage.running import run_reports
from portal.workflows.webhooks.announcing import announce_recent
from portal.workflows.webhooks.delivering import deliver_due

LOOK_AGAIN = timedelta(days=1)  # at what is on legal hold
HOURLY_STEP = 97  # a prime, so that the beginnings of an hour's round spread over any number of uploads


def sweep(services: Services, seconds_left: Callable[[], float]) -> None:
    """Everything that is due, as far as the time goes."""
    run_in_turn(PARTS, services, seconds_left)
    with suppress(Unavailable):
        report_state(services)


def sweep_files(services: Services, seconds_left: Callable[[], float]) -> int:
    """Files whose time has come; of those whose time comes soon the owners are warned. Returns how many were
    dealt with.
    """
    dealt, ending = 0, EndingFiles(services, seconds_left)
    for file in iterate_in_time(services.files.list_all_due(services.clock()), seconds_left):
        if is_to_warn_of(file, services):
            ending.add(file)
            dealt += 1
            continue
        with isolate_failures("file"):
            sweep_file(file, services)
            dealt += 1
    ending.warn_all()
    return dealt


def sweep_file(file: File, services: Services) -> None:
    """What is on legal hold is left as it is, and looked at again after a day."""
    try:
        DUE[file.state](file, services)
    except Held:
        services.files.put_off(file, services.clock() + LOOK_AGAIN)


def sweep_pending(file: File, services: Services) -> None:
    """An upload announced a day ago. If its object is there after all, it is taken in; one whose parts still
    come is looked at again a day after the newest (R38); else all of it goes (I3).
    """
    if file.state is FileState.PENDING:
        complete_by_event(file.key, services)
    now = services.files.find(file.id)
    if now is None or (now.state is FileState.PENDING and is_still_coming(now, services)):
        return
    if now.state in {FileState.PENDING, FileState.REJECTED}:
        give_up(now, record(Action.UPLOAD_CANCELLED, now, services), services)


def is_still_coming(file: File, services: Services) -> bool:
    """Whether a part came within the last day: then the upload is slow, and alive."""
    parts = services.parts.list_parts(file) if file.upload_id else None
    newest = max((each.modified_at for each in parts or []), default=file.created_at)
    until = newest + timedelta(hours=services.limits.pending_hours)
    return until > services.clock() and services.files.put_off(file, until)


def abort_stray_parts(services: Services, seconds_left: Callable[[], float]) -> None:
    """Once an hour: parts whose upload no row names. A crash between two calls can leave some, and so can a
    part that arrived while its upload was being cancelled (I3).
    """
    now = services.clock()
    if now.minute:
        return
    old = now - timedelta(hours=services.limits.pending_hours)
    begun = services.parts.list_begun_before(old)
    # Uploads that are alive are looked at each time: beginning elsewhere each hour, all have their turn.
    first = int(now.timestamp()) // 3600 * HOURLY_STEP % max(1, len(begun))
    waiting = deque([*begun[first:], *begun[:first]])
    while waiting and seconds_left() >= MIN_REMAINING_SECONDS:
        with isolate_failures("upload in parts"):
            abandon_stray(waiting.popleft(), services)
    oldest = min((each.begun_at for each in waiting), default=old)
    report_age("stray_parts", int((old - oldest).total_seconds()))


def abandon_stray(begun: Begun, services: Services) -> None:
    file = services.files.find_by_key(begun.key)
    if is_key_held(begun.key, services):
        return
    if file is None or file.state is not FileState.PENDING or file.upload_id not in {"", begun.upload_id}:
        services.parts.abort(begun.key, begun.upload_id)


def level_quotas(services: Services, seconds_left: Callable[[], float]) -> None:
    services.quotas.level()


PARTS = (
    send_due_drafts, spread_due,
    remind_due, ask_for_results, send_due, sweep_files, hand_over_due, lock_held, remove_closed,
    abort_stray_parts, level_quotas, seal_log, announce_recent, deliver_due, keep_tops, write_exports,
    write_data_exports, run_reports,
)  # fmt: skip


def end_lifetime(file: File, services: Services) -> None:
    """Past its lifetime a file goes to the trash, from where its owner can still bring it back.

    Read again: the list of what is due runs behind, and a share made just now may have prolonged the file.
    """
    now, known = services.clock(), services.files.find(file.id)
    if known and known.state is FileState.READY and known.keep_until and known.keep_until <= now:
        purge_at = now + timedelta(days=get_owner_limits(known.owner_id, services).trash_days)
        services.files.trash(known, now, purge_at, record(Action.FILE_TRASHED, known, services))


def purge_trashed(file: File, services: Services) -> None:
    """Past its grace a file is removed for good."""
    erase(file, record(Action.FILE_PURGED, file, services), services)


DUE: dict[FileState, Callable[[File, Services], None]] = {
    FileState.PENDING: sweep_pending,
    FileState.REJECTED: sweep_pending,
    FileState.READY: end_lifetime,
    FileState.TRASHED: purge_trashed,
    FileState.PURGED: purge_trashed,
}


def record(action: Action, file: File, services: Services) -> AuditRecord:
    made = AuditRecord(at=services.clock(), action=action, actor=PORTAL, about=file.id, workflow="sweep")
    return replace(made, details={"name": file.name})
