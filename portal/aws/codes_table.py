"""One-time codes and tries of passwords in the table, beside the share and removed with it.

A try is claimed by a conditional write before anything is compared, so that many guesses at once get no more
than the tries there are (R44, R46). Where the table does not answer, nothing is claimed: closed (R60).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.aws.audit_log import appended
from portal.aws.codec import moment, pack, unpack
from portal.aws.table import ConditionFailed, Key, Table, Write, put, update
from portal.domain.audit import AuditRecord
from portal.domain.codes import HOUR, Code
from portal.domain.shares import Recipient

KEPT = timedelta(hours=2)  # longer than an hour's limits look back; then the table forgets


class Codes:
    def __init__(self, table: Table) -> None:
        self.table = table

    def newest(self, recipient: Recipient) -> Code | None:
        found = self.table.get(code_key(recipient))
        return unpack(Code, found) if found else None

    def issue(self, recipient: Recipient, code: Code, before: Code | None, record: AuditRecord) -> bool:
        """Put a code in the place of the one before; of many at once, one."""
        pk, sk = code_key(recipient)
        item = {**pack(code), "pk": pk, "sk": sk, "ttl": int((record.at + KEPT).timestamp())}
        write = (
            put(item, "#number = :seen", seen=before.number)
            if before
            else put(item, "attribute_not_exists(#pk)")
        )
        return self.table.done([write, appended(record)])

    def take_back(self, recipient: Recipient, code: Code) -> None:
        """Unless a newer one is there already."""
        write = update(
            code_key(recipient), "SET #mark = :none, #sent_at = :before", "#id = :id AND #mark = :mark",
            none="", before=pack(code.sent_at[:-1]), id=code.id, mark=code.mark,
        )  # fmt: skip
        self.alone(write)

    def claim_try(self, recipient: Recipient, code: Code, now: datetime) -> bool:
        write = update(
            code_key(recipient), "SET #tries_left = #tries_left - :one",
            "#id = :id AND #mark = :mark AND #tries_left > :zero AND #expires_at > :now",
            one=1, zero=0, id=code.id, mark=code.mark, now=moment(now),
        )  # fmt: skip
        return self.alone(write)

    def use(self, recipient: Recipient, code: Code, record: AuditRecord) -> bool:
        """A code is good for once: whoever takes its mark away has used it."""
        write = update(
            code_key(recipient), "SET #mark = :none", "#id = :id AND #mark = :mark",
            none="", id=code.id, mark=code.mark,
        )  # fmt: skip
        return self.table.done([write, appended(record)])

    def claim_password_try(self, recipient: Recipient, now: datetime, most: int) -> bool:
        """One of so many tries in this hour of the clock."""
        pk, sk = code_key(recipient)
        write = update(
            (pk, f"{sk}#{moment(now)[:13]}"), "SET #ttl = :ttl ADD #tries :one",
            "attribute_not_exists(#tries) OR #tries < :most",
            one=1, most=most, ttl=int((now + KEPT + HOUR).timestamp()),
        )  # fmt: skip
        return self.alone(write)

    def alone(self, write: Write) -> bool:
        try:
            self.table.write(write)
        except ConditionFailed:
            return False
        return True


def code_key(recipient: Recipient) -> Key:
    """Sorted behind the share itself, so that reading a share with its recipients passes it over."""
    return f"SHARE#{recipient.share_id}", f"UNLOCK#{recipient.id}"
