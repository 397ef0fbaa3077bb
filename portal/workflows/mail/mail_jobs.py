"""Email on its way: claim a job, send it, note what became of it; and the mail service's news of it
(R52-R55).

Invitations and every other email go one way; only what is written, and whether it is still wanted, differs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.clock import start_countdown
from portal.domain.contacts.recipient_rules import may_email
from portal.domain.errors import Unavailable
from portal.domain.files.file import File
from portal.domain.links.availability import Closed, Offer, offer
from portal.domain.mail.email_message import OutgoingMail, plain_line
from portal.domain.mail.mail_job import BLOCKED, CLOSED, SCANNING, TOO_LATE, MailJob, MailState
from portal.domain.mail.notifications import (
    COLLECTED,
    OF_A_FILE,
    OF_A_HANDOVER,
    MailPlace,
    Notification,
    NotificationKind,
)
from portal.domain.mail.suppression import MAX_SOFT_BOUNCES, SUPPRESSED, find_suppression
from portal.domain.policy.limits import Limits
from portal.domain.shares.share import Recipient, RecipientState, Share, ShareState
from portal.engine.budgets import MIN_REMAINING_SECONDS
from portal.engine.owner_limits import get_owner_limits
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.contacts.known_addresses import note_mail
from portal.workflows.mail.delivery import NOTHING_SENT, SERVICE_WIDE, deliver, end_waiting, record, skip
from portal.workflows.mail.digests import tell_owner
from portal.workflows.mail.ending_files import tell_of_endings
from portal.workflows.mail.handover_notices import tell_of_handover
from portal.workflows.mail.notifications import draft_bounce_notices

log = logging.getLogger(__name__)

MOST_IN_VAIN = 3  # so many in a row without an answer, and the mail service is left alone for a while
SILENT = {"unavailable", "unanswered"}
REQUEST_SECONDS = 8.0  # what one web request may spend on sending before it leaves the rest to the schedule
# News can overtake the note of its own sending by this much; until then an unknown message may become known.
SETTLING = timedelta(seconds=60)
# When an invitation is looked at again that waits for a scan, or for an administrator's release.
LOOK_SOON, LOOK_LATER = timedelta(minutes=5), timedelta(hours=1)
FOR_NOW = {"soft_bounce", "rejected"}
NEWS = {
    "delivery": (MailState.DELIVERED, Action.MAIL_DELIVERED),
    "bounce": (MailState.BOUNCED, Action.MAIL_BOUNCED),
    "soft_bounce": (MailState.BOUNCED, Action.MAIL_BOUNCED),  # came back for now, as from a full mailbox
    "rejected": (
        MailState.BOUNCED,
        Action.MAIL_BOUNCED,
    ),  # for what was in it: nothing is wrong with the address
    "held": (MailState.HELD, Action.MAIL_HELD),
    "complaint": (MailState.COMPLAINED, Action.MAIL_COMPLAINED),
}
# News may come twice and out of order: a state only ever moves towards the later one here.
ORDER = [
    MailState.BY_HAND,
    MailState.QUEUED,
    MailState.SKIPPED,
    MailState.FAILED,
    MailState.PROBABLY_SENT,
    MailState.SENT,
    MailState.DELIVERED,
    MailState.HELD,
    MailState.BOUNCED,
    MailState.COMPLAINED,
]


def send_invitations(
    share: Share, recipients: Iterable[Recipient], services: Services, seconds: float = REQUEST_SECONDS
) -> int:
    """Send what is queued for these recipients within a time; returns how many were sent."""
    queued = [each for each in recipients if each.mail.state is MailState.QUEUED]
    files = services.files.get_of_shares([share]) if queued else {}
    limits = get_owner_limits(share.owner_id, services) if queued else services.limits
    return send_in_turn(
        (partial(send_invitation, share, each, services, files, limits) for each in queued),
        start_countdown(services.clock, seconds),
    )


def send_in_turn(mails: Iterable[Callable[[], MailJob]], seconds_left: Callable[[], float]) -> int:
    """Send one after the other while there is time; returns how many were sent.

    A mail service that refuses the account or asks for a pause is left alone until the next time, and so is
    one that does not answer several times in a row. What concerns one email alone stops no other.
    """
    sent = in_vain = 0
    for send in mails:
        if seconds_left() <= 0 or in_vain >= MOST_IN_VAIN:
            break
        with isolate_failures("mail"):
            job = send()
            sent += job.state is MailState.SENT
            if job.state is MailState.QUEUED and job.problem in SERVICE_WIDE:
                break
            in_vain = in_vain + 1 if job.problem in SILENT else 0
    return sent


def invite(share: Share, recipient: Recipient, services: Services) -> MailState:
    return send_invitation(share, recipient, services).state


def send_invitation(
    share: Share, recipient: Recipient, services: Services, files: Mapping[str, File] | None = None,
    limits: Limits | None = None,
) -> MailJob:  # fmt: skip
    """An invitation, as long as there is something to be invited to, and the policy lets email go there.
    files: the share's as read just now, limits: its owner's, where several are invited.
    """
    if recipient.state is not RecipientState.OPEN or not share.is_open(services.clock()):
        return end_waiting(recipient, CLOSED, services)
    if not may_email(recipient.address, limits or get_owner_limits(share.owner_id, services)):
        return end_waiting(recipient, BLOCKED, services)
    files = services.files.get_of_shares([share]) if files is None else files
    offered = offer(share, recipient, files, services.clock())
    if offered.waits_for_scan:
        return hold_for_scan(recipient, offered, services)
    if offered.is_emptied and offered.closed:
        return end_waiting(recipient, str(offered.closed), services)
    return deliver(recipient, partial(write_invitation, share, recipient, services), services, share)


def write_invitation(share: Share, recipient: Recipient, services: Services) -> OutgoingMail:
    return services.mail_renderer.render_invitation(share, recipient, make_link(recipient, services))


def hold_for_scan(recipient: Recipient, offered: Offer, services: Services) -> MailJob:
    """Leave an invitation until the malware scan is through: its result sends it, and the schedule looks
    again (R36).
    """
    soon = any(each.closed is Closed.WAITING for each in offered.files)
    until = services.clock() + (LOOK_SOON if soon else LOOK_LATER)
    services.outbox.put_off(recipient, until, SCANNING)
    return replace(recipient.mail, due_at=until, problem=SCANNING)


def send_notice(notice: Notification, services: Services) -> MailJob:
    """Any other mail. One about a share or a recipient that is gone by now is not sent."""
    found = services.shares.get_with_recipient(notice.share_id, notice.recipient_id)
    if found is None or not is_still_wanted(notice, *found, services):
        return skip(notice, services)
    share, recipient = found
    if notice.is_too_late(share.expires_at, services.clock()):
        return end_waiting(notice, TOO_LATE, services)
    address = "" if notice.person_id else make_link(recipient, services)
    return deliver(
        notice,
        lambda: services.mail_renderer.render_notification(notice, share, recipient, address),
        services,
    )


def is_still_wanted(notice: Notification, share: Share, recipient: Recipient, services: Services) -> bool:
    """What was withdrawn is not written of any more; who has downloaded by now is not reminded."""
    if share.state is ShareState.WITHDRAWN or recipient.state is RecipientState.WITHDRAWN:
        return False
    if notice.kind is NotificationKind.REMINDER:
        if not may_email(recipient.address, get_owner_limits(share.owner_id, services)):
            return False
        offered = offer(share, recipient, services.files.get_of_shares([share]), services.clock())
        return recipient.download_count == 0 and offered.closed is None
    return not (notice.person_id and notice.kind in services.people.get_mails_off(notice.person_id))


def make_link(recipient: Recipient, services: Services) -> str:
    """The recipient's link, made again from the key and kept nowhere."""
    token = services.links.token(recipient.share_id, recipient.id, recipient.generation, recipient.key_id)
    return services.link_address(token)


