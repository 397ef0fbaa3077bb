"""Shares in the table: the share, its recipients and its download attempts in one partition.

A recipient's item carries a copy of its share, so that the list of what somebody received is one query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack, unpack
from portal.aws.counters import totals
from portal.aws.cursors import Cursors
from portal.aws.files_table import key as file_key
from portal.aws.mail_counts import mailed
from portal.aws.notices import queued
from portal.aws.rates_table import taken
from portal.aws.table import ConditionFailed, Item, Key, Table, Write, check, delete, put_new, update
from portal.domain.addresses import identity
from portal.domain.audit import AuditRecord
from portal.domain.errors import Conflict, MailsUsedUp, words
from portal.domain.files import File, FileState, SharedFile
from portal.domain.limits import Rate
from portal.domain.notices import Notice
from portal.domain.paging import Page
from portal.domain.shares import MailState, Recipient, RecipientState, Share, ShareState

# Written with a new end of a share: its reminders are looked at anew.
REMIND_ANEW = "#due_kind = :remind, #due_at = :at_once"
SPENDING = (
    "share",
    "recipient",
    "attempt",
    "file",
    "rate",
    "notice",
)  # what each write of `spend` stands for, in order


class Shares:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def create(
        self, share: Share, files: Sequence[File], recipients: Sequence[Recipient], record: AuditRecord,
        most_mails: int,
    ) -> bool:  # fmt: skip
        writes = [put_new(share_item(share)), *(marked(share, file) for file in files)]
        writes += [put_new(recipient_item(share, each)) for each in recipients]
        counted = mailed(share, recipients, record.at, most_mails)
        try:
            self.table.transact([*writes, *counted, appended(record), totals(share.id, shares=1)])
        except ConditionFailed as failed:
            if 0 in failed.which:
                return False
            if counted and len(writes) in failed.which:
                raise MailsUsedUp() from failed
            raise Conflict(
                words("One of the files is not there any more. Choose the files again.")
            ) from failed
        return True

    def get(self, share_id: str) -> Share | None:
        found = self.table.get(share_key(share_id))
        return unpack(Share, found) if found else None

    def with_recipient(self, share_id: str, recipient_id: str) -> tuple[Share, Recipient] | None:
        share, recipient = share_key(share_id), recipient_key(share_id, recipient_id)
        found = self.table.get_many([share, recipient])
        if share not in found or recipient not in found:
            return None
        return unpack(Share, found[share]), unpack(Recipient, found[recipient])

    def with_recipients(self, share_id: str) -> tuple[Share, list[Recipient]] | None:
        """All recipients: with many files of long names they are more than one query's megabyte."""
        items, start = list[Item](), None
        while True:
            found, start = self.table.query(
                "#pk = :share AND #sk < :beyond", share=f"SHARE#{share_id}", beyond="SHARE$",
                descending=True, start=start,
            )  # fmt: skip
            items += found
            if not start:
                break
        if not items or items[0]["sk"] != "SHARE":
            return None
        recipients = [unpack(Recipient, item) for item in items if str(item["sk"]).startswith("RECIPIENT#")]
        return unpack(Share, items[0]), sorted(recipients, key=lambda each: each.address.casefold())

    def attempt(
        self, share_id: str, recipient_id: str, attempt_id: str
    ) -> tuple[Share, Recipient, datetime | None] | None:
        share, recipient = share_key(share_id), recipient_key(share_id, recipient_id)
        attempt = attempt_key(share_id, recipient_id, attempt_id)
        found = self.table.get_many([share, recipient, attempt])
        if share not in found or recipient not in found:
            return None
        spent = found.get(attempt, {}).get("spent_at")
        at = datetime.fromisoformat(spent) if spent else None
        return unpack(Share, found[share]), unpack(Recipient, found[recipient]), at

    def spend(
        self, share: Share, recipient: Recipient, file: SharedFile, attempt_id: str,
        spent_at: datetime | None, record: AuditRecord, rate: Rate,
        notice: Notice | None = None,
    ) -> str:  # fmt: skip
        now = moment(record.at)
        writes = [
            update(
                share_key(share.id), "ADD #download_count :one",
                "#state = :open AND #expires_at > :now AND #version = :version",
                one=1, open=ShareState.OPEN, now=now, version=share.version,
            ),
            counted(share, recipient, file, now),
            spent(share, recipient, attempt_id, spent_at, now),
            check(file_key(share.owner_id, file.id), "#state = :ready", ready=FileState.READY),
            taken(rate, recipient.id, rate.each, record.at),
            *([queued(notice)] if notice else []),
        ]  # fmt: skip
        try:
            self.table.transact([*writes, appended(record), totals(recipient.id, downloads=1)])
        except ConditionFailed as failed:
            reasons = [SPENDING[place] for place in failed.which if place < len(writes)]
            return "attempt" if "attempt" in reasons else reasons[0] if reasons else "share"
        return "spent"

    def opened(self, share: Share, recipient: Recipient, record: AuditRecord) -> None:
        try:
            self.table.write(appended(record))
        except ConditionFailed:
            return  # recorded already in this hour

    def to_remind(self, now: datetime, limit: int) -> list[str]:
        items, _ = self.table.query(
            "#due_kind = :kind AND #due_at <= :now", index="due", limit=limit, kind="REMIND",
            now=int(now.timestamp()),
        )  # fmt: skip
        return [str(item["id"]) for item in items]

    def reminded(self, share: Share, next_at: datetime | None) -> None:
        """When to look at the share's reminders again; an end that was moved meanwhile is looked at anew."""
        change = "SET #due_at = :due" if next_at else "REMOVE #due_kind"
        values: dict[str, Any] = {"due": int(next_at.timestamp())} if next_at else {}
        ends = moment(share.expires_at)
        with suppress(ConditionFailed):
            self.table.write(update(share_key(share.id), change, "#expires_at = :ends", ends=ends, **values))

    def erase(self, share_id: str) -> None:
        """Remove a share with its recipients and attempts; the share itself last, so that a repeat finds the
        rest.
        """
        while True:
            items, more = self.table.query("#pk = :share", share=f"SHARE#{share_id}", descending=True)
            for item in sorted(items, key=lambda each: each["sk"] == "SHARE"):
                if not (more and item["sk"] == "SHARE"):
                    self.table.write(delete((item["pk"], item["sk"])))
            if not more:
                return

    def page(self, owner_id: str, cursor: str | None, limit: int) -> Page[Share]:
        found = self.listed(f"SHARES#{owner_id}", cursor, limit)
        return Page(tuple(unpack(Share, item) for item in found.items), found.next)

    def several(self, share_ids: Sequence[str]) -> list[Share]:
        """Shares by id, newest first."""
        found = self.table.get_many([share_key(each) for each in share_ids]) if share_ids else {}
        return sorted(
            (unpack(Share, item) for item in found.values()), key=lambda each: each.created_at, reverse=True
        )

    def with_address(self, address: str, cursor: str | None, limit: int) -> Page[tuple[Share, Recipient]]:
        found = self.listed(address_list(address), cursor, limit)
        pairs = [(unpack(Share, item["share"]), unpack(Recipient, item)) for item in found.items]
        return Page(tuple(pairs), found.next)

    def listed(self, name: str, cursor: str | None, limit: int) -> Page[Item]:
        items, last = self.table.query(
            "#list_pk = :list", index="by_time", descending=True, limit=limit,
            start=self.cursors.open(name, cursor), list=name,
        )  # fmt: skip
        return Page(tuple(items), self.cursors.seal(name, last))


