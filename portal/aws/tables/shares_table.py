"""Shares in the table: the share, its recipients and its download attempts in one partition.

A recipient's item carries a copy of its share, so that the list of what someone received is one query.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from portal.aws.client import read_ahead
from portal.aws.client.codec import moment, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import (
    BEYOND_SHARE,
    code_key,
    draft_key,
    file_key,
    received_list,
    recipient_key,
    share_key,
    share_partition,
    shares_list,
)
from portal.aws.client.seen_keys import list_seen_keys
from portal.aws.client.table import Table
from portal.aws.client.writes import (
    MAX_WRITES,
    ConditionFailed,
    Item,
    Write,
    add_checks,
    delete,
    put,
    put_new,
    update,
)
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.counters import add_to_totals
from portal.aws.tables.drafts_table import remove_wished
from portal.aws.tables.due import query_due
from portal.aws.tables.everyone_table import share_title
from portal.aws.tables.file_shares import build_entries, extend_with_new_share
from portal.aws.tables.holds import check_not_held
from portal.aws.tables.known_addresses_table import KnownAddresses
from portal.aws.tables.mail_counts import MAILS_USED_UP, count_mails
from portal.aws.tables.share_items import recipient_item, share_item
from portal.aws.tables.spreads_table import put_spread
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import N_, Conflict, MailsUsedUp, Unavailable
from portal.domain.files.file import File
from portal.domain.ids import is_id
from portal.domain.links.availability import Closed, file_closed
from portal.domain.paging import Page
from portal.domain.shares.drafts import Draft
from portal.domain.shares.share import Recipient, Share, derive_recipient_id
from portal.domain.shares.spreading import begin_spread

NOT_WISHED = "not_wished"

MAX_ATTEMPTS = 5  # how often a share is tried again that meets others of the same file


class Shares:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors
        self.known = KnownAddresses(table)

    def create(
        self, share: Share, files: Sequence[File], recipients: Sequence[Recipient], record: AuditRecord,
        most_mails: int, draft_id: str, draft: Draft | None = None,
    ) -> bool:  # fmt: skip
        many = not share.has_copies  # whose items come after it
        people = [put_spread(begin_spread(share, tuple(recipients)))] if many else [
            put_new(recipient_item(share, each)) for each in recipients
        ]  # fmt: skip
        counted = count_mails(share, recipients, record.at, most_mails)
        gone = as_wished(draft) if draft else delete(draft_key(share.owner_id, draft_id))
        first, rest = (
            [put_new(share_item(share)).failing_as("sent_before"), *counted, gone],
            [*people, append_record(record), put(share_title(share)), add_to_totals(share.id, shares=1)],
        )
        listed = build_entries(share, files)
        known = self.known
        listed += (known.remember_domains_with if many else known.remember_with)(share, recipients)
        extended = [extend_with_new_share(share, file) for file in files]
        if len(add_checks([*first, *extended, *rest, *listed])) > MAX_WRITES:
            self.table.transact(listed)
            listed = []
        for _ in range(MAX_ATTEMPTS):
            try:
                self.table.transact(
                    [*first, *(extend_with_new_share(share, file) for file in files), *rest, *listed]
                )
            except ConditionFailed as failed:
                if "sent_before" in failed.reasons:
                    return False
                if MAILS_USED_UP in failed.reasons:
                    raise MailsUsedUp() from failed
                raise_where_not_wished(failed)
                files = self.read_served(files)
            else:
                return True
        raise Unavailable()

    def read_served(self, files: Sequence[File]) -> list[File]:
        """The files as they are by now. Raises Conflict where one is gone; one may wait for its scan."""
        found = self.table.get_many([file_key(each.id) for each in files])
        now = {each.id: each for each in (unpack(File, item) for item in found.values())}
        for each in files:
            known = now.get(each.id)
            gone = file_closed(each.pinned, known) in {Closed.REMOVED, Closed.INFECTED}
            if gone or known is None or known.owner_id != each.owner_id:
                raise Conflict(N_("One of the files no longer exists. Choose the files again."))
        return [now[each.id] for each in files]

    def get(self, share_id: str) -> Share | None:
        found = self.table.get(share_key(share_id)) if is_id(share_id) else None
        return unpack(Share, found) if found else None

    def get_with_recipient(
        self, share_id: str, recipient_id: str, *, with_code: bool = False
    ) -> tuple[Share, Recipient] | None:
        if not (is_id(share_id) and is_id(recipient_id)):
            return None
        share, recipient = share_key(share_id), recipient_key(share_id, recipient_id)
        ahead = [code_key(share_id, recipient_id)] if with_code else []
        found = self.table.get_many([share, recipient, *ahead])
        read_ahead.keep(ahead, found)
        if share not in found or recipient not in found:
            return None
        return unpack(Share, found[share]), unpack(Recipient, found[recipient])

    def get_with_recipients(self, share_id: str) -> tuple[Share, list[Recipient]] | None:
        """All recipients: with many files of long names they are more than one query's megabyte."""
        if not is_id(share_id):
            return None
        items = list(
            self.table.query_all(
                "#pk = :share AND #sk < :beyond",
                share=share_partition(share_id),
                beyond=BEYOND_SHARE,
                descending=True,
            )
        )
        if not items or items[0]["sk"] != "SHARE":
            return None
        recipients = [unpack(Recipient, item) for item in items if str(item["sk"]).startswith("RECIPIENT#")]
        return unpack(Share, items[0]), sorted(recipients, key=lambda each: each.address.casefold())

    def list_to_remind(self, now: datetime) -> Iterator[str]:
        return (str(item["id"]) for item in query_due(self.table, "reminder", now))

    def set_next_reminder(self, share: Share, next_at: datetime | None) -> None:
        """When to look at the share's reminders again; an end that was moved in the meantime is checked
        again.
        """
        change = "SET #due_at = :due" if next_at else "REMOVE #due_kind"
        values: dict[str, Any] = {"due": int(next_at.timestamp())} if next_at else {}
        ends = moment(share.expires_at)
        self.table.try_write(update(share_key(share.id), change, "#expires_at = :ends", ends=ends, **values))

    def mark_deleted(self, share: Share, now: datetime) -> bool:
        mark = update(
            share_key(share.id), "SET #deleting_at = :now", "#owner_id = :owner", now=moment(now),
            owner=share.owner_id,
        )  # fmt: skip
        return self.table.try_transact([mark, *check_not_held(share.id, share.owner_id)])

    def delete(self, share_id: str) -> None:
        """Remove a share with its recipients and attempts; the share itself last, so that a repeat finds the
        rest.
        """
        for key in list_seen_keys(share_id):
            self.table.write(delete(key))
        while True:
            items, more = self.table.query("#pk = :share", share=share_partition(share_id), descending=True)
            for item in sorted(items, key=lambda each: each["sk"] == "SHARE"):
                if not (more and item["sk"] == "SHARE"):
                    self.table.write(delete((item["pk"], item["sk"])))
            if not more:
                return

    def list_page(self, owner_id: str, cursor: str | None, limit: int) -> Page[Share]:
        found = self.query_list(shares_list(owner_id), cursor, limit)
        return Page(tuple(unpack(Share, item) for item in found.items), found.next)

    def get_many(self, share_ids: Sequence[str]) -> list[Share]:
        """Shares by id, newest first."""
        found = self.table.get_many([share_key(each) for each in share_ids])
        return sorted(
            (unpack(Share, item) for item in found.values()), key=lambda each: each.created_at, reverse=True
        )

    def get_recipients(self, shares: Sequence[Share], most: int) -> list[Recipient]:
        pairs = [(each.id, derive_recipient_id(each.id, to)) for each in shares for to in each.addresses]
        keys = list(dict.fromkeys(recipient_key(*pair) for pair in pairs))[:most]
        return [unpack(Recipient, item) for item in self.table.get_many(keys).values()]

    def list_for_address(self, address: str, cursor: str | None, limit: int) -> Page[tuple[Share, Recipient]]:
        found = self.query_list(received_list(address), cursor, limit)
        ids = [str(item["share_id"]) for item in found.items if "share" not in item]
        others = {each.id: each for each in self.get_many(ids)} if ids else {}
        pairs = [
            (unpack(Share, item["share"]) if "share" in item else others.get(item["share_id"]), item)
            for item in found.items
        ]
        return Page(tuple((share, unpack(Recipient, item)) for share, item in pairs if share), found.next)

    def query_list(self, name: str, cursor: str | None, limit: int) -> Page[Item]:
        items, last = self.table.query(
            "#list_pk = :list", index="by_time", descending=True, limit=limit,
            start=self.cursors.open(name, cursor), list=name,
        )  # fmt: skip
        return Page(tuple(items), self.cursors.seal(name, last))


def raise_where_not_wished(failed: ConditionFailed) -> None:
    if NOT_WISHED in failed.reasons:
        raise Conflict(reason=NOT_WISHED) from failed


def as_wished(draft: Draft) -> Write:
    """Of what is sent by itself the draft goes in the same transaction, if it is still to be sent."""
    return remove_wished(draft).failing_as(NOT_WISHED)
