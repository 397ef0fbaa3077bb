"""A mail of its own in the table: the write that queues it, to stand in the transaction of what causes it."""

from __future__ import annotations

from datetime import timedelta

from portal.aws.codec import moment, pack
from portal.aws.table import Item, Key, Write, put_new
from portal.domain.notices import COLLECTED, Notice

# How long a mail and the mail service's news of it are kept; the audit log keeps what became of it.
MESSAGE_DAYS = 60


def queued(notice: Notice) -> Write:
    pk, sk = notice_key(notice.id)
    entry: Item = {**pack(notice), "pk": pk, "sk": sk}
    if notice.created_at:
        entry["ttl"] = int((notice.created_at + timedelta(days=MESSAGE_DAYS)).timestamp())
    if notice.mail.due_at:
        entry |= {"due_kind": "MAIL", "due_at": int(notice.mail.due_at.timestamp())}
    if notice.kind in COLLECTED and notice.created_at:
        entry |= {"list_pk": waiting_list(notice.person_id), "list_time": moment(notice.created_at)}
    return put_new(entry)


def waiting_list(person_id: str) -> str:
    return f"TELL#{person_id}"


def notice_key(notice_id: str) -> Key:
    return f"MAIL#{notice_id}", "MAIL"
