"""Requests for more time or downloads: on their recipient's item, and whose they are on their share's.

So a recipient's page knows without another read that they asked, many recipients cannot flood an owner, and
their owner finds all who ask, among however many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.aws.client.codec import moment, pack
from portal.aws.client.keys import recipient_key, share_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Write, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.file_shares import extend_with_share
from portal.aws.tables.notifications import queue_notification
from portal.aws.tables.share_changes import AS_READ, as_read, queue_late, update_copies
from portal.aws.tables.share_items import REMIND_ANEW, copy_of, remind_anew
from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File
from portal.domain.mail.notifications import Notification
from portal.domain.shares.share import (
    AccessRequest,
    AccessRequestState,
    Recipient,
    RecipientState,
    RequestResult,
    Share,
    ShareState,
)


class AccessRequests:
    def __init__(self, table: Table) -> None:
        self.table = table

    def request(
        self, recipient: Recipient, asking: AccessRequest, earlier: datetime, most: int, notice: Notification,
        record: AuditRecord,
    ) -> RequestResult:  # fmt: skip
        """One transaction; `earlier`: an older request may be repeated."""
        recipient_write = update(
            recipient_key(recipient.share_id, recipient.id),
            "SET #asking = :asking",
            "#state = :open AND (attribute_not_exists(#asking) OR #asking.#at < :earlier)",
            asking=pack(asking), open=RecipientState.OPEN, earlier=moment(earlier),
        ).failing_as(RequestResult.REQUESTED_LATELY)  # fmt: skip
        share_write = wait_on_share(recipient, most).failing_as(RequestResult.TOO_MANY_WAIT)
        try:
            self.table.transact([
                recipient_write, share_write,
                queue_notification(notice).failing_as(RequestResult.REQUESTED_LATELY), append_record(record),
            ])  # fmt: skip
        except ConditionFailed as failed:
            return failed.as_result(RequestResult)
        return RequestResult.REQUESTED

    def approve(
        self, share: Share, recipients: Sequence[Recipient], answered: Recipient, until: datetime | None,
        files: Sequence[File], notice: Notification, record: AuditRecord,
    ) -> bool:  # fmt: skip
        """The answer, with a later end of the share where `until` is given, and the email that tells it."""
        later = replace(share, expires_at=until, version=share.version + 1) if until else None
        others = [each for each in recipients if each.id != answered.id]
        extended = (
            extend_share(share, later, others, answered, files, record.at) if later
            else [stop_waiting(answered)]
        )  # fmt: skip
        settled = [settle_request(answered, later), queue_notification(notice), append_record(record)]
        if not self.table.try_transact([*extended, *settled]):
            return False
        if later:
            queue_late(self.table, later, others, record.at)
        return True

    def decline(self, share: Share, answered: Recipient, notice: Notification, record: AuditRecord) -> bool:
        return self.table.try_transact(
            [
                stop_waiting(answered),
                settle_request(answered),
                queue_notification(notice),
                append_record(record),
            ]
        )


def wait_on_share(recipient: Recipient, most: int) -> Write:
    """One more who asks, within so many; who asks again is among them already."""
    return update(
        share_key(recipient.share_id), "ADD #askers :who",
        "#state = :open AND"
        " (attribute_not_exists(#askers) OR size(#askers) < :most OR contains(#askers, :again))",
        who={recipient.id}, again=recipient.id, most=most, open=ShareState.OPEN,
    )  # fmt: skip


def stop_waiting(answered: Recipient) -> Write:
    return update(
        share_key(answered.share_id), "DELETE #askers :who", "#state = :open",
        who={answered.id}, open=ShareState.OPEN,
    )  # fmt: skip


def extend_share(
    share: Share, later: Share, others: Sequence[Recipient], answered: Recipient, files: Sequence[File],
    at: datetime,
) -> list[Write]:  # fmt: skip
    """A later end: on the share, on the copies of the others' items, and on the files, which must live as
    long. The share must be as it was read (R63), so it cannot be one that was withdrawn in the meantime.
    """
    share_write = update(
        share_key(share.id),
        f"SET #expires_at = :ends, #version = :next, {REMIND_ANEW} DELETE #askers :who", AS_READ,
        **as_read(share), **remind_anew(), ends=moment(later.expires_at), next=later.version,
        who={answered.id},
    )  # fmt: skip
    copies = update_copies(later, others, at)
    return [share_write, *copies, *(extend_with_share(later, each) for each in files)]


def settle_request(answered: Recipient, extended_to: Share | None = None) -> Write:
    """The answer on the recipient's item; answered already, or withdrawn, it fails."""
    change, values = "SET #asking = :asking, #extra_downloads = :extra", dict[str, Any]()
    if extended_to and extended_to.has_copies:
        copy = copy_of(extended_to)
        change, values = change + ", #share = :share", {"share": copy}
    return update(
        recipient_key(answered.share_id, answered.id), change,
        "#state = :open AND #asking.#state = :asked",
        asking=pack(answered.asking), extra=answered.extra_downloads, open=RecipientState.OPEN,
        asked=AccessRequestState.OPEN, **values,
    )  # fmt: skip
