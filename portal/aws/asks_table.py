"""Requests for more time or downloads: on their recipient's item, counted on their share's.

So a recipient's page knows without another read that they asked, and many recipients cannot flood an owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack
from portal.aws.notices import queued
from portal.aws.share_changes import AS_READ, as_read, copied
from portal.aws.shares_table import REMIND_ANEW, copy_of, marked, recipient_key, remind_anew, share_key
from portal.aws.table import ConditionFailed, Table, Write, check, update
from portal.domain.audit import AuditRecord
from portal.domain.files import File
from portal.domain.notices import Notice
from portal.domain.shares import Asking, AskingState, Recipient, RecipientState, Share, ShareState

ASKING = ("recipient", "share")  # what the first writes of `ask` stand for, in order


class Asks:
    def __init__(self, table: Table) -> None:
        self.table = table

    def ask(
        self, recipient: Recipient, asking: Asking, earlier: datetime, most: int, notice: Notice,
        record: AuditRecord,
    ) -> str:  # fmt: skip
        """One transaction; `earlier`: an older request may be repeated."""
        again = recipient.asking is not None and recipient.asking.state is AskingState.OPEN
        recipient_write = update(
            recipient_key(recipient.share_id, recipient.id),
            "SET #asking = :asking",
            "#state = :open AND (attribute_not_exists(#asking) OR #asking.#at < :earlier)",
            asking=pack(asking), open=RecipientState.OPEN, earlier=moment(earlier),
        )  # fmt: skip
        share = share_key(recipient.share_id)
        share_write = check(share, "#state = :open", open=ShareState.OPEN) if again else update(
            share, "ADD #open_asks :one",
            "#state = :open AND (attribute_not_exists(#open_asks) OR #open_asks < :most)",
            one=1, open=ShareState.OPEN, most=most,
        )  # fmt: skip
        try:
            self.table.transact([recipient_write, share_write, queued(notice), appended(record)])
        except ConditionFailed as failed:
            return next((ASKING[place] for place in failed.which if place < len(ASKING)), "recipient")
        return "asked"

    def give(
        self, share: Share, recipients: Sequence[Recipient], answered: Recipient, until: datetime | None,
        files: Sequence[File], notice: Notice, record: AuditRecord,
    ) -> bool:  # fmt: skip
        """The answer, with a later end of the share where `until` is given, and the mail that tells it."""
        later = replace(share, expires_at=until, version=share.version + 1) if until else None
        others = [each for each in recipients if each.id != answered.id]
        return self.table.done([
            *(extended(share, later, others, files, record.at) if later else [counted_down(share)]),
            settled(answered, later),
            queued(notice),
            appended(record),
        ])  # fmt: skip

    def decline(self, share: Share, answered: Recipient, notice: Notice, record: AuditRecord) -> bool:
        return self.table.done([counted_down(share), settled(answered), queued(notice), appended(record)])


def counted_down(share: Share) -> Write:
    return update(
        share_key(share.id), "ADD #open_asks :less", "#state = :open", less=-1, open=ShareState.OPEN
    )  # fmt: skip


def extended(
    share: Share, later: Share, others: Sequence[Recipient], files: Sequence[File], at: datetime
) -> list[Write]:
    """A later end: on the share, on the copies of the others' items, and on the files, which must live as
    long. The share must be as it was read (R63), so it cannot be one that was withdrawn meanwhile.
    """
    share_write = update(
        share_key(share.id), f"SET #expires_at = :ends, #version = :next, {REMIND_ANEW} ADD #open_asks :less",
        AS_READ, **as_read(share), **remind_anew(), ends=moment(later.expires_at), next=later.version,
        less=-1,
    )  # fmt: skip
    copies = [copied(later, each, at) for each in others]
    return [share_write, *copies, *(marked(later, each) for each in files)]


def settled(answered: Recipient, extended_to: Share | None = None) -> Write:
    """The answer on the recipient's item; answered already, or withdrawn, it fails."""
    change, values = "SET #asking = :asking, #extra_downloads = :extra", dict[str, Any]()
    if extended_to:
        copy = copy_of(extended_to)
        change, values = change + ", #share = :share", {"share": copy}
    return update(
        recipient_key(answered.share_id, answered.id), change,
        "#state = :open AND #asking.#state = :asked",
        asking=pack(answered.asking), extra=answered.extra_downloads, open=RecipientState.OPEN,
        asked=AskingState.OPEN, **values,
    )  # fmt: skip
