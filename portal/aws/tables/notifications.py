"""An email of its own in the table: the write that queues it, in the transaction of what causes it."""

from __future__ import annotations

from datetime import timedelta

from portal.aws.client.codec import moment, pack
from portal.aws.client.keys import DueKind, notification_key, waiting_list
from portal.aws.client.writes import Item, Write, put_new
from portal.domain.mail.notifications import WAITING, Notification

# How long an email and the mail service's news of it are kept; the audit log keeps what became of it.
MESSAGE_DAYS = 60


def queue_notification(notice: Notification) -> Write:
    pk, sk = notification_key(notice.id)
    entry: Item = {**pack(notice), "pk": pk, "sk": sk}
    if notice.created_at:
        entry["ttl"] = int((notice.created_at + timedelta(days=MESSAGE_DAYS)).timestamp())
    if notice.mail.due_at:
        entry |= {"due_kind": DueKind.MAIL, "due_at": int(notice.mail.due_at.timestamp())}
    if notice.kind in WAITING and notice.created_at:
        entry |= {"list_pk": waiting_list(notice.person_id), "list_time": moment(notice.created_at)}
    return put_new(entry)
