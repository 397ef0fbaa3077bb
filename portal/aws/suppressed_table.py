"""Addresses held back, in the table: one item for each, found by its mark, listed by since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack, unpack
from portal.aws.cursors import Cursors
from portal.aws.table import Key, Table, Write, delete, put, update
from portal.domain.audit import AuditRecord
from portal.domain.paging import Page
from portal.domain.suppression import Held, mark

LIST = "SUPPRESSED"
SOFT_DAYS = 30  # how long a mail that came back for now is remembered without another


class Suppressed:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def of(self, address: str) -> Held | None:
        return self.marked(mark(address))

    def marked(self, held_id: str) -> Held | None:
        found = self.table.get(held_key(held_id))
        return unpack(Held, found) if found else None

    def among(self, addresses: Sequence[str]) -> list[Held]:
        found = self.table.get_many([held_key(mark(each)) for each in addresses]) if addresses else {}
        return sorted((unpack(Held, item) for item in found.values()), key=lambda each: each.address)

    def newest(self, cursor: str | None, limit: int) -> Page[Held]:
        items, last = self.table.query(
            "#list_pk = :list", index="by_time", descending=True, limit=limit,
            start=self.cursors.open(LIST, cursor), list=LIST,
        )  # fmt: skip
        return Page(tuple(unpack(Held, item) for item in items), self.cursors.seal(LIST, last))

    def release(self, held: Held, record: AuditRecord) -> bool:
        gone = delete(held_key(held.id), "#at = :seen", seen=moment(held.at))
        return self.table.done([gone, delete(soft_key(held.address)), appended(record)])

    def came_back_for_now(self, address: str, message_id: str, now: datetime) -> int:
        ends = int((now + timedelta(days=SOFT_DAYS)).timestamp())
        change = "ADD #messages :message SET #ttl = :ttl"
        self.table.write(update(soft_key(address), change, message={message_id}, ttl=ends))
        found = self.table.get(soft_key(address)) or {}
        return len(found.get("messages", ()))

    def arrived(self, address: str) -> None:
        self.table.write(delete(soft_key(address)))


def soft_key(address: str) -> Key:
    return f"SUPPRESSED#{mark(address)}", "SOFT"


def held_back(held: Held) -> Write:
    pk, sk = held_key(held.id)
    return put(
        {**pack(held), "pk": pk, "sk": sk, "list_pk": LIST, "list_time": f"{moment(held.at)}#{held.id}"}
    )


def held_key(held_id: str) -> Key:
    return f"SUPPRESSED#{held_id}", "SUPPRESSED"
