"""Telling owners what happened, without a storm: what comes within ten minutes becomes one mail.

The first news of a quiet time is told after a minute; what follows waits until ten minutes have passed since,
and is then one digest. Each piece of news is a mail job of its own, so that nothing is lost on the way.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from portal.domain.notices import News, Notice
from portal.domain.shares import MailJob, MailState, ShareState
from portal.workflows.delivery import LEASE_SECONDS, SETTLED, handed_over, record
from portal.workflows.services import Services

QUIET = timedelta(minutes=10)
MOST_AT_ONCE = 100


def tell_owner(notice: Notice, services: Services) -> MailState:
    """Send this with all that waits for the same owner; or leave it for later, if they were told just now."""
    if notice.mail.state is not MailState.QUEUED:
        return MailState.SKIPPED
    waiting = services.outbox.waiting(notice.person_id, MOST_AT_ONCE)
    news = wanted([notice, *(each for each in waiting if each.id != notice.id)], services)
    if not news:
        return MailState.SKIPPED
    now = services.clock()
    told_at = services.outbox.take_turn(notice.person_id, now, QUIET)
    if told_at:
        services.outbox.put_off(notice, told_at + QUIET)
        return MailState.SKIPPED
    mine = [each for each in news if services.outbox.claim(each.notice, now, LEASE_SECONDS)]
    return tell(mine, services) if mine else MailState.SKIPPED


def tell(news: list[News], services: Services) -> MailState:
    """One mail; each job is settled by itself, and all hear the mail service's news of it."""
    now = services.clock()
    tries = news[0].notice.mail.tries + 1
    first = MailJob(tries=tries, changed_at=now)
    came_to = handed_over(first, news[0].notice.to, lambda: services.letters.news(news), services)
    for each in news:
        job = replace(came_to, tries=each.notice.mail.tries + 1)
        action = SETTLED.get(job.state)
        services.outbox.settle(
            each.notice, job, record(action, each.notice, now, job.problem) if action else None
        )
    return came_to.state


def wanted(notices: list[Notice], services: Services) -> list[News]:
    """What is still worth telling: not what its owner switched off, nor of a share that is gone."""
    off = services.people.mails_off(notices[0].person_id)
    found = []
    for notice in notices:
        about = None if notice.kind in off else about_of(notice, services)
        if about:
            found.append(about)
        else:
            services.outbox.settle(notice, replace(notice.mail, state=MailState.SKIPPED, due_at=None), None)
    return found


def about_of(notice: Notice, services: Services) -> News | None:
    if not notice.recipient_id:
        share = services.shares.get(notice.share_id)
        return News(notice, share, None) if share and share.state is ShareState.OPEN else None
    found = services.shares.with_recipient(notice.share_id, notice.recipient_id)
    return News(notice, *found) if found else None
