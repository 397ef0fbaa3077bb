"""The outbox: mails to be sent stand on their recipients' items, written with the share (R52-R54).

A mail is claimed by a conditional update with a lease before it is sent, so that two workers do not send it
twice; a worker that dies lets its lease run out, and the mail is due again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack
from portal.aws.shares_table import recipient_key
from portal.aws.table import ConditionFailed, Key, Table, Write, put_new, update
from portal.domain.audit import AuditRecord
from portal.domain.models import MailJob, MailState, Recipient, RecipientState

MESSAGE_DAYS = 60  # how long the mail service's news of a message can still be told from others'


class Outbox:
    def __init__(self, table: Table) -> None:
        self.table = table

    def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        items, _ = self.table.query(
            "#due_kind = :kind AND #due_at <= :now",
            index="due",
            limit=limit,
            kind="MAIL",
            now=int(now.timestamp()),
        )
        return [(str(item["share_id"]), str(item["id"])) for item in items]

    def claim(self, recipient: Recipient, now: datetime, lease_seconds: int) -> bool:
        """Only the worker that saw the job as it stands gets it: the due time it read must still be the due
        time.
        """
        ends = now + timedelta(seconds=lease_seconds)
        write = update(
            recipient_key(recipient.share_id, recipient.id),
            "SET #mail.#due_at = :ends, #due_at = :ends_at, #mail.#tries = :tries",
            "#mail.#state = :queued AND #state = :open AND #mail.#due_at = :seen",
            ends=moment(ends), ends_at=int(ends.timestamp()), tries=recipient.mail.tries + 1,
            queued=MailState.QUEUED, open=RecipientState.OPEN,
            seen=moment(recipient.mail.due_at) if recipient.mail.due_at else "",
        )  # fmt: skip
        return self.done([write])

    def settle(self, recipient: Recipient, job: MailJob, record: AuditRecord | None) -> bool:
        """What became of a mail. News that is older than what is known changes nothing."""
        key = recipient_key(recipient.share_id, recipient.id)
        due = job.due_at if job.state is MailState.QUEUED else None
        change = "SET #mail = :mail" + (", #due_kind = :kind, #due_at = :due" if due else " REMOVE #due_kind")
        values: dict[str, Any] = {"kind": "MAIL", "due": int(due.timestamp())} if due else {}
        write = update(
            key, change, "#mail.#state = :before AND #mail.#tries <= :tries",
            mail=pack(job), before=recipient.mail.state, tries=job.tries, **values,
        )  # fmt: skip
        found = [put_new(message_item(job.message_id, key, job))] if job.state is MailState.SENT else []
        return self.done([write, *found, *([appended(record)] if record else [])])

    def of_message(self, message_id: str) -> tuple[str, str] | None:
        found = self.table.get((f"MESSAGE#{message_id}", "MESSAGE"))
        if found is None:
            return None
        return str(found["share_id"]), str(found["recipient_id"])

    def done(self, writes: list[Write]) -> bool:
        try:
            self.table.transact(writes)
        except ConditionFailed:
            return False
        return True


def message_item(message_id: str, key: Key, job: MailJob) -> dict[str, object]:
    item: dict[str, object] = {
        "pk": f"MESSAGE#{message_id}",
        "sk": "MESSAGE",
        "share_id": key[0].removeprefix("SHARE#"),
        "recipient_id": key[1].removeprefix("RECIPIENT#"),
    }
    if job.changed_at:
        item["ttl"] = int((job.changed_at + timedelta(days=MESSAGE_DAYS)).timestamp())
    return item
