"""What the mail service refuses for reasons of the account, in the table: one item a kind."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.keys import ACCOUNT_PROBLEMS, account_problem_key
from portal.aws.client.table import Table
from portal.aws.client.writes import put, update
from portal.domain.mail.account_problems import SHOWN, MailTrouble, TroubleMet

KEEP_PROBLEMS_FOR = timedelta(days=30)


class MailTroubles:
    def __init__(self, table: Table) -> None:
        self.table = table

    def note(self, trouble: MailTrouble, now: datetime) -> None:
        """Met once more; one that was over begins again."""
        key, ttl = account_problem_key(trouble), int((now + KEEP_PROBLEMS_FOR).timestamp())
        again = update(
            key, "SET #last_at = :now, #ttl = :ttl ADD #times :one", "#last_at >= :recently",
            now=moment(now), ttl=ttl, one=1, recently=moment(now - SHOWN),
        )  # fmt: skip
        if not self.table.try_write(again):
            met = TroubleMet(trouble, now, now)
            self.table.write(put({**pack(met), "pk": key[0], "sk": key[1], "ttl": ttl}))

    def current(self, now: datetime) -> list[TroubleMet]:
        items, _ = self.table.query("#pk = :troubles", troubles=ACCOUNT_PROBLEMS)
        found = [unpack(TroubleMet, item) for item in items]
        return sorted((each for each in found if each.last_at >= now - SHOWN), key=lambda each: each.first_at)
