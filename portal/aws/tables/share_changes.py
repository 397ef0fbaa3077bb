"""What becomes of a share after it was sent. Each change is one transaction, together with the copies of the
share on its recipients' items, which the lists of what someone received show.

At most 50 recipients have copies, and at most 40 files stand in a share, so that a change with all of them
stays below 100 writes. What has more recipients has no copies, and is changed in its own item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portal.aws.client.codec import moment, pack
from portal.aws.client.keys import DueKind, recipient_key, resends_key, share_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Write, check, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.everyone_table import retitle_withdrawn
from portal.aws.tables.file_shares import extend_with_share
from portal.aws.tables.mail_counts import MAILS_USED_UP, count_mails
from portal.aws.tables.share_items import REMIND_ANEW, copy_of, recipient_item, remind_anew
from portal.aws.tables.shares_table import Shares
from portal.domain.audit.record import AuditRecord
from portal.domain.clock import start_countdown
from portal.domain.errors import MailsUsedUp, Unavailable
from portal.domain.files.file import File
from portal.domain.mail.mail_job import MailJob, MailState, ResendResult
from portal.domain.shares.share import (
    MAX_COPIES,
    AccessRequestState,
    Recipient,
    RecipientState,
    Share,
    ShareState,
    derive_recipient_id,
)

# The share as it was read: nobody changed it, and nobody was added, whose copy would then be missed.
AS_READ = "#state = :open AND #version = :version AND size(#addresses) = :people"
# What may become of a share that was sent, by the attributes' names.
CHANGEABLE = (
    "expires_at", "message", "download_limit", "confirm", "password_hash", "preview", "notify", "version",
)  # fmt: skip
REOPENED_ATTRIBUTES = ("state", "generation", "key_id", "mail", "share", "due_kind", "due_at")
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
        values = {name: entry[name] for name in CHANGEABLE if name in entry}
        gone = "" if "download_limit" in values else " REMOVE #download_limit"
        write = update(
            share_key(before.id),
            "SET " + ", ".join(f"#{name} = :new_{name}" for name in values) + f", {REMIND_ANEW}{gone}",
            AS_READ, **as_read(before), **remind_anew(),
            **{f"new_{name}": value for name, value in values.items()},
        )  # fmt: skip
        copies = update_copies(changed, recipients, record.at)
        kept = [extend_with_share(changed, file) for file in files]
        if not self.table.try_transact([write, *copies, *kept, append_record(record)]):
            return False
        queue_late(self.table, changed, recipients, record.at)
        return True

    def withdraw(self, share: Share, record: AuditRecord) -> bool:
        """Close the share for good, whatever else is changed in it at the same moment (R48)."""
        seconds_left = start_countdown(self.table.clock, WITHDRAW_SECONDS)
        while seconds_left() > 0:
            found = self.shares.get_with_recipients(share.id)
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
            if share.has_copies
        ]  # fmt: skip
        return self.table.try_transact([write, *copies, retitle_withdrawn(share), append_record(record)])

    def withdraw_recipient(self, share: Share, recipient: Recipient, record: AuditRecord) -> bool:
        """A request of theirs that waits is over with it, and makes room for another's. One that was sent or
        answered at the same moment is seen the next time round.
        """
        seconds_left = start_countdown(self.table.clock, WITHDRAW_SECONDS)
        while seconds_left() > 0:
            found = self.shares.get_with_recipient(share.id, recipient.id)
            if found is None or found[1].state is not RecipientState.OPEN:
                return False
            gone = [withdraw_recipient(found[1], record.at), leave_share(found[1])]
            if self.table.try_transact([*gone, append_record(record)]):
                return True
        raise Unavailable()

    def add(
        self, share: Share, recipients: Sequence[Recipient], record: AuditRecord, most_mails: int,
        instead_of: Recipient | None = None,
    ) -> bool:  # fmt: skip
        new = [each for each in recipients if each.generation == 1]
        if share.has_copies and len(share.addresses) + len(new) > MAX_COPIES:
            self.drop_copies(share)
            return False
        copies = [put_new(recipient_item(share, each)) for each in new]
        copies += [reopen_recipient(share, each) for each in recipients if each.generation > 1]
        copies += [withdraw_recipient(instead_of, record.at)] if instead_of else []
        write = add_to_share(share, recipients, record.at, instead_of)
        counted = count_mails(share, recipients, record.at, most_mails)
        try:
            self.table.transact([write, *counted, *copies, append_record(record)])
        except ConditionFailed as failed:
            if failed.is_only(MAILS_USED_UP):
                raise MailsUsedUp() from failed
            return False
        return True

    def drop_copies(self, share: Share) -> None:
        """Before it has too many recipients for them; a new version, since nobody may change a copy then."""
        ids = [derive_recipient_id(share.id, each) for each in share.addresses]
        dropped = [
            update(recipient_key(share.id, each), "REMOVE #share", "attribute_exists(#pk)") for each in ids
        ]
        change = "SET #has_copies = :no, #version = #version + :one"
        write = update(share_key(share.id), change, AS_READ, **as_read(share), no=False, one=1)
        self.table.try_transact([write, *dropped])

    def send_again(
        self, share: Share, recipient: Recipient, seen: str, most: int, record: AuditRecord, most_mails: int
    ) -> ResendResult:
        job = MailJob(due_at=record.at, changed_at=record.at)
        write = update(
            recipient_key(recipient.share_id, recipient.id),
            "SET #mail = :mail, #due_kind = :kind, #due_at = :due",
            "#state = :open AND #generation = :link"
            " AND #mail.#message_id = :seen AND #mail.#state <> :queued",
            open=RecipientState.OPEN, link=recipient.generation, seen=seen, queued=MailState.QUEUED,
            mail=pack(job), kind=DueKind.MAIL, due=int(record.at.timestamp()),
        ).failing_as(ResendResult.REPEATED)  # fmt: skip
        still_open = check(
            share_key(recipient.share_id), "#state = :open AND #expires_at > :now",
            open=ShareState.OPEN, now=moment(record.at),
        ).failing_as(ResendResult.SHARE_CLOSED)  # fmt: skip
        counted = count_resend(recipient, record.at, most).failing_as(ResendResult.TOO_OFTEN)
        mail = count_mails(share, [replace(recipient, mail=job)], record.at, most_mails)
        try:
            self.table.transact([still_open, write, counted, *mail, append_record(record)])
        except ConditionFailed as failed:
            if failed.is_only(MAILS_USED_UP):
                raise MailsUsedUp() from failed
            return failed.as_result(ResendResult)
        return ResendResult.QUEUED


def add_to_share(
    share: Share, recipients: Sequence[Recipient], at: datetime, instead_of: Recipient | None
) -> Write:
    """What adding people does to their share: who comes back is not gone any more, and who goes in exchange
    is by now; a request of theirs that waited for an answer is over.
    """
    left = {instead_of.id} if instead_of else set[str]()
    change, condition, values = change_gone(share, (share.gone - {each.id for each in recipients}) | left)
    values |= {**as_read(share), "now": moment(at)}
    if addresses := [each.address for each in recipients if each.generation == 1]:
        added = "SET #addresses = list_append(#addresses, :new)"
        change = f"{added}, {change[4:]}" if change.startswith("SET ") else f"{added} {change}"
        values["new"] = addresses
    if instead_of:
        change += " DELETE #askers :left"
        values["left"] = left
    condition = AS_READ + " AND #expires_at > :now" + condition
    if not change:
        return check(share_key(share.id), condition, **values)
    return update(share_key(share.id), change.strip(), condition, **values)


def change_gone(share: Share, gone: frozenset[str]) -> tuple[str, str, dict[str, Any]]:
    """How a share's `gone` becomes another one: the change, its condition that it is as it was read, values.
    A set cannot be added to and taken from in one update.
    """
    if gone == share.gone:
        return "", "", {}
    condition = " AND #gone = :gone_before" if share.gone else " AND attribute_not_exists(#gone)"
    before = {"gone_before": set(share.gone)} if share.gone else {}
    return ("SET #gone = :gone", condition, {**before, "gone": set(gone)}) if gone else (
        "REMOVE #gone", condition, before
    )  # fmt: skip


def leave_share(recipient: Recipient) -> Write:
    """What a share knows of who is withdrawn; their request makes room for another's."""
    change = "ADD #gone :who DELETE #askers :who"
    return update(share_key(recipient.share_id), change, "attribute_exists(#pk)", who={recipient.id})


