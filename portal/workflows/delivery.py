"""One mail: claim its job, hand it over, note what came of it. One way for every kind (R52-R54)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from portal.domain.audit import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.letters import Letter, MailRefused
from portal.domain.notices import Notice
from portal.domain.shares import MailJob, MailState, Recipient, Share
from portal.domain.suppression import SUPPRESSED, hold
from portal.workflows.known_addresses import note_mail
from portal.workflows.notices import not_arrived
from portal.workflows.services import Services

log = logging.getLogger(__name__)

# After the n-th try that failed for now, wait so many seconds; after the last one give up and say so.
BACKOFF_SECONDS = (30, 60, 120, 300, 600, 600, 600, 600, 600, 600)
LEASE_SECONDS = 60  # longer than the longest SendEmail with its retries
SETTLED = {MailState.SENT: Action.MAIL_SENT, MailState.FAILED: Action.MAIL_FAILED,
           MailState.HELD: Action.MAIL_HELD}  # fmt: skip


def deliver(
    what: Recipient | Notice, write: Callable[[], Letter], services: Services, share: Share | None = None
) -> MailState:
    """Claim, send, settle. Returns what the job came to: SENT, FAILED or HELD for good, QUEUED to be tried
    again later; SKIPPED where somebody else has it. share: whose owner hears of an invitation that failed.
    """
    now = services.clock()
    if not services.outbox.claim(what, now, LEASE_SECONDS):
        return MailState.SKIPPED
    tried = replace(what.mail, tries=what.mail.tries + 1, changed_at=now)
    job = handed_over(tried, what.address, write, services)
    action = SETTLED.get(job.state)
    notices = tuple[Notice, ...]()
    if share and isinstance(what, Recipient):
        notices = not_arrived(share, what, job, now)
        note_mail(share, what, job.state, services)
    told = record(action, what, now, job.problem) if action else None
    services.outbox.settle(what, job, told, notices, hold(what.address, job, now))
    return job.state


def handed_over(job: MailJob, to: str, write: Callable[[], Letter], services: Services) -> MailJob:
    """The job after one try to hand its mail to the mail service; nothing goes to who is held back (R55)."""
    try:
        if held := services.suppressed.of(to):
            return replace(job, state=MailState.HELD, problem=str(held.reason), due_at=None)
        message_id = services.mailer.send(write())
    except MailRefused as refused:
        state = MailState.HELD if refused.reason == SUPPRESSED else MailState.FAILED
        return replace(job, state=state, problem=refused.reason, due_at=None)
    except Unavailable:
        return later(replace(job, problem="unavailable"), job.changed_at or services.clock())
    except Exception:
        log.exception("a mail could not be written")
        return later(replace(job, problem="failed"), job.changed_at or services.clock())
    return replace(job, state=MailState.SENT, message_id=message_id, problem="", due_at=None)


def later(job: MailJob, now: datetime) -> MailJob:
    if job.tries > len(BACKOFF_SECONDS):
        return replace(job, state=MailState.FAILED, due_at=None)
    return replace(job, due_at=now + timedelta(seconds=BACKOFF_SECONDS[job.tries - 1]))


def record(action: Action, what: Recipient | Notice, at: datetime, detail: str) -> AuditRecord:
    """Filed under the share. A recipient's history has the mails to that recipient only."""
    if isinstance(what, Recipient):
        details = {"recipient": what.id}
    else:
        details = {"kind": str(what.kind)} | ({} if what.person_id else {"recipient": what.recipient_id})
    details |= {"to": what.address} | ({"problem": detail[:200]} if detail else {})
    return AuditRecord(
        at=at, action=action, actor=PORTAL, about=what.share_id, workflow="mail", details=details
    )
