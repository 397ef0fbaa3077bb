"""The audit log: one item a record, appended and never changed; the role may not even try (R65).

Filed by month, newest last, and by the thing a record is about.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from portal.aws.codec import moment, pack, unpack
from portal.aws.cursors import Cursors
from portal.aws.table import ConditionFailed, Item, Table, Write, put_new
from portal.domain.audit import AuditRecord
from portal.domain.paging import Page

# Records of one moment, as one request makes them, stay in their order.
SEQUENCE = count()
MONTHS_BACK = 2  # how far one page of the newest looks back over empty months


def appended(record: AuditRecord) -> Write:
    """The write of a record, to stand in the transaction of what it records."""
    return put_new(item(record))


def item(record: AuditRecord) -> Item:
    """A record's item. One that is written once per name is found again by that name and its hour."""
    if record.once:
        mark = moment(record.at)[:13] + "#" + hashlib.sha256(record.once.encode()).hexdigest()[:24]
    else:
        mark = f"{moment(record.at)}#{next(SEQUENCE):08}{secrets.token_hex(6)}"
    return {
        **pack(record),
        "pk": f"AUDIT#{moment(record.at)[:7]}",
        "sk": mark,
        "list_pk": f"ABOUT#{record.about}",
        "list_time": mark if not record.once else moment(record.at),
    }


class AuditLog:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def write(self, record: AuditRecord) -> None:
        try:
            self.table.write(appended(record))
        except ConditionFailed:
            if not record.once:
                raise

    def newest(self, now: datetime, cursor: str | None, limit: int) -> Page[AuditRecord]:
        start = self.cursors.open("audit", cursor)
        month = now.replace(day=1)
        for _ in range(MONTHS_BACK):
            partition = start["pk"] if start else f"AUDIT#{moment(month)[:7]}"
            items, last = self.table.query(
                "#pk = :month", month=partition, descending=True, limit=limit, start=start
            )
            if items:
                break
            start, month = None, (month - timedelta(days=1)).replace(day=1)
        return Page(tuple(map(read, items)), self.cursors.seal("audit", last))

    def about(self, thing: str, cursor: str | None, limit: int) -> Page[AuditRecord]:
        scope = f"about/{thing}"
        items, last = self.table.query(
            "#list_pk = :thing",
            index="by_time",
            descending=True,
            limit=limit,
            start=self.cursors.open(scope, cursor),
            thing=f"ABOUT#{thing}",
        )
        return Page(tuple(map(read, items)), self.cursors.seal(scope, last))


def read(found: Mapping[str, object]) -> AuditRecord:
    return replace(unpack(AuditRecord, found), once="")
