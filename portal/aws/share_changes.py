"""What becomes of a share after it was sent. Each change is one transaction, together with the copies of the
share on its recipients' items, which the lists of what somebody received show.

At most 50 recipients and 40 files, so that a change with all of them stays below 100 writes (`Limits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack
from portal.aws.files_table import key as file_key
from portal.aws.mail_counts import mailed
from portal.aws.shares_table import (
    REMIND_ANEW,
    Shares,
    copy_of,
    recipient_item,
    recipient_key,
    remind_anew,
    share_key,
)
from portal.aws.table import ConditionFailed, Table, Write, check, put_new, update
from portal.domain.audit import AuditRecord
from portal.domain.errors import MailsUsedUp, Unavailable
from portal.domain.files import File, FileState
from portal.domain.shares import AskingState, MailJob, MailState, Recipient, RecipientState, Share, ShareState

# The share as it was read: nobody changed it, and nobody was added, whose copy would then be missed.
AS_READ = "#state = :open AND #version = :version AND size(#addresses) = :people"
# What may become of a share that was sent, by the attributes' names.
CHANGED = (
    "expires_at", "message", "download_limit", "confirm", "password_hash", "preview", "notify", "version",
)  # fmt: skip
REOPENED = ("state", "generation", "key_id", "mail", "share", "due_kind", "due_at")
COUNTER_DAYS = 3
# How long withdrawing goes on trying while others change the share: each time it loses, another was done, so
# it loses only as long as others keep coming; well under the gateway's 29 s.
WITHDRAW_SECONDS = 10.0


class ShareChanges:
    def __init__(self, table: Table, shares: Shares) -> None:
        self.table = table
        self.shares = shares

    def change(
        self, before: Share, after: Share, recipients: Sequence[Recipient], files: Sequence[File],
        record: AuditRecord,
    ) -> bool:  # fmt: skip
        changed = replace(after, version=before.version + 1)
        entry = pack(changed)
        values = {name: entry[name] for name in CHANGED if name in entry}
        gone = "" if "download_limit" in values else " REMOVE #download_limit"
        write = update(
            share_key(before.id),
            "SET " + ", ".join(f"#{name} = :new_{name}" for name in values) + f", {REMIND_ANEW}{gone}",
            AS_READ, **as_read(before), **remind_anew(),
            **{f"new_{name}": value for name, value in values.items()},
        )  # fmt: skip
        copies = [copied(changed, each, record.at) for each in recipients]
        kept = [kept_for(changed, file) for file in files]
        return self.table.done([write, *copies, *kept, appended(record)])

    def withdraw(self, share: Share, record: AuditRecord) -> bool:
        """Close the share for good, whatever else is changed in it at the same moment (R48)."""
        ends = monotonic() + WITHDRAW_SECONDS
        while monotonic() < ends:
            found = self.shares.with_recipients(share.id)
            if found is None or found[0].state is ShareState.WITHDRAWN:
                return False
            if self.close(*found, record):
                return True
        raise Unavailable()

    def close(self, share: Share, recipients: Sequence[Recipient], record: AuditRecord) -> bool:
        write = update(
            share_key(share.id), "SET #state = :withdrawn, #withdrawn_at = :now, #version = #version + :one",
            AS_READ, **as_read(share), withdrawn=ShareState.WITHDRAWN, now=moment(record.at), one=1,
        )  # fmt: skip
        copies = [
            update(
                recipient_key(share.id, each.id), "SET #share.#state = :withdrawn REMOVE #due_kind",
                withdrawn=ShareState.WITHDRAWN,
            )
            for each in recipients
        ]  # fmt: skip
        return self.table.done([write, *copies, appended(record)])

    def withdraw_recipient(self, share: Share, recipient: Recipient, record: AuditRecord) -> bool:
        """A request of theirs that waits is over with it, and makes room for another's. One that was sent or
        answered at the same moment is seen the next time round.
        """
        ends = monotonic() + WITHDRAW_SECONDS
        while monotonic() < ends:
            found = self.shares.with_recipient(share.id, recipient.id)
            if found is None or found[1].state is not RecipientState.OPEN:
                return False
            if self.table.done([*closed(found[1], record.at), appended(record)]):
                return True
        raise Unavailable()

    def add(
        self, share: Share, recipients: Sequence[Recipient], record: AuditRecord, most_mails: int
    ) -> bool:
        new = [each for each in recipients if each.generation == 1]
        as_it_is = AS_READ + " AND #expires_at > :now"
        values = {**as_read(share), "now": moment(record.at)}
        write = check(share_key(share.id), as_it_is, **values)
        if new:
            added = [each.address for each in new]
            change = "SET #addresses = list_append(#addresses, :new)"
            write = update(share_key(share.id), change, as_it_is, new=added, **values)
        copies = [put_new(recipient_item(share, each)) for each in new]
        copies += [reopened(share, each) for each in recipients if each.generation > 1]
        counted = mailed(share, recipients, record.at, most_mails)
        try:
            self.table.transact([write, *counted, *copies, appended(record)])
        except ConditionFailed as failed:
            if counted and failed.which == (1,):
                raise MailsUsedUp() from failed
            return False
        return True

    def send_again(
        self, share: Share, recipient: Recipient, seen: str, most: int, record: AuditRecord, most_mails: int
    ) -> str:
        job = MailJob(due_at=record.at, changed_at=record.at)
        write = update(
            recipient_key(recipient.share_id, recipient.id),
            "SET #mail = :mail, #due_kind = :kind, #due_at = :due",
            "#state = :open AND #generation = :link"
            " AND #mail.#message_id = :seen AND #mail.#state <> :queued",
            open=RecipientState.OPEN, link=recipient.generation, seen=seen, queued=MailState.QUEUED,
            mail=pack(job), kind="MAIL", due=int(record.at.timestamp()),
        )  # fmt: skip
        still_open = check(
            share_key(recipient.share_id), "#state = :open AND #expires_at > :now",
            open=ShareState.OPEN, now=moment(record.at),
        )  # fmt: skip
        counted = counted_today(recipient, record.at, most)
        mail = mailed(share, [replace(recipient, mail=job)], record.at, most_mails)
        try:
            self.table.transact([still_open, write, counted, *mail, appended(record)])
        except ConditionFailed as failed:
            if min(failed.which) == 3:
                raise MailsUsedUp() from failed
            return ("closed", "repeated", "often")[min(failed.which)]
        return "queued"


def closed(recipient: Recipient, at: datetime) -> list[Write]:
    """A recipient taken from the share, with the request that waited for an answer, if one did."""
    asked = recipient.asking is not None and recipient.asking.state is AskingState.OPEN
    over = ", #asking.#state = :declined, #asking.#answered_at = :now" if asked else ""
    waits = "#asking.#state = :asked" if asked else (
        "(attribute_not_exists(#asking) OR #asking.#state <> :asked)"
    )  # fmt: skip
    values: dict[str, Any] = {"declined": AskingState.DECLINED} if asked else {}
    write = update(
        recipient_key(recipient.share_id, recipient.id),
        f"SET #state = :withdrawn, #withdrawn_at = :now{over} REMOVE #due_kind",
        f"#state = :open AND {waits}",
        withdrawn=RecipientState.WITHDRAWN, open=RecipientState.OPEN, asked=AskingState.OPEN, now=moment(at),
        **values,
    )  # fmt: skip
    room = update(share_key(recipient.share_id), "ADD #open_asks :less", "attribute_exists(#pk)", less=-1)
    return [write, room] if asked else [write]


def as_read(share: Share) -> dict[str, Any]:
    return {"open": ShareState.OPEN, "version": share.version, "people": len(share.addresses)}


def copied(share: Share, recipient: Recipient, at: datetime | None = None) -> Write:
    """The share's copy on a recipient's item. at: queue a mail then that came too late before (I2)."""
    change, condition = "SET #share = :share", "attribute_exists(#pk)"
    values: dict[str, Any] = {"share": copy_of(share)}
    if at and recipient.state is RecipientState.OPEN and recipient.mail.came_too_late:
        change += ", #mail = :mail, #due_kind = :kind, #due_at = :due"
        condition = "#state = :open AND #mail.#state = :failed"
        job = MailJob(due_at=at, changed_at=at)
        values |= {"mail": pack(job), "kind": "MAIL", "due": int(at.timestamp())}
        values |= {"open": RecipientState.OPEN, "failed": MailState.FAILED}
    return update(recipient_key(share.id, recipient.id), change, condition, **values)


def kept_for(share: Share, file: File) -> Write:
    """Let a file live as long as the share; fails where it was deleted, or prolonged further, meanwhile."""
    until = share.expires_at
    return update(
        file_key(file.owner_id, file.id), "SET #keep_until = :until, #due_at = :due",
        "#state = :ready AND #keep_until < :until",
        ready=FileState.READY, until=moment(until), due=int(until.timestamp()),
    )  # fmt: skip


def reopened(share: Share, recipient: Recipient) -> Write:
    """Somebody who was withdrawn comes back, with a link of the next generation."""
    entry = recipient_item(share, recipient)
    values = {name: entry[name] for name in REOPENED}
    return update(
        recipient_key(share.id, recipient.id),
        "SET " + ", ".join(f"#{name} = :{name}" for name in REOPENED) + " REMOVE #withdrawn_at",
        "#state = :withdrawn AND #generation = :before",
        withdrawn=RecipientState.WITHDRAWN, before=recipient.generation - 1, **values,
    )  # fmt: skip


def counted_today(recipient: Recipient, at: datetime, most: int) -> Write:
    """One more mail sent again to somebody on this day (UTC), never past the limit; gone some days later."""
    key = (share_key(recipient.share_id)[0], f"TIMES#again#{recipient.id}#{moment(at)[:10]}")
    return update(
        key, "SET #ttl = :ttl ADD #times :one", "attribute_not_exists(#times) OR #times < :most",
        one=1, most=most, ttl=int((at + timedelta(days=COUNTER_DAYS)).timestamp()),
    )  # fmt: skip
