"""Before a share ends: reminders to recipients who have not downloaded, and a word to its owner.

Reminders go out some days before the end, a list that the organisation chooses; nobody gets one twice for the
same day, and who has downloaded gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from portal.domain.ids import derived_id
from portal.domain.notices import Notice, NoticeKind
from portal.domain.shares import MailJob, MailState, Recipient, RecipientState, Share
from portal.workflows.engine import kept_apart
from portal.workflows.notices import to_owner
from portal.workflows.services import Services

BATCH = 25
LEAST_SECONDS = 10.0
OWNER_DAYS = 2  # so many days before the end its owner hears who has not downloaded
NO_MAIL = {MailState.BY_HAND, MailState.FAILED, MailState.BOUNCED, MailState.COMPLAINED, MailState.HELD}


def remind_due(services: Services, seconds_left: Callable[[], float]) -> int:
    """Look at the shares whose reminders are due; returns how many mails this queued."""
    queued, seen = 0, set[str]()
    while due := [each for each in services.shares.to_remind(services.clock(), BATCH) if each not in seen]:
        for share_id in due:
            if seconds_left() < LEAST_SECONDS:
                return queued
            with kept_apart("share with reminders"):
                queued += remind(share_id, services)
        seen.update(due)
    return queued


def remind(share_id: str, services: Services) -> int:
    """Queue what is due of one share, each mail at most once; then note when to look again."""
    found = services.shares.with_recipients(share_id)
    if found is None:
        return 0
    share, recipients = found
    now = services.clock()
    missing = [each for each in recipients if has_not_downloaded(each)] if share.is_open(now) else []
    queued = sum(services.outbox.queue(each) for each in due_now(share, missing, now, services))
    upcoming = [at for at, _ in moments(share, services) if at > now]
    services.shares.reminded(share, min(upcoming) if upcoming and share.is_open(now) else None)
    return queued


def has_not_downloaded(recipient: Recipient) -> bool:
    return recipient.state is RecipientState.OPEN and recipient.download_count == 0


def moments(share: Share, services: Services) -> list[tuple[datetime, int]]:
    """When something is due, and how many days before the end that is; not before the share was made."""
    days = {*services.limits.reminder_days, OWNER_DAYS}
    found = [(share.expires_at - timedelta(days=each), each) for each in sorted(days)]
    return [(at, each) for at, each in found if at > share.created_at]


def due_now(share: Share, missing: list[Recipient], now: datetime, services: Services) -> Iterator[Notice]:
    """Of several reminders that are overdue, the last alone."""
    passed = {days for at, days in moments(share, services) if at <= now}
    reminders = passed & set(services.limits.reminder_days)
    ends = share.expires_at.isoformat()
    for each in missing if reminders else []:
        if each.mail.state not in NO_MAIL:
            yield reminder(share, each, f"{ends}/{min(reminders)}", now)
    if missing and OWNER_DAYS in passed:
        people = ", ".join(each.address for each in missing)
        yield to_owner(NoticeKind.UNFETCHED, share, now, ends, people=people)


def reminder(share: Share, recipient: Recipient, which: str, now: datetime) -> Notice:
    return Notice(
        id=derived_id(NoticeKind.REMINDER, share.id, recipient.id, which), kind=NoticeKind.REMINDER,
        to=recipient.address, share_id=share.id, recipient_id=recipient.id, created_at=now,
        mail=MailJob(due_at=now, changed_at=now),
    )  # fmt: skip
