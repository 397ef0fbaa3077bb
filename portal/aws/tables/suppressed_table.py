"""Addresses held back, in the table: one item for each, found by its mark, listed by since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.aws.client import read_ahead
from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import SUPPRESSED_LIST, soft_bounces_key, suppression_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Write, delete, put, update
from portal.aws.tables.audit_log import append_record
from portal.domain.audit.record import AuditRecord
from portal.domain.mail.suppression import SuppressedAddress, hash_address
from portal.domain.paging import Page

SOFT_DAYS = 30  # how long an email that came back for now is remembered without another


class SuppressionList:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def get(self, address: str) -> SuppressedAddress | None:
        return self.get_by_hash(hash_address(address))

    def get_by_hash(self, held_id: str) -> SuppressedAddress | None:
        found = self.table.get(suppression_key(held_id))
        return unpack(SuppressedAddress, found) if found else None

    def read_along(self, addresses: Sequence[str]) -> None:
        read_ahead.want(suppression_key(hash_address(each)) for each in addresses)

    def get_among(self, addresses: Sequence[str]) -> list[SuppressedAddress]:
        found = self.table.get_many([suppression_key(hash_address(each)) for each in addresses])
        return sorted(
            (unpack(SuppressedAddress, item) for item in found.values()), key=lambda each: each.address
        )

    def list_newest(self, cursor: str | None, limit: int) -> Page[SuppressedAddress]:
        items, last = self.table.query(
            "#list_pk = :list", index="by_time", descending=True, limit=limit,
            start=self.cursors.open(SUPPRESSED_LIST, cursor), list=SUPPRESSED_LIST,
        )  # fmt: skip
        return Page(
            tuple(unpack(SuppressedAddress, item) for item in items), self.cursors.seal(SUPPRESSED_LIST, last)
        )

    def release(self, held: SuppressedAddress, record: AuditRecord) -> bool:
        gone = delete(suppression_key(held.id), "#at = :seen", seen=moment(held.at))
        return self.table.try_transact([gone, delete(soft_bounces_key(held.address)), append_record(record)])

    def count_soft_bounce(self, address: str, message_id: str, now: datetime) -> int:
        ends = int((now + timedelta(days=SOFT_DAYS)).timestamp())
        change = "ADD #messages :message SET #ttl = :ttl"
        self.table.write(update(soft_bounces_key(address), change, message={message_id}, ttl=ends))
        found = self.table.get(soft_bounces_key(address)) or {}
        return len(found.get("messages", ()))

    def record_arrival(self, address: str) -> None:
        self.table.write(delete(soft_bounces_key(address)))


def suppress(held: SuppressedAddress) -> Write:
    pk, sk = suppression_key(held.id)
    return put(
        {
            **pack(held),
            "pk": pk,
            "sk": sk,
            "list_pk": SUPPRESSED_LIST,
            "list_time": f"{moment(held.at)}#{held.id}",
        }
    )
