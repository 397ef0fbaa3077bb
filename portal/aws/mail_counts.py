"""How many mails a person has sent on a day (UTC): one item a person and day, counted in the transaction of
what sends them, and listed by number for the administrators. Forgotten after some days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.aws.codec import moment
from portal.aws.table import Key, Table, Write, update
from portal.domain.limits import MailsToday
from portal.domain.shares import MailState, Recipient, Share

KEPT_DAYS = 3


class MailCounts:
    def __init__(self, table: Table) -> None:
        self.table = table

    def today(self, person_id: str, now: datetime) -> int:
        found = self.table.get(count_key(person_id, now))
        return int(found["list_size"]) if found else 0

    def most_today(self, now: datetime, limit: int) -> list[MailsToday]:
        """Who has sent most on this day, most first."""
        items, _ = self.table.query(
            "#list_pk = :list", index="by_size", descending=True, limit=limit, list=day_list(now)
        )
        return [MailsToday(each["person_id"], each["name"], each["list_size"]) for each in items]


def mailed(share: Share, recipients: Sequence[Recipient], at: datetime, most: int) -> list[Write]:
    """Count the mails that are queued for these recipients; fails where the share's owner would pass the most
    of a day.
    """
    count = sum(each.mail.state is MailState.QUEUED for each in recipients)
    if not count:
        return []
    change = "SET #ttl = :ttl, #list_pk = :list, #person_id = :person, #name = :name ADD #list_size :count"
    condition = "#list_size <= :room" if count > most else (
        "attribute_not_exists(#list_size) OR #list_size <= :room"
    )  # fmt: skip
    return [update(
        count_key(share.owner_id, at), change, condition, count=count, room=most - count,
        person=share.owner_id, name=share.owner_name, list=day_list(at),
        ttl=int((at + timedelta(days=KEPT_DAYS)).timestamp()),
    )]  # fmt: skip


def count_key(person_id: str, at: datetime) -> Key:
    return f"PERSON#{person_id}", f"MAILS#{moment(at)[:10]}"


def day_list(at: datetime) -> str:
    return f"MAILS#{moment(at)[:10]}"