def counted(share: Share, recipient: Recipient, file: SharedFile, now: str) -> Write:
    """One more download of a file by a recipient, never past the limit (R49)."""
    values: dict[str, Any] = {
        "one": 1,
        "zero": 0,
        "now": now,
        "open": RecipientState.OPEN,
        "link": recipient.generation,
    }
    condition = "#state = :open AND #generation = :link"
    if share.download_limit is not None:
        condition += " AND (attribute_not_exists(#downloads.#file) OR #downloads.#file < :limit)"
        values["limit"] = share.download_limit + recipient.extra_downloads
    change = "SET #downloads.#file = if_not_exists(#downloads.#file, :zero) + :one, #last_download_at = :now"
    return update(recipient_key(share.id, recipient.id), change, condition, names={"file": file.id}, **values)


def spent(share: Share, recipient: Recipient, attempt_id: str, before: datetime | None, now: str) -> Write:
    """Mark an attempt as counted; fails where somebody else counted it since it was read (R50)."""
    change = "SET #spent_at = :now ADD #times :one"
    values: dict[str, Any] = {"now": now, "one": 1}
    attempt = attempt_key(share.id, recipient.id, attempt_id)
    if before is None:
        return update(attempt, change, "attribute_not_exists(#pk)", **values)
    return update(attempt, change, "#spent_at = :before", before=moment(before), **values)


def marked(share: Share, file: File) -> Write:
    """Note the share on its file, which must be ready in the version that is shared, and outlive the
    share.
    """
    until = max(share.expires_at, file.keep_until or share.expires_at)
    return update(
        file_key(file.owner_id, file.id),
        "ADD #shares :share SET #keep_until = :until, #due_at = :due",
        "#state = :ready AND #version_id = :version",
        share={share.id}, ready=FileState.READY, version=file.version_id,
        until=moment(until), due=int(until.timestamp()),
    )  # fmt: skip


def share_item(share: Share) -> Item:
    pk, sk = share_key(share.id)
    lists = {"list_pk": f"SHARES#{share.owner_id}", "list_time": moment(share.created_at)}
    # Due at once: the schedule finds out when its reminders are, whose days it knows.
    due = {"due_kind": "REMIND", "due_at": int(share.created_at.timestamp())}
    return {**pack(share), "pk": pk, "sk": sk, **lists, **due}


def recipient_item(share: Share, recipient: Recipient) -> Item:
    pk, sk = recipient_key(share.id, recipient.id)
    lists = {
        "list_pk": address_list(recipient.address),
        "list_time": moment(share.created_at) + "#" + share.id,
    }
    entry = {**pack(recipient), "pk": pk, "sk": sk, "share": copy_of(share), **lists}
    if recipient.mail.state is MailState.QUEUED and recipient.mail.due_at:
        entry |= {"due_kind": "MAIL", "due_at": int(recipient.mail.due_at.timestamp())}
    return entry


def copy_of(share: Share) -> Item:
    """What a recipient's item shows of its share: neither the other recipients nor the password's hash."""
    copy: Item = pack(replace(share, addresses=(), password_hash=""))
    return copy


def remind_anew() -> dict[str, Any]:
    """The values of REMIND_ANEW."""
    return {"remind": "REMIND", "at_once": 0}


def share_key(share_id: str) -> Key:
    return f"SHARE#{share_id}", "SHARE"


def recipient_key(share_id: str, recipient_id: str) -> Key:
    return f"SHARE#{share_id}", f"RECIPIENT#{recipient_id}"


def attempt_key(share_id: str, recipient_id: str, attempt_id: str) -> Key:
    return f"SHARE#{share_id}", f"TRY#{recipient_id}#{attempt_id}"


def address_list(address: str) -> str:
    return "ADDRESS#" + hashlib.sha256(identity(address).encode()).hexdigest()
