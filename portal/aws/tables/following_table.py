"""Who opened a share's links, and who has all of its files, for the sender's pages.

That a link was opened is a matter of the log alone, since to open a page changes nothing (R16, R42). But the
log cannot be asked for the last opening of each of 500 people in one call, so the transaction of the record
also notes the time in an item beside the share, which nothing is decided by.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from portal.aws.client import read_ahead
from portal.aws.client.codec import seconds, unpack
from portal.aws.client.keys import file_key, recipient_key, share_key
from portal.aws.client.seen_keys import list_seen_keys, seen_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Write, update
from portal.domain.audit.record import Action, AuditRecord
from portal.domain.files.file import SharedFile
from portal.domain.ids import is_id
from portal.domain.links.scanners import is_program
from portal.domain.shares.following import Seen
from portal.domain.shares.share import Recipient, Share

FIRST, LAST = "f_", "l_"  # an attribute each for everyone, named with the recipient's id


class Following:
    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, share_id: str) -> tuple[Share, Seen] | None:
        """In the call that read the session, where the page asked for it there."""
        if not is_id(share_id):
            return None
        share = share_key(share_id)
        found = self.table.get_many([share, *list_seen_keys(share_id)])
        if share not in found:
            return None
        return unpack(Share, found[share]), read_seen([each for key, each in found.items() if key != share])

    def get_recipients(self, share: Share, recipient_ids: Sequence[str]) -> list[Recipient]:
        """Those of these ids that are there, in their order, and in the same call what the share's files are
        by now, for whoever reads that next.
        """
        read_ahead.want(file_key(each.id) for each in share.first_files)
        keys = [recipient_key(share.id, each) for each in recipient_ids]
        found = self.table.get_many(keys)
        return [unpack(Recipient, found[key]) for key in keys if key in found]


def read_seen(items: Sequence[Item]) -> Seen:
    times = {
        name: datetime.fromtimestamp(int(at), UTC)
        for item in items for name, at in item.items() if name.startswith((FIRST, LAST))
    }  # fmt: skip
    first, last = (
        {name.removeprefix(kind): at for name, at in times.items() if name.startswith(kind)}
        for kind in (FIRST, LAST)
    )
    return Seen(first, last)


def note_seen(record: AuditRecord) -> list[Write]:
    """That a recipient opened their link, shown or not; nothing of what calls itself a program."""
    recipient_id = record.details.get("recipient", "")
    is_opening = record.action is Action.LINK_OPENED and record.once
    if not (is_opening and is_id(recipient_id)) or is_program(record.actor.device):
        return []
    change = "SET #first = if_not_exists(#first, :now), #last = :now"
    names = {"first": FIRST + recipient_id, "last": LAST + recipient_id}
    return [update(seen_key(record.about, recipient_id), change, names=names, now=seconds(record.at))]


def completes(share: Share, recipient: Recipient, file: SharedFile) -> bool:
    """Whether a recipient has all of a share once they have this file."""
    return is_new(share, recipient, file.id) and recipient.got + 1 == share.file_count


def is_new(share: Share, recipient: Recipient, file_id: str) -> bool:
    return share.is_followed and not recipient.downloads.get(file_id)


def count_got(share: Share, recipient: Recipient, file: SharedFile) -> tuple[str, str, dict[str, Any]]:
    """How a download changes the count of files that its recipient has: the change, its condition and values.
    The count that makes them complete is written on the one before alone, so that of two presses at once the
    later one is looked at again.
    """
    if not share.is_followed:
        return "", "", {}
    if not is_new(share, recipient, file.id):
        return "", " AND #downloads.#file > :zero", {}
    condition = " AND (attribute_not_exists(#downloads.#file) OR #downloads.#file = :zero)"
    compared = "=" if completes(share, recipient, file) else "<"
    condition += f" AND #got {compared} :but_one"
    return ", #got = #got + :one", condition, {"but_one": share.file_count - 1}
