"""The outbox: emails to be sent, written with what causes them (R52-R54).

An invitation stands on its recipient's item, any other email on an item of its own; both are claimed, sent
and settled alike. An email is claimed by a conditional update with a lease before it is sent, so that two
workers do not send it twice; a worker that dies lets its lease run out, and the email is due again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.keys import (
    DueKind,
    digest_key,
    mail_place,
    message_key,
    notification_key,
    recipient_key,
    waiting_list,
)
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Key, Write, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.due import query_due
from portal.aws.tables.notifications import MESSAGE_DAYS, queue_notification
from portal.aws.tables.suppressed_table import suppress
from portal.domain.audit.record import AuditRecord
from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.mail.notifications import MailPlace, Notification
from portal.domain.mail.suppression import SuppressedAddress
from portal.domain.shares.share import Recipient, RecipientState


class Outbox:
    def __init__(self, table: Table) -> None:
        self.table = table

    def list_due(self, now: datetime, limit: int) -> list[MailPlace]:
        return list(islice(self.list_all_due(now, limit), limit))

    def list_all_due(self, now: datetime, rows: int) -> Iterator[MailPlace]:
        return (mail_place((item["pk"], item["sk"])) for item in query_due(self.table, "mail", now, rows))

    def get_notification(self, notice_id: str) -> Notification | None:
        found = self.table.get(notification_key(notice_id))
        return unpack(Notification, found) if found else None

    def claim(self, what: Recipient | Notification, now: datetime, lease_seconds: int) -> bool:
        """Only the worker that saw the job as it stands gets it: the due time it read must still be the due
        time. It counts as unanswered until it is settled, in case this worker dies on the way.
        """
        ends = now + timedelta(seconds=lease_seconds)
        condition, values = "#mail.#state = :queued AND #mail.#due_at = :seen", dict[str, Any]()
        if isinstance(what, Recipient):
            condition, values = condition + " AND #state = :open", {"open": RecipientState.OPEN}
        write = update(
            mail_key(what),
            "SET #mail.#due_at = :ends, #due_at = :ends_at, #mail.#tries = :tries,"
            " #mail.#unanswered = :unanswered",
            condition,
            ends=moment(ends), ends_at=int(ends.timestamp()), tries=what.mail.tries + 1,
            unanswered=what.mail.unanswered + 1,
            queued=MailState.QUEUED, seen=moment(what.mail.due_at) if what.mail.due_at else "", **values,
        )  # fmt: skip
        return self.table.try_write(write)

    def settle(
        self,
        what: Recipient | Notification,
        job: MailJob,
        record: AuditRecord | None,
        notices: Sequence[Notification] = (),
        held: SuppressedAddress | None = None,
        claimed: int = 0,
    ) -> bool:
        """What became of an email. News that is older than what is known changes nothing."""
        key = mail_key(what)
        due = job.due_at if job.state is MailState.QUEUED else None
        at = due or (job.changed_at or self.table.clock() if job.state is MailState.FAILED else None)
        gone = ["#due_kind"] * (at is None) + ["#list_pk"] * (due is None and isinstance(what, Notification))
        change = "SET #mail = :mail" + (", #due_kind = :kind, #due_at = :at" if at else "")
        change += " REMOVE " + ", ".join(gone) if gone else ""
        values: dict[str, Any] = (
            {"kind": DueKind.MAIL if due else DueKind.FAILED_MAIL, "at": int(at.timestamp())} if at else {}
        )
        write = update(
            key, change, "#mail.#state = :before AND #mail.#tries <= :tries",
            mail=pack(job), before=what.mail.state, tries=max(job.tries, claimed), **values,
        )  # fmt: skip
        sent = job.state is MailState.SENT and job.message_id
        found = [link_message(job, key, job.changed_at or self.table.clock())] if sent else []
        return self.table.try_transact(
            [
                write,
                *found,
                *map(queue_notification, notices),
                *([suppress(held)] if held else []),
                *([append_record(record)] if record else []),
            ]
        )

    def list_all_failed(self) -> Iterator[tuple[MailPlace, str]]:
        items = self.table.query_all("#due_kind = :failed", index="due", rows=25, failed=DueKind.FAILED_MAIL)
        return ((mail_place((item["pk"], item["sk"])), owner_of(item)) for item in items)

    def queue_again(self, what: Recipient | Notification, now: datetime, record: AuditRecord) -> bool:
        job = MailJob(due_at=now, changed_at=now, tries=what.mail.tries)
        condition, values = "#mail.#state = :failed AND #mail.#tries = :seen", dict[str, Any]()
        if isinstance(what, Recipient):
            condition, values = condition + " AND #state = :open", {"open": RecipientState.OPEN}
        write = update(
            mail_key(what), "SET #mail = :mail, #due_kind = :kind, #due_at = :due", condition,
            mail=pack(job), kind=DueKind.MAIL, due=int(now.timestamp()), failed=MailState.FAILED,
            seen=what.mail.tries, **values,
        )  # fmt: skip
        return self.table.try_transact([write, append_record(record)])

    def queue(self, notice: Notification) -> bool:
        """Add an email by itself; False where it is there already."""
        return self.table.try_transact([queue_notification(notice)])

    def list_waiting(self, person_id: str, limit: int) -> list[Notification]:
        """What someone is to be told of by and by, oldest first."""
        items, _ = self.table.query(
            "#list_pk = :list", index="by_time", limit=limit, list=waiting_list(person_id)
        )
        return [unpack(Notification, item) for item in items]

    def put_off(self, what: Recipient | Notification, until: datetime, problem: str = "") -> None:
        """Leave an email for later, unless someone else has it by now. problem: what it waits for."""
        change = "SET #mail.#due_at = :until, #due_at = :due" + (", #mail.#problem = :for" if problem else "")
        values: dict[str, Any] = {"for": problem} if problem else {}
        write = update(
            mail_key(what), change, "#mail.#state = :queued AND #mail.#due_at = :seen",
            until=moment(until), due=int(until.timestamp()), queued=MailState.QUEUED,
            seen=moment(what.mail.due_at) if what.mail.due_at else "", **values,
        )  # fmt: skip
        self.table.try_transact([write])

    def take_turn(self, person_id: str, now: datetime, gap: timedelta) -> datetime | None:
        """Take the turn to tell someone something; else when the last turn was, less than the gap ago."""
        key = digest_key(person_id)
        write = update(
            key, "SET #told_at = :now, #ttl = :ttl", "attribute_not_exists(#told_at) OR #told_at <= :before",
            now=moment(now), before=moment(now - gap), ttl=int((now + timedelta(days=1)).timestamp()),
        )  # fmt: skip
        if self.table.try_transact([write]):
            return None
        found = self.table.get(key)
        return datetime.fromisoformat(found["told_at"]) if found else now

    def find_by_message(self, message_id: str) -> list[MailPlace]:
        found = self.table.get(message_key(message_id))
        jobs = sorted(found["jobs"]) if found else []
        return [mail_place((pk, sk)) for pk, sk in (each.split(" ") for each in jobs)]


def owner_of(item: Item) -> str:
    """Whose email it is, as far as its item says."""
    return str(item.get("share", {}).get("owner_id", "") or item.get("person_id", ""))


def mail_key(what: Recipient | Notification) -> Key:
    return recipient_key(what.share_id, what.id) if isinstance(what, Recipient) else notification_key(what.id)


def link_message(job: MailJob, key: Key, sent_at: datetime) -> Write:
    """Note which jobs a message is the email of: one, or all that a digest tells of."""
    ends = sent_at + timedelta(days=MESSAGE_DAYS)
    return update(
        message_key(job.message_id), "SET #ttl = :ttl ADD #jobs :job",
        ttl=int(ends.timestamp()), job={" ".join(key)},
    )  # fmt: skip
