"""What becomes of a share after it was sent. Each change is one transaction, together with the copies of the
share on its recipients' items, which the lists of what somebody received show.

At most 50 recipients and 40 files, so that a change with all of them stays below 100 writes (`Limits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack
from portal.aws.files_table import key as file_key
from portal.aws.shares_table import Shares, recipient_key, share_key
from portal.aws.table import ConditionFailed, Table, Write, update
from portal.domain.audit import AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.models import File, FileState, Recipient, RecipientState, Share, ShareState

# The share as it was read: nobody changed it, and nobody was added, whose copy would then be missed.
AS_READ = "#state = :open AND #version = :version AND size(#addresses) = :people"
ROUNDS = 4  # how often withdrawing is tried again when the share was changed in between


class ShareChanges:
    def __init__(self, table: Table, shares: Shares) -> None:
        self.table = table
        self.shares = shares

    def change(
        self, before: Share, after: Share, recipients: Sequence[Recipient], files: Sequence[File],
        record: AuditRecord,
    ) -> bool:  # fmt: skip
        changed = replace(after, version=before.version + 1)
        limit: dict[str, Any] = {"limit": after.download_limit} if after.download_limit else {}
        write = update(
            share_key(before.id),
            "SET #expires_at = :ends, #message = :message, #version = :next"
            + (", #download_limit = :limit" if limit else " REMOVE #download_limit"),
            AS_READ, **as_read(before), ends=moment(changed.expires_at), message=changed.message,
            next=changed.version, **limit,
        )  # fmt: skip
        copies = [copied(changed, each) for each in recipients]
        kept = [kept_for(changed, file) for file in files]
        return self.done([write, *copies, *kept, appended(record)])

    def withdraw(self, share: Share, record: AuditRecord) -> bool:
        """Close the share for good, whatever else is changed in it at the same moment (R48)."""
        for _ in range(ROUNDS):
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
        return self.done([write, *copies, appended(record)])

    def withdraw_recipient(self, share: Share, recipient: Recipient, record: AuditRecord) -> bool:
        write = update(
            recipient_key(share.id, recipient.id),
            "SET #state = :withdrawn, #withdrawn_at = :now REMOVE #due_kind", "#state = :open",
            withdrawn=RecipientState.WITHDRAWN, open=RecipientState.OPEN, now=moment(record.at),
        )  # fmt: skip
        return self.done([write, appended(record)])

    def done(self, writes: Sequence[Write]) -> bool:
        try:
            self.table.transact(writes)
        except ConditionFailed:
            return False
        return True


def as_read(share: Share) -> dict[str, Any]:
    return {"open": ShareState.OPEN, "version": share.version, "people": len(share.addresses)}


def copied(share: Share, recipient: Recipient) -> Write:
    copy = pack(replace(share, addresses=()))
    key = recipient_key(share.id, recipient.id)
    return update(key, "SET #share = :share", "attribute_exists(#pk)", share=copy)


def kept_for(share: Share, file: File) -> Write:
    """Let a file live as long as the share; fails where it was deleted, or prolonged further, meanwhile."""
    until = share.expires_at
    return update(
        file_key(file.owner_id, file.id), "SET #keep_until = :until, #due_at = :due",
        "#state = :ready AND #keep_until < :until",
        ready=FileState.READY, until=moment(until), due=int(until.timestamp()),
    )  # fmt: skip
