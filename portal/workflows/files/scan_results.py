"""What the malware scan says of a file is noted for good; what it closes is closed at once, its owner told,
and what waited for it goes on (R36).

Results come by event, twice, late, in any order and for old versions. One that got lost is asked for by the
schedule, at the tag that the scanner leaves on the version. Nothing that comes later opens what a threat
closed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.files.file import ANY_VERSION, File, FileState
from portal.domain.files.scans import MARKS, NO_RESULT, Marks, ScanCase, ScanResult, ScanState
from portal.domain.ids import derive_id
from portal.domain.mail.email_message import plain_line
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.engine.budgets import iterate_in_time
from portal.engine.metrics import Metric, emit
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.mail.mail_jobs import send_invitations

log = logging.getLogger(__name__)
NAMES, NAME_CHARACTERS = 5, 100  # of threats; a scanner's words
MAX_ATTEMPTS = 5  # how often a result is noted again that meets another one of the same file
SHARES_AT_ONCE = 30  # whose invitations go out with the result; the schedule sends any others
ACTIONS = {
    ScanState.CLEAN: Action.FOUND_CLEAN,
    ScanState.THREAT: Action.THREAT_FOUND,
    ScanState.UNSUPPORTED: Action.SCAN_UNSUPPORTED,
    ScanState.FAILED: Action.SCAN_FAILED,
}
NOTICES = {
    ScanState.THREAT: NotificationKind.THREAT,
    ScanState.UNSUPPORTED: NotificationKind.UNSCANNED,
    ScanState.FAILED: NotificationKind.UNSCANNED,
}


@dataclass(frozen=True)
class Noted:
    """A result that is to be noted of a file: under which marks, and what the file is by then."""

    file: File
    result: ScanResult
    version: str
    marks: tuple[Marks, ...]
    after: File

    @property
    def state(self) -> ScanState:
        state = self.result.state
        if state is None:
            raise RuntimeError("only known results are noted")
        return state

    @property
    def words(self) -> str:
        """Names of threats as one line; else the scanner's own word."""
        named = [plain_line(each)[:NAME_CHARACTERS] for each in self.result.threats[:NAMES]]
        return ", ".join(named) if self.state is ScanState.THREAT else self.result.status


def take_result(key: str, result: ScanResult, services: Services) -> bool:
    """Note what was found in an object. False where no file has this key, or it was noted before."""
    for _ in range(MAX_ATTEMPTS):
        file = services.files.find_by_key(key)
        noted = read_result(file, result, services) if file else None
        if noted is None:
            return False
        if note(noted, services):
            if noted.after.scan_required and noted.after.state is FileState.READY:
                send_held_invitations(noted.after, services)
            return True
    raise Unavailable()


def close_infected(key: str, version_id: str, threats: list[str], services: Services) -> bool:
    """Note that malware was found in an object."""
    return take_result(key, ScanResult("THREATS_FOUND", version_id, tuple(threats)), services)


def read_result(file: File, result: ScanResult, services: Services) -> Noted | None:
    """What is to be noted of a result; None where nothing is.

    A threat counts whoever names no version. Of an upload that was not taken in yet it is not known whether
    it is this version that is served: that it could not be scanned is found at its tag once it is.
    """
    state = result.state
    version = result.version_id or (ANY_VERSION if state is ScanState.THREAT else "")
    if state is None or not version:
        return None
    is_early = file.state is FileState.PENDING and state not in {ScanState.CLEAN, ScanState.THREAT}
    if is_early or version in getattr(file, MARKS[state]):
        return None
    marks = (MARKS[state], *([Marks.RELEASED] if lets_pass(file, state, version, services) else []))
    return Noted(file, result, version, marks, file.with_marks(version, marks))


def lets_pass(file: File, state: ScanState, version: str, services: Services) -> bool:
    """Whether the policy has a file given out that could not be scanned."""
    unscanned = state in {ScanState.UNSUPPORTED, ScanState.FAILED}
    is_served = version == file.version_id
    return unscanned and is_served and file.scan_required and services.limits.unscanned_allowed


