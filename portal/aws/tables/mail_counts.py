"""How many emails a person has sent on a day (UTC): one item a person and day, counted in the transaction of
what sends them, and listed by number for the administrators. Forgotten after some days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.aws.client.keys import mail_count_key, mail_counts_list
from portal.aws.client.table import Table
from portal.aws.client.writes import Write, update
from portal.domain.mail.mail_job import MailState
from portal.domain.policy.limits import MailsToday
from portal.domain.shares.share import Recipient, Share

KEPT_DAYS = 3
MAILS_USED_UP = "mails_used_up"  # what a transaction fails as that would pass the most of a day


class MailCounts:
    def __init__(self, table: Table) -> None:
        self.table = table

    def count_today(self, person_id: str, now: datetime) -> int:
        found = self.table.get(mail_count_key(person_id, now))
        return int(found["list_size"]) if found else 0

    def list_most_today(self, now: datetime, limit: int) -> list[MailsToday]:
        """Who has sent most on this day, most first."""
        items, _ = self.table.query(
            "#list_pk = :list", index="by_size", descending=True, limit=limit, list=mail_counts_list(now)
        )
        return [MailsToday(each["person_id"], each["name"], each["list_size"]) for each in items]


def count_mails(share: Share, recipients: Sequence[Recipient], at: datetime, most: int) -> list[Write]:
    """Count the emails that are queued for these recipients; fails where the share's owner would pass the
    most of a day.
    """
    count = sum(each.mail.state is MailState.QUEUED for each in recipients)
    if not count:
        return []
    change = "SET #ttl = :ttl, #list_pk = :list, #person_id = :person, #name = :name ADD #list_size :count"
    condition = "#list_size <= :room" if count > most else (
        "attribute_not_exists(#list_size) OR #list_size <= :room"
    )  # fmt: skip
    return [update(
        mail_count_key(share.owner_id, at), change, condition, count=count, room=most - count,
        person=share.owner_id, name=share.owner_name, list=mail_counts_list(at),
        ttl=int((at + timedelta(days=KEPT_DAYS)).timestamp()),
    ).failing_as(MAILS_USED_UP)]  # fmt: skip
