"""Before a share ends: reminders to recipients who have not downloaded, and a word to its owner.

Reminders go out some days before the end, a list that the organisation chooses; nobody gets one twice for the
same day, and who has downloaded gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.ids import derive_id
from portal.domain.links.availability import offer
from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.shares.share import Recipient, Share, ShareState
from portal.engine.budgets import iterate_in_time
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.mail.notifications import notify_owner

NAMED = 50  # recipients in one email
OWNER_DAYS = 2  # so many days before the end its owner hears who has not downloaded
NO_MAIL = {MailState.BY_HAND, MailState.FAILED, MailState.BOUNCED, MailState.COMPLAINED, MailState.HELD}


def remind_due(services: Services, seconds_left: Callable[[], float]) -> int:
    """Look at the shares whose reminders are due; returns how many emails this queued."""
    queued = 0
    for share_id in iterate_in_time(services.shares.list_to_remind(services.clock()), seconds_left):
        with isolate_failures("share with reminders"):
            queued += remind(share_id, services)
    return queued


def remind(share_id: str, services: Services) -> int:
    """Queue what is due of one share, each email at most once; then note when to look again."""
    found = services.shares.get_with_recipients(share_id)
    if found is None:
        return 0
    share, recipients = found
    now = services.clock()
    missing = list_unfetched(share, recipients, services) if share.is_open(now) else []
    queued = sum(services.outbox.queue(each) for each in draft_due(share, missing, now, services))
    upcoming = [at for at, _ in list_due_times(share, services) if at > now]
    if not share.is_open(now) and share.state is ShareState.OPEN:
        note_end(share, services)
    until = min([*upcoming, share.expires_at])
    services.shares.set_next_reminder(share, until if share.is_open(now) else None)
    return queued


def note_end(share: Share, services: Services) -> None:
    """A share ends by its time, and nobody does that: it is recorded when the schedule sees it."""
    record = AuditRecord(
        services.clock(), Action.SHARE_EXPIRED, PORTAL, share.id, workflow="reminders",
        once=f"expired/{share.id}/{share.expires_at.isoformat()}",
        details={"expires_at": share.expires_at.isoformat()},
    )  # fmt: skip
    services.audit.write(record)


def list_unfetched(share: Share, recipients: list[Recipient], services: Services) -> list[Recipient]:
    """Who has not downloaded what they still could: nobody is reminded of what is deleted (R72)."""
    found, now = services.files.get_of_shares([share]), services.clock()
    waiting = [each for each in recipients if each.download_count == 0]
    return [each for each in waiting if offer(share, each, found, now).closed is None]


def list_due_times(share: Share, services: Services) -> list[tuple[datetime, int]]:
    """When something is due, and how many days before the end that is; not before the share was made."""
    days = {*services.limits.reminder_days, OWNER_DAYS}
    found = [(share.expires_at - timedelta(days=each), each) for each in sorted(days)]
    return [(at, each) for at, each in found if at > share.created_at]


def draft_due(
    share: Share, missing: list[Recipient], now: datetime, services: Services
) -> Iterator[Notification]:
    """Of several reminders that are overdue, the last alone."""
    passed = {days for at, days in list_due_times(share, services) if at <= now}
    reminders = passed & set(services.limits.reminder_days)
    ends = share.expires_at.isoformat()
    for each in missing if reminders else []:
        if each.mail.state not in NO_MAIL:
            yield draft_reminder(share, each, f"{ends}/{min(reminders)}", now)
    if missing and OWNER_DAYS in passed:
        yield notify_owner(NotificationKind.UNFETCHED, share, now, ends, people=name_some(missing))


def name_some(people: list[Recipient]) -> str:
    """Of many the first, and how many others there are."""
    more = f" … (+{len(people) - NAMED})" if len(people) > NAMED else ""
    return ", ".join(each.address for each in people[:NAMED]) + more


def draft_reminder(share: Share, recipient: Recipient, which: str, now: datetime) -> Notification:
    return Notification(
        id=derive_id(NotificationKind.REMINDER, share.id, recipient.id, which),
        kind=NotificationKind.REMINDER,
        to=recipient.address,
        share_id=share.id,
        recipient_id=recipient.id,
        created_at=now,
        mail=MailJob(due_at=now, changed_at=now),
    )
