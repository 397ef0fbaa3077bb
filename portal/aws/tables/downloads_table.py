"""Downloads in the table: the presses of a share's buttons, in the share's own partition.

What gives out an address conditions on share, recipient and file in the one transaction that is its last
call, so that nothing is given out by what was read before someone withdrew it (R48, R73).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.aws.client.codec import moment, unpack
from portal.aws.client.keys import attempt_key, recipient_key, share_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, check, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.counters import add_to_totals
from portal.aws.tables.file_access import still_served
from portal.aws.tables.following_table import completes, count_got
from portal.aws.tables.notifications import queue_notification
from portal.aws.tables.rates_table import take_one
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.files.file import SharedFile
from portal.domain.links.attempts import Attempt, PressResult
from portal.domain.mail.notifications import Notification
from portal.domain.policy.limits import Rate
from portal.domain.shares.share import Recipient, RecipientState, Share, ShareState

# The share as it was read, and open: each edit makes a new version, whatever it changes.
STILL_OPEN = "#state = :open AND #expires_at > :now AND #version = :version"
STILL_THEIRS = "#state = :open AND #generation = :link"
MAX_ATTEMPTS = 3  # how often giving back is tried again where its recipient downloads at the same moment


class Downloads:
    def __init__(self, table: Table) -> None:
        self.table = table

    def read_attempt(
        self, share_id: str, recipient_id: str, file_id: str, key: str
    ) -> tuple[Share, Recipient, Attempt | None] | None:
        share, recipient = share_key(share_id), recipient_key(share_id, recipient_id)
        press, file = attempt_key(share_id, recipient_id, key), attempt_key(share_id, recipient_id, file_id)
        found = self.table.get_many([share, recipient, press, file])
        if share not in found or recipient not in found:
            return None
        attempt = unpack(Attempt, {**found.get(file, {}), **found[press]}) if press in found else None
        return unpack(Share, found[share]), unpack(Recipient, found[recipient]), attempt

    def spend(
        self, share: Share, recipient: Recipient, file: SharedFile, key: str,
        before: Attempt | None, record: AuditRecord, rate: Rate,
        notice: Notification | None = None,
    ) -> PressResult:  # fmt: skip
        now = moment(record.at)
        writes = [
            count_on_share(share, recipient, file, now).failing_as(PressResult.LINK_CHANGED),
            count_download(share, recipient, file, now).failing_as(PressResult.LINK_CHANGED),
            mark_counted(share, recipient, key, before, now).failing_as(PressResult.COUNTED_BEFORE),
            still_served(file).failing_as(PressResult.FILE_NOT_SERVED),
            take_one(rate, recipient.id, rate.each, record.at).failing_as(PressResult.TOO_OFTEN),
            *([queue_notification(notice).failing_as(PressResult.OWNER_TOLD)] if notice else []),
        ]
        try:
            self.table.transact([*writes, append_record(record), add_to_totals(recipient.id, downloads=1)])
        except ConditionFailed as failed:
            repeated = PressResult.COUNTED_BEFORE in failed.reasons
            return PressResult.COUNTED_BEFORE if repeated else failed.as_result(PressResult)
        return PressResult.COUNTED

    def renew(
        self, share: Share, recipient: Recipient, file: SharedFile, key: str, before: Attempt, most: int,
        now: datetime,
    ) -> PressResult:  # fmt: skip
        shared = check(share_key(share.id), STILL_OPEN, **as_read(share, moment(now)))
        theirs = check(recipient_key(share.id, recipient.id), STILL_THEIRS, **as_theirs(recipient))
        goes_on = update(
            attempt_key(share.id, recipient.id, key), "ADD #addresses :one",
            "#spent_at = :seen AND (attribute_not_exists(#addresses) OR #addresses < :most)",
            one=1, seen=moment(before.spent_at), most=most,
        )  # fmt: skip
        try:
            self.table.transact(
                [
                    shared.failing_as(PressResult.LINK_CHANGED),
                    theirs.failing_as(PressResult.LINK_CHANGED),
                    goes_on.failing_as(PressResult.COUNTED_BEFORE),
                    still_served(file).failing_as(PressResult.FILE_NOT_SERVED),
                ]
            )
        except ConditionFailed as failed:
            return failed.as_result(PressResult)
        return PressResult.RENEWED

    def note_delivered(self, share_id: str, recipient_id: str, file_id: str, began_at: datetime) -> None:
        noted = update(
            attempt_key(share_id, recipient_id, file_id), "SET #delivered_at = :began",
            "attribute_not_exists(#delivered_at) OR #delivered_at < :began", began=moment(began_at),
        )  # fmt: skip
        self.table.try_transact([noted])

    def record_broken(self, share_id: str, recipient_id: str, file_id: str, record: AuditRecord) -> bool:
        noted = update(
            recipient_key(share_id, recipient_id),
            "SET #broken.#file = if_not_exists(#broken.#file, :zero) + :one", "attribute_exists(#broken)",
            names={"file": file_id}, zero=0, one=1,
        )  # fmt: skip
        return self.table.try_transact([noted, append_record(record)])

    def give_back(
        self, share: Share, recipient: Recipient, file_id: str, seen: int, record: AuditRecord
    ) -> bool:
        for _ in range(MAX_ATTEMPTS):
            has_one = recipient.downloads.get(file_id) == 1
            shared = leave_complete(share, recipient) if has_one and share.is_followed else check(
                share_key(share.id), "#state = :open", open=ShareState.OPEN
            )  # fmt: skip
            given = take_one_back(share, recipient, file_id, seen)
            if self.table.try_transact([shared, given, append_record(record)]):
                return True
            found = self.table.get(recipient_key(share.id, recipient.id))
            now = unpack(Recipient, found) if found else recipient
            if now.downloads == recipient.downloads:  # so that it was something else that had changed
                return False
            recipient = now
        raise Unavailable()


def take_one_back(share: Share, recipient: Recipient, file_id: str, seen: int) -> Write:
    """One download less, as it was read: the only one of a file is one file less that they have."""
    counted = recipient.downloads.get(file_id, 0)
    less = ", #got = #got - :one" if counted == 1 and share.is_followed else ""
    return update(
        recipient_key(share.id, recipient.id),
        f"SET #broken.#file = #broken.#file - :one, #downloads.#file = #downloads.#file - :one{less}",
        "#state = :open AND #broken.#file = :seen AND #broken.#file > :zero AND #downloads.#file > :zero"
        " AND #downloads.#file = :counted",
        names={"file": file_id}, one=1, zero=0, seen=seen, counted=counted, open=RecipientState.OPEN,
    )  # fmt: skip


def leave_complete(share: Share, recipient: Recipient) -> Write:
    """Who has not all of a share any more."""
    return update(
        share_key(share.id), "DELETE #complete :who", "#state = :open",
        who={recipient.id}, open=ShareState.OPEN,
    )  # fmt: skip


def as_read(share: Share, now: str) -> Item:
    """The values of STILL_OPEN."""
    return {"open": ShareState.OPEN, "now": now, "version": share.version}


def as_theirs(recipient: Recipient) -> Item:
    """The values of STILL_THEIRS."""
    return {"open": RecipientState.OPEN, "link": recipient.generation}


def count_on_share(share: Share, recipient: Recipient, file: SharedFile, now: str) -> Write:
    """One more download of a share, which may be the one that its recipient lacked."""
    last: dict[str, Any] = {"who": {recipient.id}} if completes(share, recipient, file) else {}
    change = "ADD #download_count :one" + (", #complete :who" if last else "")
    return update(share_key(share.id), change, STILL_OPEN, one=1, **last, **as_read(share, now))


def count_download(share: Share, recipient: Recipient, file: SharedFile, now: str) -> Write:
    """One more download of a file by a recipient, never past the limit (R49)."""
    values: dict[str, Any] = {"one": 1, "zero": 0, "now": now, **as_theirs(recipient)}
    condition = STILL_THEIRS
    if share.download_limit is not None:
        condition += " AND (attribute_not_exists(#downloads.#file) OR #downloads.#file < :limit)"
        values["limit"] = share.download_limit + recipient.extra_downloads
    change = "SET #downloads.#file = if_not_exists(#downloads.#file, :zero) + :one, #last_download_at = :now"
    more, only, counted = count_got(share, recipient, file)
    return update(
        recipient_key(share.id, recipient.id), change + more, condition + only, names={"file": file.id},
        **values, **counted,
    )  # fmt: skip


def mark_counted(share: Share, recipient: Recipient, key: str, before: Attempt | None, now: str) -> Write:
    """Mark a press as counted; fails where someone else counted it since it was read (R50)."""
    change = "SET #spent_at = :now, #addresses = :one ADD #times :one"
    values: dict[str, Any] = {"now": now, "one": 1}
    attempt = attempt_key(share.id, recipient.id, key)
    if before is None:
        return update(attempt, change, "attribute_not_exists(#pk)", **values)
    return update(attempt, change, "#spent_at = :before", before=moment(before.spent_at), **values)
