"""Telling owners what happened, without a storm: what comes within ten minutes becomes one mail.

The first news of a quiet time is told after a minute; what follows waits until ten minutes have passed since,
and is then one digest. Each piece of news is an email job of its own, so that nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.mail_job import LEASE_SECONDS, TOO_LATE, MailJob, MailState
from portal.domain.mail.notifications import COLLECTED, Notification, NotificationKind
from portal.domain.shares.digests import DigestEntry, EndingEntry
from portal.domain.shares.share import ShareState
from portal.engine.services import Services
from portal.workflows.mail.delivery import (
    NOTHING_SENT,
    SETTLED,
    end_waiting,
    hand_over,
    record,
    skip,
)

QUIET = timedelta(minutes=10)
MOST_AT_ONCE = 100
E = TypeVar("E", DigestEntry, EndingEntry)


def tell_owner(notice: Notification, services: Services) -> MailJob:
    return tell_together(notice, COLLECTED, select_wanted, services.mail_renderer.render_digest, services)


def tell_together(
    notice: Notification, kinds: Sequence[NotificationKind],
    select: Callable[[list[Notification], Services], list[E]],
    write: Callable[[Sequence[E]], OutgoingMail], services: Services,
) -> MailJob:  # fmt: skip
    """Send this with all of these kinds that waits for the same owner; or leave it for later, if they were
    told something just now. select: what of it is still worth telling; write: the one email of that.
    """
    if notice.mail.state is not MailState.QUEUED:
        return NOTHING_SENT
    waiting = services.outbox.list_waiting(notice.person_id, MOST_AT_ONCE)
    same: list[Notification] = [each for each in waiting if each.kind in kinds and each.id != notice.id]
    news: list[E] = select([notice, *same], services)
    if not news:
        return NOTHING_SENT
    now = services.clock()
    told_at = services.outbox.take_turn(notice.person_id, now, QUIET)
    if told_at:
        services.outbox.put_off(notice, told_at + QUIET)
        return NOTHING_SENT
    mine = [each for each in news if services.outbox.claim(each.notice, now, LEASE_SECONDS)]
    return tell(mine, write, services) if mine else NOTHING_SENT


def tell(news: list[E], write: Callable[[Sequence[E]], OutgoingMail], services: Services) -> MailJob:
    """One email; each job is settled by itself, and all hear the mail service's news of it."""
    now = services.clock()
    first = max((each.notice.mail for each in news), key=lambda job: (job.unanswered, job.faults))
    sent = hand_over(
        replace(first, changed_at=now),
        news[0].notice.to,
        lambda: write(news),
        services,
    )
    for each in news:
        before = each.notice.mail
        job = replace(sent, tries=before.tries + (sent.tries - first.tries))
        action = SETTLED.get(job.state)
        told = record(action, each.notice, now, job.problem) if action else None
        services.outbox.settle(each.notice, job, told, claimed=before.tries + 1)
    return sent


def select_wanted(notices: list[Notification], services: Services) -> list[DigestEntry]:
    """What is still worth telling: not what its owner switched off, nor of a share that is gone."""
    off = services.people.get_mails_off(notices[0].person_id)
    found = []
    for notice in notices:
        about = None if notice.kind in off else find_subject(notice, services)
        if about is None:
            skip(notice, services)
        elif notice.mail.is_probably_sent or notice.is_too_late(about.share.expires_at, services.clock()):
            end_waiting(notice, TOO_LATE, services)
        else:
            found.append(about)
    return found


def find_subject(notice: Notification, services: Services) -> DigestEntry | None:
    if not notice.recipient_id:
        share = services.shares.get(notice.share_id)
        return DigestEntry(notice, share, None) if share and share.state is ShareState.OPEN else None
    found = services.shares.get_with_recipient(notice.share_id, notice.recipient_id)
    return DigestEntry(notice, *found) if found else None
