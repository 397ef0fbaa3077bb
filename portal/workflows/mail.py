"""Mail on its way: claim a job, send it, note what became of it; and the mail service's news of it
(R52-R55).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from portal.domain.audit import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.letters import MailRefused
from portal.domain.models import MailJob, MailState, Recipient, RecipientState, Share
from portal.workflows.engine import kept_apart
from portal.workflows.services import Services

log = logging.getLogger(__name__)

# After the n-th try that failed for now, wait so many seconds; after the last one give up and say so.
BACKOFF_SECONDS = (30, 60, 120, 300, 600, 600, 600, 600, 600, 600)
LEASE_SECONDS = 60  # longer than the longest SendEmail with its retries
REQUEST_SECONDS = 8.0  # what one web request may spend on sending before it leaves the rest to the schedule
# News can overtake the note of its own sending by this much; until then an unknown message may become known.
SETTLING = timedelta(seconds=60)
NEWS = {
    "delivery": (MailState.DELIVERED, Action.MAIL_DELIVERED),
    "bounce": (MailState.BOUNCED, Action.MAIL_BOUNCED),
    "complaint": (MailState.COMPLAINED, Action.MAIL_COMPLAINED),
}
# News may come twice and out of order: a state only ever moves towards the later one here.
ORDER = [
    MailState.QUEUED,
    MailState.FAILED,
    MailState.SENT,
    MailState.DELIVERED,
    MailState.BOUNCED,
    MailState.COMPLAINED,
]


def send_invitations(
    share: Share, recipients: Iterable[Recipient], services: Services, seconds: float = REQUEST_SECONDS
) -> int:
    """Send what is queued for these recipients within a time; returns how many were sent."""
    ends, sent = monotonic() + seconds, 0
    for recipient in recipients:
        if monotonic() > ends:
            break
        sent += send_one(share, recipient, services)
    return sent


def send_one(share: Share, recipient: Recipient, services: Services) -> bool:
    """Claim, send, settle. A failure for now leaves the job due later; one for good is kept for the sender to
    see.
    """
    now = services.clock()
    if recipient.state is not RecipientState.OPEN or not share.is_open(now):
        give_up(recipient, now, services)
        return False
    if not services.outbox.claim(recipient, now, LEASE_SECONDS):
        return False
    job = tried(share, recipient, now, services)
    settled = {MailState.SENT: Action.MAIL_SENT, MailState.FAILED: Action.MAIL_FAILED}.get(job.state)
    services.outbox.settle(recipient, job, record(settled, recipient, now, job.problem) if settled else None)
    return job.state is MailState.SENT


def tried(share: Share, recipient: Recipient, now: datetime, services: Services) -> MailJob:
    """What became of one try to write and send the mail."""
    job = replace(recipient.mail, tries=recipient.mail.tries + 1, changed_at=now)
    try:
        letter = services.letters.invitation(share, recipient, link(recipient, services))
        message_id = services.mailer.send(letter)
    except MailRefused as refused:
        return replace(job, state=MailState.FAILED, problem=refused.reason, due_at=None)
    except Unavailable:
        return later(replace(job, problem="unavailable"), now)
    except Exception:
        log.exception("a mail could not be written")
        return later(replace(job, problem="failed"), now)
    return replace(job, state=MailState.SENT, message_id=message_id, problem="", due_at=None)


def give_up(recipient: Recipient, now: datetime, services: Services) -> None:
    """A closed link is not mailed any more; left in the queue, such mails would hold up the others."""
    if recipient.mail.state is MailState.QUEUED:
        job = replace(recipient.mail, state=MailState.FAILED, problem="closed", due_at=None, changed_at=now)
        services.outbox.settle(recipient, job, record(Action.MAIL_FAILED, recipient, now, "closed"))


def later(job: MailJob, now: datetime) -> MailJob:
    if job.tries > len(BACKOFF_SECONDS):
        return replace(job, state=MailState.FAILED, due_at=None)
    return replace(job, due_at=now + timedelta(seconds=BACKOFF_SECONDS[job.tries - 1]))


def link(recipient: Recipient, services: Services) -> str:
    """The recipient's link, made anew from the key and kept nowhere."""
    token = services.links.token(recipient.share_id, recipient.id, recipient.generation, recipient.key_id)
    return services.link_address(token)


def send_due(services: Services, seconds_left: Callable[[], float], batch: int = 25) -> int:
    """What the schedule does: send what is due, oldest first, each once, while there is time; returns how
    many were sent.
    """
    sent, seen = 0, set[tuple[str, str]]()
    while due := [each for each in services.outbox.due(services.clock(), batch) if each not in seen]:
        for share_id, recipient_id in due:
            if seconds_left() <= 10:
                return sent
            with kept_apart("mail"):
                found = services.shares.with_recipient(share_id, recipient_id)
                sent += send_one(*found, services) if found else 0
        seen.update(due)
    return sent


def feedback(services: Services, kind: str, message_id: str, at: datetime, detail: str) -> None:
    """The mail service's news of a message: delivery, bounce or complaint.

    Unknown, old or repeated news changes nothing. Raises Unavailable where the message may only not be known
    yet, so that its news comes again.
    """
    place = services.outbox.of_message(message_id)
    if place is None and abs(services.clock() - at) < SETTLING:
        raise Unavailable()
    found = services.shares.with_recipient(*place) if place else None
    if found is None or kind not in NEWS or found[1].mail.message_id != message_id:
        return
    recipient, (state, action) = found[1], NEWS[kind]
    if ORDER.index(state) <= ORDER.index(recipient.mail.state):
        return
    job = replace(recipient.mail, state=state, changed_at=at, problem=detail[:200], due_at=None)
    services.outbox.settle(recipient, job, record(action, recipient, services.clock(), detail))


def record(action: Action, recipient: Recipient, at: datetime, detail: str) -> AuditRecord:
    details = {"recipient": recipient.id, "to": recipient.address} | (
        {"problem": detail[:200]} if detail else {}
    )
    return AuditRecord(
        at=at, action=action, actor=PORTAL, about=recipient.share_id, workflow="mail", details=details
    )
