"""What administrators do with a file that the malware scan keeps closed: have it scanned again, let it pass,
or remove it (R36).

Nobody lets a file pass alone. One administrator asks for it with a reason, and another one, who sees it,
confirms it with a reason of their own; each is one transaction with its record, and the same person is
refused in the condition of the second as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Forbidden, Invalid, NotFound
from portal.domain.files.file import File, FileState
from portal.domain.files.scans import Marks, ReleaseRequest, ScanCase, ScanState
from portal.domain.mail.email_message import plain_line
from portal.domain.people.permissions import Privilege
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Step, Workflow
from portal.workflows.files.owned_files import erase
from portal.workflows.files.scan_results import send_held_invitations

MAX_REASON_CHARACTERS = 500


class SameAdministrator(Forbidden):
    reason = "same_administrator"
    message = N_("You asked for this release yourself. Another administrator has to confirm it.")


@dataclass(frozen=True, kw_only=True)
class OnCase(Context):
    """reason: why someone asks or confirms; seen: when what they saw was asked for, as the page named it."""

    file_id: str
    reason: str = ""
    seen: str = ""
    found: tuple[File, ScanCase] | None = None

    @property
    def file_and_case(self) -> tuple[File, ScanCase]:
        if self.found is None:
            raise RuntimeError("the case is found first")
        return self.found


def parse_reason(context: OnCase, services: Services) -> OnCase:
    reason = plain_line(context.reason).strip()
    if not reason:
        raise Invalid(
            N_("Say why, for whoever looks at this later."), field="reason", reason="reason_missing"
        )
    if len(reason) > MAX_REASON_CHARACTERS:
        raise Invalid(
            N_("Use at most %(most)s characters."), field="reason", reason="reason_long",
            params={"most": MAX_REASON_CHARACTERS},
        )  # fmt: skip
    return replace(context, reason=reason)


def find_case(context: OnCase, services: Services) -> OnCase:
    """What is closed no more, or gone, is not in quarantine."""
    found = services.scans.get_with_case(context.file_id)
    if found is None or not found[0].is_quarantined:
        raise NotFound()
    file, case = found
    if (case.state, case.version_id) != (file.scan_state, file.version_id):
        raise Conflict()
    details = {"name": file.name, "result": case.reason or str(case.state)}
    details |= {"why": context.reason} if context.reason else {}
    return replace(context, found=found, about=file.id, details=details)


def require_not_asked(context: OnCase, services: Services) -> OnCase:
    if context.file_and_case[1].release:
        raise Conflict(N_("The release of this file is asked for already."), reason="release_asked")
    return context


def require_asked(context: OnCase, services: Services) -> OnCase:
    """As the page showed it, so that nobody confirms what they have not read."""
    asked = context.file_and_case[1].release
    if asked is None or asked.at.isoformat() != context.seen:
        raise Conflict()
    return replace(context, details={**context.details, "asked_by": asked.by_name})


def require_another(context: OnCase, services: Services) -> OnCase:
    asked = context.file_and_case[1].release
    if asked and asked.by_id == context.me.id:
        raise SameAdministrator()
    return context


def ask(context: OnCase, services: Services) -> OnCase:
    request = ReleaseRequest(context.me.id, context.me.name, context.reason, context.now)
    done = services.scans.ask_release(context.file_and_case[1], request, context.required_record)
    return require_done(context, done=done)


def decline(context: OnCase, services: Services) -> OnCase:
    done = services.scans.decline_release(context.file_and_case[1], context.required_record)
    return require_done(context, done=done)


def release(context: OnCase, services: Services) -> OnCase:
    """The tag first: were it last, the bucket could refuse addresses that the portal gives out. Where the
    transaction says no, it is taken back, and until then the portal itself gives out none.
    """
    file, case = context.file_and_case
    marks = [Marks.RELEASED, *([Marks.THREATS_RELEASED] if case.state is ScanState.THREAT else [])]
    services.scanner.mark_released(file.key, file.version_id)
    if services.scans.release(file, case, marks, context.me.id, context.required_record):
        return replace(context, found=(file.with_marks(file.version_id, marks), case))
    now = services.files.find(file.id)
    if now is None or now.scan_state is not ScanState.RELEASED:
        services.scanner.unmark_released(file.key, file.version_id)
    raise Conflict()


def send_what_waited(context: OnCase, services: Services) -> OnCase:
    send_held_invitations(context.file_and_case[0], services)
    return context


def scan_again(context: OnCase, services: Services) -> OnCase:
    """On record first: what the scanner says comes as any other result does."""
    file, case = context.file_and_case
    look_at = context.now + timedelta(minutes=services.limits.scan_minutes)
    require_done(context, done=services.scans.note_rescan(case, look_at, context.required_record))
    if not services.scanner.scan(file.key, file.version_id):
        raise Conflict(
            N_("The scanner does not take this file: it may be too large, or scanning may be switched off."),
            reason="scan_refused",
        )
    return context


def remove(context: OnCase, services: Services) -> OnCase:
    """Through the trash, as its owner would: a kill in between leaves it there, due at once."""
    (file, _), now, record = context.file_and_case, context.now, context.required_record
    if file.state is FileState.READY:
        trashed = services.files.trash(file, now, now, replace(record, action=Action.FILE_TRASHED))
        require_done(context, done=trashed)
    erase(replace(file, state=FileState.TRASHED), record, services)
    return context


def require_done(context: OnCase, *, done: bool) -> OnCase:
    if not done:
        raise Conflict()
    return context


def make_workflow(
    name: str, action: Action, process: Step[OnCase], authorize: tuple[Step[OnCase], ...] = (),
    validate: tuple[Step[OnCase], ...] = (), notify: tuple[Step[OnCase], ...] = (),
) -> Workflow[OnCase]:  # fmt: skip
    stages = {
        Stage.VALIDATE: validate,
        Stage.IDENTIFY: (find_case,),
        Stage.AUTHORIZE: authorize,
        Stage.PROCESS: (process,),
        Stage.NOTIFY: notify,
    }
    return Workflow(name, action, stages, needs=Privilege.ADMINISTER)


RESCAN = make_workflow("rescan", Action.SCAN_AGAIN, scan_again)
ASK_RELEASE = make_workflow(
    "ask_release", Action.RELEASE_ASKED, ask, (require_not_asked,), validate=(parse_reason,)
)
CONFIRM_RELEASE = make_workflow(
    "confirm_release", Action.FILE_RELEASED, release, (require_asked, require_another),
    validate=(parse_reason,), notify=(send_what_waited,),
)  # fmt: skip
DECLINE_RELEASE = make_workflow("decline_release", Action.RELEASE_DECLINED, decline, (require_asked,))
DELETE_QUARANTINED = make_workflow("delete_quarantined", Action.FILE_PURGED, remove)
