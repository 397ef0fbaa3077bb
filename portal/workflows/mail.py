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
from typing import NamedTuple

from portal.domain.audit import Action
from portal.domain.errors import Unavailable
from portal.domain.letters import plain_line
from portal.domain.notices import COLLECTED, MailPlace, Notice, NoticeKind
from portal.domain.shares import CLOSED, MailState, Recipient, RecipientState, Share, ShareState
from portal.domain.suppression import MOST_SOFT, SUPPRESSED, hold
from portal.workflows.delivery import deliver, record
from portal.workflows.engine import kept_apart
from portal.workflows.known_addresses import note_mail
from portal.workflows.notices import not_arrived
from portal.workflows.services import Services
from portal.workflows.telling import tell_owner

log = logging.getLogger(__name__)

MOST_PUT_OFF = 3  # so many in a row, and the mail service is left alone for a while
LEAST_SECONDS = 10.0  # with less time left the schedule sends no further mail
REQUEST_SECONDS = 8.0  # what one web request may spend on sending before it leaves the rest to the schedule
# News can overtake the note of its own sending by this much; until then an unknown message may become known.
SETTLING = timedelta(seconds=60)
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
    ends = monotonic() + seconds
    queued = (each for each in recipients if each.mail.state is MailState.QUEUED)
    return sent_in_turn(
        (partial(invite, share, each, services) for each in queued), lambda: ends - monotonic()
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


def invite(share: Share, recipient: Recipient, services: Services) -> MailState:
    """An invitation, as long as there is something to be invited to."""
    if recipient.state is not RecipientState.OPEN or not share.is_open(services.clock()):
        return give_up(recipient, services)
    write = lambda: services.letters.invitation(share, recipient, link(recipient, services))  # noqa: E731
    return deliver(recipient, write, services, share)


def send_notice(notice: Notice, services: Services) -> MailState:
    """Any other mail. One about a share or a recipient that is gone by now is not sent."""
    found = services.shares.with_recipient(notice.share_id, notice.recipient_id)
    if found is None or not still_wanted(notice, *found, services):
        services.outbox.settle(notice, replace(notice.mail, state=MailState.SKIPPED, due_at=None), None)
        return MailState.SKIPPED
    share, recipient = found
    address = "" if notice.person_id else link(recipient, services)
    return deliver(notice, lambda: services.letters.notice(notice, share, recipient, address), services)


def still_wanted(notice: Notice, share: Share, recipient: Recipient, services: Services) -> bool:
    """What was withdrawn is not written of any more; who has downloaded by now is not reminded."""
    if share.state is ShareState.WITHDRAWN or recipient.state is RecipientState.WITHDRAWN:
        return False
    if notice.kind is NoticeKind.REMINDER:
        return recipient.download_count == 0 and share.is_open(services.clock())
    return not (notice.person_id and notice.kind in services.people.mails_off(notice.person_id))


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
        if notice and notice.kind in COLLECTED:
            return tell_owner(notice, services)
        return send_notice(notice, services) if notice else MailState.SKIPPED
    found = services.shares.with_recipient(place.share_id, place.recipient_id)
    return invite(*found, services) if found else MailState.SKIPPED


def give_up(recipient: Recipient, services: Services) -> MailState:
    """A closed link is not mailed any more; left in the queue, such mails would hold up the others."""
    if recipient.mail.state is MailState.QUEUED:
        now = services.clock()
        job = replace(recipient.mail, state=MailState.FAILED, problem=CLOSED, due_at=None, changed_at=now)
        services.outbox.settle(recipient, job, record(Action.MAIL_FAILED, recipient, now, CLOSED))
    return MailState.FAILED


def feedback(services: Services, kind: str, message_id: str, at: datetime, detail: str) -> None:
    """The mail service's news of a message: delivery, bounce or complaint.

    Unknown, old or repeated news changes nothing. Raises Unavailable where the message may only not be known
    yet, so that its news comes again.
    """
    places = services.outbox.of_message(message_id)
    if not places and abs(services.clock() - at) < SETTLING:
        raise Unavailable()
    for place in places:
        news(standing_at(place, services), kind, message_id, at, plain_line(detail)[:200], services)


def news(about: Standing, kind: str, message_id: str, at: datetime, detail: str, services: Services) -> None:
    """One piece of news of one mail. What came back for good holds the address back from now on."""
    what = about.what
    if what is None or kind not in NEWS or what.mail.message_id != message_id:
        return
    state, action = NEWS[kind]
    if ORDER.index(state) <= ORDER.index(what.mail.state):
        return
    problem = SUPPRESSED if state is MailState.HELD else detail
    job = replace(what.mail, state=state, changed_at=at, problem=problem, due_at=None)
    now, notices = services.clock(), tuple[Notice, ...]()
    if about.share and about.recipient:
        notices = not_arrived(about.share, about.recipient, job, now)
        note_mail(about.share, about.recipient, state, services)
    held = hold(what.address, job, now, for_good=for_good(what.address, kind, message_id, services))
    services.outbox.settle(what, job, record(action, what, now, detail), notices, held)


def for_good(address: str, kind: str, message_id: str, services: Services) -> bool:
    """Whether mail to an address came back for good: it said so, or it was too often that it did for now."""
    if kind == "delivery":
        services.suppressed.arrived(address)
    if kind != "soft_bounce":
        return kind != "rejected"
    return services.suppressed.came_back_for_now(address, message_id, services.clock()) >= MOST_SOFT


class Standing(NamedTuple):
    """A mail, and whose and about what it is; without these it is one to an owner."""

    what: Recipient | Notice | None
    share: Share | None = None
    recipient: Recipient | None = None


def standing_at(place: MailPlace, services: Services) -> Standing:
    """A mail to a recipient is told of to its share's owner, whether it is the invitation or another."""
    notice = services.outbox.notice(place.notice_id) if place.notice_id else None
    if place.notice_id and (notice is None or notice.person_id):
        return Standing(notice)
    where = (notice.share_id, notice.recipient_id) if notice else (place.share_id, place.recipient_id)
    found = services.shares.with_recipient(*where)
    return Standing(notice or found[1], *found) if found else Standing(notice)