def send_due(
    services: Services,
    seconds_left: Callable[[], float],
    batch: int = 25,
    pace: Callable[[Iterable[MailPlace]], Iterable[MailPlace]] = iter,
) -> int:
    """What the schedule does: send what is due, oldest first, while there is time; returns how many were
    sent. pace: lets one after the other pass.
    """
    due = pace(services.outbox.list_all_due(services.clock(), batch))
    mails = (partial(send_at, place, services) for place in due)
    return send_in_turn(mails, lambda: seconds_left() - MIN_REMAINING_SECONDS)


def send_at(place: MailPlace, services: Services) -> MailJob:
    if place.notice_id:
        notice = services.outbox.get_notification(place.notice_id)
        if notice and notice.kind in COLLECTED:
            return tell_owner(notice, services)
        if notice and notice.kind is NotificationKind.ENDING:
            return tell_of_endings(notice, services)
        if notice and notice.kind in OF_A_HANDOVER:
            return tell_of_handover(notice, services)
        if notice and (write := find_writer(notice, services)):
            return deliver(notice, partial(write, notice), services)
        return send_notice(notice, services) if notice else NOTHING_SENT
    found = services.shares.get_with_recipient(place.share_id, place.recipient_id)
    return send_invitation(*found, services) if found else NOTHING_SENT


