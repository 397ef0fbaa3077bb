"""What an owner is told of by email without asking, drafted where it happens."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.domain.files.file import SharedFile
from portal.domain.ids import derive_id
from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.shares.share import Notify, Recipient, Share

COLLECTING = timedelta(seconds=60)  # what happens in a minute is told in one email


NOT_ARRIVED = {MailState.FAILED, MailState.BOUNCED, MailState.COMPLAINED, MailState.HELD}


def notify_owner(
    kind: NotificationKind, share: Share, now: datetime, *which: str, recipient_id: str = "", **values: str
) -> Notification:
    """A notice to a share's owner; `which` tells it from others of its kind."""
    return Notification(
        id=derive_id(kind, share.id, recipient_id, *which), kind=kind, to=share.owner_address,
        share_id=share.id, recipient_id=recipient_id, person_id=share.owner_id, values=values,
        created_at=now, mail=MailJob(due_at=now + COLLECTING, changed_at=now),
    )  # fmt: skip


def draft_download_notice(
    share: Share, recipient: Recipient, file: SharedFile, attempt: str, now: datetime, how: str = ""
) -> Notification | None:
    """Of a download that is being counted; None where its owner is not told of it."""
    first = recipient.download_count == 0
    if share.notify is Notify.NEVER or (share.notify is Notify.FIRST and not first):
        return None
    which = str(recipient.generation) if share.notify is Notify.FIRST else f"{attempt}/{now.isoformat()}"
    values = {"to": recipient.address, "name": file.name, "first": "yes" if first else "", "how": how}
    return notify_owner(NotificationKind.DOWNLOADED, share, now, which, recipient_id=recipient.id, **values)


def draft_bounce_notices(
    share: Share, recipient: Recipient, job: MailJob, now: datetime
) -> tuple[Notification, ...]:
    """Of an email to a recipient that the mail service refused or held back, that came back, or that was
    marked as unwanted.
    """
    if job.state not in NOT_ARRIVED:
        return ()
    values = {"to": recipient.address, "state": str(job.state), "problem": job.problem}
    which = (str(job.state), job.message_id or f"{now.isoformat()}")
    return (notify_owner(NotificationKind.BOUNCED, share, now, *which, recipient_id=recipient.id, **values),)
