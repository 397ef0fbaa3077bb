"""One email: claim its job, hand it over, note what came of it. One way for every kind (R52-R54, R75)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.mail.account_problems import OF_THE_RECIPIENT, MailTrouble
from portal.domain.mail.email_message import (
    AccountRefused,
    MailRefused,
    MailThrottled,
    MailUnanswered,
    OutgoingMail,
)
from portal.domain.mail.mail_job import LEASE_SECONDS, MAX_UNANSWERED, THROTTLED, MailJob, MailState
from portal.domain.mail.notifications import Notification
from portal.domain.mail.suppression import SUPPRESSED, find_suppression
from portal.domain.shares.share import Recipient, Share
from portal.engine.metrics import Metric, emit
from portal.engine.services import Services
from portal.workflows.contacts.known_addresses import note_mail
from portal.workflows.mail.notifications import draft_bounce_notices

log = logging.getLogger(__name__)

# After the n-th try that failed for now, wait so many seconds; then the last of them again and again.
BACKOFF_SECONDS = (30, 60, 120, 300, 600)
# So often an email that cannot be written is tried again: a fault of ours, in this email alone.
MAX_FAULTS = 10
REPEAT_SECONDS = 120  # after an email that may have been taken
THROTTLE_SECONDS = 60
TROUBLE_SECONDS = 600
SETTLED = {MailState.SENT: Action.MAIL_SENT, MailState.FAILED: Action.MAIL_FAILED,
           MailState.HELD: Action.MAIL_HELD, MailState.PROBABLY_SENT: Action.MAIL_PROBABLY_SENT}  # fmt: skip
NOTHING_SENT = MailJob(MailState.SKIPPED)  # someone else has it, or nobody needs it
# What a job waits for although nothing is wrong with it, so that no other needs to be tried either.
SERVICE_WIDE = {THROTTLED, *(str(each) for each in MailTrouble if each not in OF_THE_RECIPIENT)}


def deliver(
    what: Recipient | Notification, write: Callable[[], OutgoingMail], services: Services,
    share: Share | None = None, *, is_claimed: bool = False,
) -> MailJob:  # fmt: skip
    """Claim, unless that was done, send, settle. Returns what became of the job: SENT, PROBABLY_SENT, FAILED
    or HELD for good, QUEUED to be tried again later; SKIPPED where someone else has it. share: whose owner
    hears of an invitation that failed.
    """
    now = services.clock()
    if what.mail.is_probably_sent:
        job = replace(what.mail, state=MailState.PROBABLY_SENT, due_at=None, changed_at=now)
    elif is_claimed or services.outbox.claim(what, now, LEASE_SECONDS):
        job = hand_over(replace(what.mail, changed_at=now), what.address, write, services)
    else:
        return NOTHING_SENT
    action = SETTLED.get(job.state)
    notices = tuple[Notification, ...]()
    if share and isinstance(what, Recipient):
        notices = draft_bounce_notices(share, what, job, now)
        note_mail(share, what, job.state, services)
    told = record(action, what, now, job.problem) if action else None
    held = find_suppression(what.address, job, now)
    services.outbox.settle(what, job, told, notices, held, claimed=what.mail.tries + 1)
    return job


def hand_over(before: MailJob, to: str, write: Callable[[], OutgoingMail], services: Services) -> MailJob:
    """The job after it was handed to the mail service once; nothing goes to who is held back (R55)."""
    now = before.changed_at or services.clock()
    tried = replace(before, tries=before.tries + 1, due_at=None)
    try:
        if held := services.suppression_list.get(to):
            return replace(tried, state=MailState.HELD, problem=str(held.reason))
        message_id = services.mailer.send(write())
    except MailRefused as refused:
        state = MailState.HELD if refused.reason == SUPPRESSED else MailState.FAILED
        return replace(tried, state=state, problem=refused.reason)
    except (AccountRefused, MailThrottled) as refused:
        return put_off(before, refused, now, services)
    except MailUnanswered:
        return mark_unanswered(tried, now)
    except Unavailable:
        return retry_later(replace(tried, problem="unavailable"), now)
    except Exception:
        log.exception("a mail could not be written")
        return mark_faulty(tried, now)
    return replace(tried, state=MailState.SENT, message_id=message_id, problem="")


def put_off(
    before: MailJob, refused: AccountRefused | MailThrottled, now: datetime, services: Services
) -> MailJob:
    """Refused for nothing that is this email's, so that it was no try of it."""
    if isinstance(refused, MailThrottled):
        return replace(before, problem=THROTTLED, due_at=now + timedelta(seconds=THROTTLE_SECONDS))
    note_trouble(refused, services)
    return replace(before, problem=str(refused.trouble), due_at=now + timedelta(seconds=TROUBLE_SECONDS))