def withdraw_recipient(recipient: Recipient, at: datetime) -> Write:
    """A recipient taken from the share, with the request that waited for an answer, if one did."""
    asked = recipient.asks
    over = ", #asking.#state = :declined, #asking.#answered_at = :now" if asked else ""
    waits = "#asking.#state = :asked" if asked else (
        "(attribute_not_exists(#asking) OR #asking.#state <> :asked)"
    )  # fmt: skip
    values: dict[str, Any] = {"declined": AccessRequestState.DECLINED} if asked else {}
    return update(
        recipient_key(recipient.share_id, recipient.id),
        f"SET #state = :withdrawn, #withdrawn_at = :now{over} REMOVE #due_kind",
        f"#state = :open AND {waits}",
        withdrawn=RecipientState.WITHDRAWN,
        open=RecipientState.OPEN,
        asked=AccessRequestState.OPEN,
        now=moment(at),
        **values,
    )


def as_read(share: Share) -> dict[str, Any]:
    return {"open": ShareState.OPEN, "version": share.version, "people": len(share.addresses)}


def update_copies(share: Share, recipients: Sequence[Recipient], at: datetime) -> list[Write]:
    return [update_copy(share, each, at) for each in recipients] if share.has_copies else []


def queue_late(table: Table, share: Share, recipients: Sequence[Recipient], at: datetime) -> None:
    """Emails that came too late before, where the recipients' items are not changed with their share."""
    late = [each for each in recipients if each.state is RecipientState.OPEN and each.mail.came_too_late]
    for each in [] if share.has_copies else late:
        table.try_write(update_copy(share, each, at))


