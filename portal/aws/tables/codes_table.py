"""One-time codes and tries of passwords in the table, beside the share and removed with it.

A try is claimed by a conditional write before anything is compared, so that many guesses at once get no more
than the tries there are (R44, R46). Where the table does not answer, nothing is claimed: closed (R60).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.keys import code_key, password_tries_key
from portal.aws.client.table import Table
from portal.aws.client.writes import put, update
from portal.aws.tables.audit_log import append_record
from portal.domain.audit.record import AuditRecord
from portal.domain.links.codes import HOUR, Code
from portal.domain.shares.share import Recipient

KEEP_CODES_FOR = timedelta(hours=2)  # longer than an hour's limits look back; then the table forgets


class Codes:
    def __init__(self, table: Table) -> None:
        self.table = table

    def newest(self, recipient: Recipient) -> Code | None:
        found = self.table.get(code_key(recipient.share_id, recipient.id))
        return unpack(Code, found) if found else None

    def issue(self, recipient: Recipient, code: Code, before: Code | None, record: AuditRecord) -> bool:
        """Put a code in the place of the one before; of many at once, one."""
        pk, sk = code_key(recipient.share_id, recipient.id)
        item = {**pack(code), "pk": pk, "sk": sk, "ttl": int((record.at + KEEP_CODES_FOR).timestamp())}
        write = (
            put(item, "#number = :seen", seen=before.number)
            if before
            else put(item, "attribute_not_exists(#pk)")
        )
        return self.table.try_transact([write, append_record(record)])

    def take_back(self, recipient: Recipient, code: Code) -> None:
        """Unless a newer one is there already."""
        write = update(
            code_key(recipient.share_id, recipient.id),
            "SET #mark = :none, #sent_at = :before",
            "#id = :id AND #mark = :mark",
            none="",
            before=pack(code.sent_at[:-1]),
            id=code.id,
            mark=code.mark,
        )
        self.table.try_write(write)

    def claim_try(self, recipient: Recipient, code: Code, now: datetime) -> bool:
        write = update(
            code_key(recipient.share_id, recipient.id), "SET #tries_left = #tries_left - :one",
            "#id = :id AND #mark = :mark AND #tries_left > :zero AND #expires_at > :now",
            one=1, zero=0, id=code.id, mark=code.mark, now=moment(now),
        )  # fmt: skip
        return self.table.try_write(write)

    def use(self, recipient: Recipient, code: Code, record: AuditRecord) -> bool:
        """A code is good for once: whoever takes its mark away has used it."""
        write = update(
            code_key(recipient.share_id, recipient.id),
            "SET #mark = :none, #used_mark = :mark, #used_at = :now",
            "#id = :id AND #mark = :mark",
            none="",
            id=code.id,
            mark=code.mark,
            now=moment(record.at),
        )
        return self.table.try_transact([write, append_record(record)])

    def claim_password_try(self, recipient: Recipient, now: datetime, most: int) -> bool:
        """One of so many tries in this hour of the clock."""
        write = update(
            password_tries_key(recipient.share_id, recipient.id, now), "SET #ttl = :ttl ADD #tries :one",
            "attribute_not_exists(#tries) OR #tries < :most",
            one=1, most=most, ttl=int((now + KEEP_CODES_FOR + HOUR).timestamp()),
        )  # fmt: skip
        return self.table.try_write(write)