def note(noted: Noted, services: Services) -> bool:
    file = noted.file
    if Marks.RELEASED in noted.marks:  # first, so that no address is given out that the bucket refuses
        services.scanner.mark_released(file.key, noted.version)
    details = {"name": file.name} | ({"threats": noted.words} if noted.state is ScanState.THREAT else {})
    if noted.state in {ScanState.UNSUPPORTED, ScanState.FAILED}:
        details |= {"result": noted.words} | ({"let": "yes"} if Marks.RELEASED in noted.marks else {})
    if noted.after.scan_closed and noted.after.scan_state is noted.state:
        emit({Metric.FILES_QUARANTINED: 1})  # an alarm has the administrators hear of it
    record = AuditRecord(
        services.clock(), ACTIONS[noted.state], PORTAL, file.id, workflow="scan", details=details
    )
    return services.scans.note(
        file, noted.version, noted.marks, open_case(noted, services), record, draft_notice(noted, services)
    )


def open_case(noted: Noted, services: Services) -> ScanCase | None:
    """What is open of a file's scan from now on; what was there before stays as it was known."""
    after = noted.after
    if (
        after.scan_closed is None or after.state is FileState.PENDING
    ):  # which gets its first one when it is ready
        return None
    known = services.scans.get_case(after.id)
    if known and (known.state, known.version_id) == (after.scan_state, after.version_id):
        return known
    return draft_case(after, noted.words if after.scan_state is noted.state else "", services)


def draft_case(file: File, reason: str, services: Services) -> ScanCase:
    now = services.clock()
    look_at = now + timedelta(minutes=services.limits.scan_minutes)
    return ScanCase(file.id, file.version_id, file.scan_state, now, reason, look_at)


def draft_notice(noted: Noted, services: Services) -> Notification | None:
    """To its owner, by the address known of them, where this result closed it; none where another version is
    served than this one.
    """
    file, version, kind = noted.file, noted.version, NOTICES.get(noted.state)
    is_closing = noted.after.scan_state is noted.state and noted.after.scan_closed
    if kind is None or not is_closing or (file.version_id and version not in {ANY_VERSION, file.version_id}):
        return None
    owner, now = services.people.get(file.owner_id), services.clock()
    if owner is None:
        log.warning("the owner of a closed file is not known", extra={"file": file.id})
        return None
    values = {"file": file.id, "name": file.name, "state": str(noted.state)}
    values |= {"threats": noted.words if noted.state is ScanState.THREAT else ""}
    return Notification(
        id=derive_id(kind, file.id, version), kind=kind, to=owner.address, share_id="", person_id=owner.id,
        created_at=now, mail=MailJob(due_at=now, changed_at=now), values=values,
    )  # fmt: skip


def send_held_invitations(file: File, services: Services) -> None:
    """Hand over the invitations that waited for this file, or end them where nothing is left to invite to.
    They are noted with the result already: should this fail, the schedule does it.
    """
    for share_id in services.file_shares.list_page(file.id, None, SHARES_AT_ONCE).items:
        with isolate_failures("share"):
            if found := services.shares.get_with_recipients(share_id):
                send_invitations(*found, services)


def ask_for_results(services: Services, seconds_left: Callable[[], float]) -> int:
    """Scans that nothing was heard of in time: what their tags say; returns how many were looked at."""
    looked = 0
    for case in iterate_in_time(services.scans.list_all_due(services.clock()), seconds_left):
        with isolate_failures("scan"):
            ask_for_result(case, services)
            looked += 1
    return looked


def ask_for_result(case: ScanCase, services: Services) -> None:
    file = services.files.find(case.file_id)
    if file is None or file.scan_closed is None or file.version_id != case.version_id:
        services.scans.replace_case(case, None)
        return
    if file.scan_state is not case.state:  # the result came while the upload was taken in
        services.scans.replace_case(case, draft_case(file, "", services))
        return
    now, version, waits = services.clock(), case.version_id, case.state is ScanState.WAITING
    status = services.scanner.read_status(file.key, version)
    if waits and not status and now >= case.since + timedelta(hours=services.limits.scan_hours):
        status = NO_RESULT
    if take_result(file.key, ScanResult(status, version), services):
        return
    if waits:
        services.scans.put_off(case, now + timedelta(minutes=services.limits.scan_minutes))
    else:
        services.scans.end_looking(case)