def find_writer(notice: Notification, services: Services) -> Callable[[Notification], OutgoingMail] | None:
    """What writes an email that is about no share, and not told of together with others."""
    writer = services.mail_renderer
    writers: dict[NotificationKind, Callable[[Notification], OutgoingMail]] = {
        **dict.fromkeys(OF_A_FILE, writer.render_scan_news),
        NotificationKind.NOT_SENT: writer.render_not_sent,
        NotificationKind.DATA_READY: writer.render_data_news,
        NotificationKind.WEBHOOK_OFF: writer.render_webhook_news,
    }
    return writers.get(notice.kind)


def record_feedback(services: Services, kind: str, message_id: str, at: datetime, detail: str) -> None:
    """The mail service's news of a message: delivery, bounce or complaint.

    Unknown, old or repeated news changes nothing. Raises Unavailable where the message may only not be known
    yet, so that its news comes again.
    """
    places = services.outbox.find_by_message(message_id)
    if not places and abs(services.clock() - at) < SETTLING:
        raise Unavailable()
    for place in places:
        record_news(find_mail(place, services), kind, message_id, at, plain_line(detail)[:200], services)


def record_news(
    about: Standing, kind: str, message_id: str, at: datetime, detail: str, services: Services
) -> None:
    """One piece of news of one mail. What came back for good holds the address back from now on."""
    what = about.what
    if what is None or kind not in NEWS or what.mail.message_id != message_id:
        return
    state, action = NEWS[kind]
    if ORDER.index(state) <= ORDER.index(what.mail.state):
        return
    problem = SUPPRESSED if state is MailState.HELD else detail
    job = replace(what.mail, state=state, changed_at=at, problem=problem, due_at=None)
    now, notices = services.clock(), tuple[Notification, ...]()
    if about.share and about.recipient:
        notices = draft_bounce_notices(about.share, about.recipient, job, now)
        note_mail(about.share, about.recipient, state, services)
    held = find_suppression(
        what.address, job, now, for_good=is_permanent(what.address, kind, message_id, services)
    )
    services.outbox.settle(what, job, record_of_news(kind, action, what, now, detail), notices, held)


def record_of_news(
    kind: str, action: Action, what: Recipient | Notification, now: datetime, detail: str
) -> AuditRecord:
    """Which emails came back for now only is told apart: the mail service's bounce rate leaves them out."""
    made = record(action, what, now, detail)
    return replace(made, details={**made.details, "for_now": "yes"}) if kind in FOR_NOW else made


def is_permanent(address: str, kind: str, message_id: str, services: Services) -> bool:
    """Whether email to an address came back for good: it said so, or it was too often that it did for now."""
    if kind == "delivery":
        services.suppression_list.record_arrival(address)
    if kind != "soft_bounce":
        return kind != "rejected"
    return (
        services.suppression_list.count_soft_bounce(address, message_id, services.clock()) >= MAX_SOFT_BOUNCES
    )


class Standing(NamedTuple):
    """An email, and whose and about what it is; without these it is one to an owner."""

    what: Recipient | Notification | None
    share: Share | None = None
    recipient: Recipient | None = None


def find_mail(place: MailPlace, services: Services) -> Standing:
    """An email to a recipient is told of to its share's owner, whether it is the invitation or another."""
    notice = services.outbox.get_notification(place.notice_id) if place.notice_id else None
    if place.notice_id and (notice is None or notice.person_id):
        return Standing(notice)
    where = (notice.share_id, notice.recipient_id) if notice else (place.share_id, place.recipient_id)
    found = services.shares.get_with_recipient(*where)
    return Standing(notice or found[1], *found) if found else Standing(notice)
