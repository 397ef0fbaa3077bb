"""Mail on its way: claim a job, send it, note what became of it; and the mail service's news of it
(R52-R55).

Invitations and every other mail go one way; only what is written, and whether it is still wanted, differs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from portal.domain.audit import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.letters import Letter, MailRefused
from portal.domain.models import MailJob, MailState, Recipient, RecipientState, Share, ShareState
from portal.domain.notices import MailPlace, Notice
from portal.workflows.engine import kept_apart
from portal.workflows.services import Services

log = logging.getLogger(__name__)

# After the n-th try that failed for now, wait so many seconds; after the last one give up and say so.
BACKOFF_SECONDS = (30, 60, 120, 300, 600, 600, 600, 600, 600, 600)
MOST_PUT_OFF = 3  # so many in a row, and the mail service is left alone for a while
LEAST_SECONDS = 10.0  # with less time left the schedule sends no further mail
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
    MailState.SKIPPED,
    MailState.FAILED,
    MailState.SENT,
    MailState.DELIVERED,
    MailState.BOUNCED,
    MailState.COMPLAINED,
]
SETTLED = {MailState.SENT: Action.MAIL_SENT, MailState.FAILED: Action.MAIL_FAILED}


def send_invitations(
    share: Share, recipients: Iterable[Recipient], services: Services, seconds: float = REQUEST_SECONDS
) -> int:
    """Send what is queued for these recipients within a time; returns how many were sent."""
    ends = monotonic() + seconds
    return sent_in_turn(
        (partial(invite, share, each, services) for each in recipients), lambda: ends - monotonic()
    )


def sent_in_turn(mails: Iterable[Callable[[], MailState]], seconds_left: Callable[[], float]) -> int:
    """Send one after the other while there is time; returns how many were sent.

    A mail service that puts off several in a row is left alone until the next time: it throttles, and every
    further try would be one of the few that a mail has.
    """
    sent = put_off = 0
    for send in mails:
        if seconds_left() <= 0 or put_off >= MOST_PUT_OFF:
            break
        with kept_apart("mail"):
            came_to = send()
            sent += came_to is MailState.SENT
            put_off = put_off + 1 if came_to is MailState.QUEUED else 0
    return sent


def send_one(share: Share, recipient: Recipient, services: Services) -> bool:
    return invite(share, recipient, services) is MailState.SENT


def invite(share: Share, recipient: Recipient, services: Services) -> MailState:
    """An invitation, as long as there is something to be invited to."""
    if recipient.state is not RecipientState.OPEN or not share.is_open(services.clock()):
        return give_up(recipient, services)
    return deliver(
        recipient, lambda: services.letters.invitation(share, recipient, link(recipient, services)), services
    )


def send_notice(notice: Notice, services: Services) -> MailState:
    """Any other mail. One about a share or a recipient that is gone by now is not sent."""
    found = services.shares.with_recipient(notice.share_id, notice.recipient_id)
    if found is None or found[0].state is ShareState.WITHDRAWN or found[1].state is RecipientState.WITHDRAWN:
        services.outbox.settle(notice, replace(notice.mail, state=MailState.SKIPPED, due_at=None), None)
        return MailState.SKIPPED
    share, recipient = found
    address = "" if notice.person_id else link(recipient, services)
    return deliver(notice, lambda: services.letters.notice(notice, share, recipient, address), services)


def deliver(what: Recipient | Notice, write: Callable[[], Letter], services: Services) -> MailState:
    """Claim, send, settle. Returns what the job came to: SENT, FAILED for good, QUEUED to be tried again
    later; SKIPPED where somebody else has it.
    """
    now = services.clock()
    if not services.outbox.claim(what, now, LEASE_SECONDS):
        return MailState.SKIPPED
    job = handed_over(replace(what.mail, tries=what.mail.tries + 1, changed_at=now), write, services)
    action = SETTLED.get(job.state)
    services.outbox.settle(what, job, record(action, what, now, job.problem) if action else None)
    return job.state


def handed_over(job: MailJob, write: Callable[[], Letter], services: Services) -> MailJob:
    """The job after one try to hand its mail to the mail service."""
    try:
        message_id = services.mailer.send(write())
    except MailRefused as refused:
        return replace(job, state=MailState.FAILED, problem=refused.reason, due_at=None)
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


def link(recipient: Recipient, services: Services) -> str:
    """The recipient's link, made anew from the key and kept nowhere."""
    token = services.links.token(recipient.share_id, recipient.id, recipient.generation, recipient.key_id)
    return services.link_address(token)


def send_due(services: Services, seconds_left: Callable[[], float], batch: int = 25) -> int:
    """What the schedule does: send what is due, oldest first, while there is time; returns how many were
    sent.
    """
    return sent_in_turn(
        (partial(send_at, place, services) for place in all_due(services, batch)),
        lambda: seconds_left() - LEAST_SECONDS,
    )


def all_due(services: Services, batch: int) -> Iterator[MailPlace]:
    """Batch after batch, until one is not full or brings nothing new: what was dealt with is due no more."""
    seen = set[MailPlace]()
    while True:
        due = services.outbox.due(services.clock(), batch)
        yield from (each for each in due if each not in seen)
        if len(due) < batch or seen.issuperset(due):
            return
        seen |= set(due)


def send_at(place: MailPlace, services: Services) -> MailState:
    if place.notice_id:
        notice = services.outbox.notice(place.notice_id)
        return send_notice(notice, services) if notice else MailState.SKIPPED
    found = services.shares.with_recipient(place.share_id, place.recipient_id)
    return invite(*found, services) if found else MailState.SKIPPED


def give_up(recipient: Recipient, services: Services) -> MailState:
    """A closed link is not mailed any more; left in the queue, such mails would hold up the others."""
    if recipient.mail.state is MailState.QUEUED:
        now = services.clock()
        job = replace(recipient.mail, state=MailState.FAILED, problem="closed", due_at=None, changed_at=now)
        services.outbox.settle(recipient, job, record(Action.MAIL_FAILED, recipient, now, "closed"))
    return MailState.FAILED


def feedback(services: Services, kind: str, message_id: str, at: datetime, detail: str) -> None:
    """The mail service's news of a message: delivery, bounce or complaint.

    Unknown, old or repeated news changes nothing. Raises Unavailable where the message may only not be known
    yet, so that its news comes again.
    """
    place = services.outbox.of_message(message_id)
    if place is None and abs(services.clock() - at) < SETTLING:
        raise Unavailable()
    what = standing_at(place, services) if place else None
    if what is None or kind not in NEWS or what.mail.message_id != message_id:
        return
    state, action = NEWS[kind]
    if ORDER.index(state) <= ORDER.index(what.mail.state):
        return
    job = replace(what.mail, state=state, changed_at=at, problem=detail[:200], due_at=None)
    services.outbox.settle(what, job, record(action, what, services.clock(), detail))


def standing_at(place: MailPlace, services: Services) -> Recipient | Notice | None:
    if place.notice_id:
        return services.outbox.notice(place.notice_id)
    found = services.shares.with_recipient(place.share_id, place.recipient_id)
    return found[1] if found else None


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