def note_trouble(refused: AccountRefused, services: Services) -> None:
    """For the operator: on `/admin`, in the log, and as a metric with an alarm."""
    log.error("the mail service refuses the account", extra={"trouble": str(refused.trouble)})
    emit({Metric.MAIL_ACCOUNT_REFUSALS: 1})
    services.mail_troubles.note(refused.trouble, services.clock())


def mark_unanswered(tried: MailJob, now: datetime) -> MailJob:
    """Whether it was taken is not known: it is repeated once, and then left at that (R53, R75)."""
    job = replace(tried, unanswered=tried.unanswered + 1, problem="unanswered")
    if job.unanswered >= MAX_UNANSWERED:
        return replace(job, state=MailState.PROBABLY_SENT)
    return replace(job, due_at=now + timedelta(seconds=REPEAT_SECONDS))


def mark_faulty(tried: MailJob, now: datetime) -> MailJob:
    job = replace(tried, faults=tried.faults + 1, problem="failed")
    return replace(job, state=MailState.FAILED) if job.faults > MAX_FAULTS else retry_later(job, now)


def retry_later(job: MailJob, now: datetime) -> MailJob:
    """For as long as someone may want it: until its share ends, whoever sends it sees to that."""
    pause = BACKOFF_SECONDS[min(job.tries, len(BACKOFF_SECONDS)) - 1]
    return replace(job, due_at=now + timedelta(seconds=pause))


def end_waiting(what: Recipient | Notification, why: str, services: Services) -> MailJob:
    """Give up an email that nobody could use any more; left in the queue it would only be looked at for ever.
    One that may have been taken is not called failed.
    """
    if what.mail.state is not MailState.QUEUED:
        return NOTHING_SENT
    now, action = services.clock(), Action.MAIL_FAILED
    job = replace(what.mail, state=MailState.FAILED, problem=why, due_at=None, changed_at=now)
    if what.mail.unanswered:
        job, action = replace(job, state=MailState.PROBABLY_SENT), Action.MAIL_PROBABLY_SENT
    services.outbox.settle(what, job, record(action, what, now, why))
    return job


def skip(notice: Notification, services: Services) -> MailJob:
    """Take an email out of the queue that nobody needs."""
    job = replace(notice.mail, state=MailState.SKIPPED, due_at=None)
    services.outbox.settle(notice, job, None)
    return job


def record(action: Action, what: Recipient | Notification, at: datetime, detail: str) -> AuditRecord:
    """Filed under the share, or the file where it is about that, or whom it tells of several. A recipient's
    history has the emails to that recipient only.
    """
    about = what.share_id
    if isinstance(what, Recipient):
        details = {"recipient": what.id}
    else:
        about = about or what.values.get("file", "") or what.person_id
        details = {"kind": str(what.kind)} | ({} if what.person_id else {"recipient": what.recipient_id})
    details |= {"to": what.address} | ({"problem": detail[:200]} if detail else {})
    return AuditRecord(at=at, action=action, actor=PORTAL, about=about, workflow="mail", details=details)