def update_copy(share: Share, recipient: Recipient, at: datetime | None = None) -> Write:
    """The share's copy on a recipient's item. at: queue an email then that came too late before (I2)."""
    change, condition = "SET #share = :share", "attribute_exists(#pk)"
    values: dict[str, Any] = {"share": copy_of(share)}
    if not share.has_copies:
        change, values = "SET #share_id = :id", {"id": share.id}
    if at and recipient.state is RecipientState.OPEN and recipient.mail.came_too_late:
        change += ", #mail = :mail, #due_kind = :kind, #due_at = :due"
        condition = "#state = :open AND #mail.#state = :failed"
        job = MailJob(due_at=at, changed_at=at)
        values |= {"mail": pack(job), "kind": DueKind.MAIL, "due": int(at.timestamp())}
        values |= {"open": RecipientState.OPEN, "failed": MailState.FAILED}
    return update(recipient_key(share.id, recipient.id), change, condition, **values)


def reopen_recipient(share: Share, recipient: Recipient) -> Write:
    """Someone who was withdrawn comes back, with a link of the next generation."""
    entry = recipient_item(share, recipient)
    values = {name: entry[name] for name in REOPENED_ATTRIBUTES if name in entry}
    return update(
        recipient_key(share.id, recipient.id),
        "SET " + ", ".join(f"#{name} = :{name}" for name in values) + " REMOVE #withdrawn_at",
        "#state = :withdrawn AND #generation = :before",
        withdrawn=RecipientState.WITHDRAWN, before=recipient.generation - 1, **values,
    )  # fmt: skip


def count_resend(recipient: Recipient, at: datetime, most: int) -> Write:
    """One more email sent again to someone on this day (UTC), never past the limit; gone some days later."""
    key = resends_key(recipient.share_id, recipient.id, at)
    return update(
        key, "SET #ttl = :ttl ADD #times :one", "attribute_not_exists(#times) OR #times < :most",
        one=1, most=most, ttl=int((at + timedelta(days=COUNTER_DAYS)).timestamp()),
    )  # fmt: skip
