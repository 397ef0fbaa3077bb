"""The outbox: mails to be sent, written with what causes them (R52-R54).

An invitation stands on its recipient's item, any other mail on an item of its own; both are claimed, sent and
settled alike. A mail is claimed by a conditional update with a lease before it is sent, so that two workers
do not send it twice; a worker that dies lets its lease run out, and the mail is due again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack, unpack
from portal.aws.notices import MESSAGE_DAYS, notice_key, queued, waiting_list
from portal.aws.shares_table import recipient_key
from portal.aws.suppressed_table import held_back
from portal.aws.table import ConditionFailed, Key, Table, Write, update
from portal.domain.audit import AuditRecord
from portal.domain.notices import MailPlace, Notice
from portal.domain.shares import MailJob, MailState, Recipient, RecipientState
from portal.domain.suppression import Held


class Outbox:
    def __init__(self, table: Table) -> None:
        self.table = table

    def due(self, now: datetime, limit: int) -> list[MailPlace]:
        items, _ = self.table.query(
            "#due_kind = :kind AND #due_at <= :now",
            index="due",
            limit=limit,
            kind="MAIL",
            now=int(now.timestamp()),
        )
        return [place((item["pk"], item["sk"])) for item in items]

    def notice(self, notice_id: str) -> Notice | None:
        found = self.table.get(notice_key(notice_id))
        return unpack(Notice, found) if found else None

    def claim(self, what: Recipient | Notice, now: datetime, lease_seconds: int) -> bool:
        """Only the worker that saw the job as it stands gets it: the due time it read must still be the due
        time.
        """
        ends = now + timedelta(seconds=lease_seconds)
        condition, values = "#mail.#state = :queued AND #mail.#due_at = :seen", dict[str, Any]()
        if isinstance(what, Recipient):
            condition, values = condition + " AND #state = :open", {"open": RecipientState.OPEN}
        write = update(
            key_of(what),
            "SET #mail.#due_at = :ends, #due_at = :ends_at, #mail.#tries = :tries",
            condition,
            ends=moment(ends), ends_at=int(ends.timestamp()), tries=what.mail.tries + 1,
            queued=MailState.QUEUED, seen=moment(what.mail.due_at) if what.mail.due_at else "", **values,
        )  # fmt: skip
        try:
            self.table.write(write)
        except ConditionFailed:
            return False
        return True

    def settle(
        self,
        what: Recipient | Notice,
        job: MailJob,
        record: AuditRecord | None,
        notices: Sequence[Notice] = (),
        held: Held | None = None,
    ) -> bool:
        """What became of a mail. News that is older than what is known changes nothing."""
        key = key_of(what)
        due = job.due_at if job.state is MailState.QUEUED else None
        over = " REMOVE #due_kind" + (", #list_pk" if isinstance(what, Notice) else "")
        change = "SET #mail = :mail" + (", #due_kind = :kind, #due_at = :due" if due else over)
        values: dict[str, Any] = {"kind": "MAIL", "due": int(due.timestamp())} if due else {}
        write = update(
            key, change, "#mail.#state = :before AND #mail.#tries <= :tries",
            mail=pack(job), before=what.mail.state, tries=job.tries, **values,
        )  # fmt: skip
        sent = job.state is MailState.SENT and job.message_id
        found = [part_of_message(job, key)] if sent else []
        return self.table.done(
            [
                write,
                *found,
                *map(queued, notices),
                *([held_back(held)] if held else []),
                *([appended(record)] if record else []),
            ]
        )

    def queue(self, notice: Notice) -> bool:
        """Add a mail by itself; False where it is there already."""
        return self.table.done([queued(notice)])

    def waiting(self, person_id: str, limit: int) -> list[Notice]:
        """What somebody is to be told of by and by, oldest first."""
        items, _ = self.table.query(
            "#list_pk = :list", index="by_time", limit=limit, list=waiting_list(person_id)
        )
        return [unpack(Notice, item) for item in items]

    def put_off(self, notice: Notice, until: datetime) -> None:
        """Leave a mail for later, unless somebody else has it by now."""
        write = update(
            notice_key(notice.id), "SET #mail.#due_at = :until, #due_at = :due",
            "#mail.#state = :queued AND #mail.#due_at = :seen",
            until=moment(until), due=int(until.timestamp()), queued=MailState.QUEUED,
            seen=moment(notice.mail.due_at) if notice.mail.due_at else "",
        )  # fmt: skip
        self.table.done([write])

    def take_turn(self, person_id: str, now: datetime, gap: timedelta) -> datetime | None:
        """Take the turn to tell somebody something; else when the last turn was, less than the gap ago."""
        key = (f"PERSON#{person_id}", "TOLD")
        write = update(
            key, "SET #told_at = :now, #ttl = :ttl", "attribute_not_exists(#told_at) OR #told_at <= :before",
            now=moment(now), before=moment(now - gap), ttl=int((now + timedelta(days=1)).timestamp()),
        )  # fmt: skip
        if self.table.done([write]):
            return None
        found = self.table.get(key)
        return datetime.fromisoformat(found["told_at"]) if found else now

    def of_message(self, message_id: str) -> list[MailPlace]:
        found = self.table.get(message_key(message_id))
        jobs = sorted(found["jobs"]) if found else []
        return [place((pk, sk)) for pk, sk in (each.split(" ") for each in jobs)]


def key_of(what: Recipient | Notice) -> Key:
    return recipient_key(what.share_id, what.id) if isinstance(what, Recipient) else notice_key(what.id)


def place(key: Key) -> MailPlace:
    if key[1] == "MAIL":
        return MailPlace(notice_id=key[0].removeprefix("MAIL#"))
    return MailPlace(key[0].removeprefix("SHARE#"), key[1].removeprefix("RECIPIENT#"))


def message_key(message_id: str) -> Key:
    return f"MESSAGE#{message_id}", "MESSAGE"


def part_of_message(job: MailJob, key: Key) -> Write:
    """Note which jobs a message is the mail of: one, or all that a digest tells of."""
    ends = (job.changed_at or datetime.now(UTC)) + timedelta(days=MESSAGE_DAYS)
    return update(
        message_key(job.message_id), "SET #ttl = :ttl ADD #jobs :job",
        ttl=int(ends.timestamp()), job={" ".join(key)},
    )  # fmt: skip
