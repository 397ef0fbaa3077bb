"""People: who was here, what they have stored, and the end of their sessions, ours and the identity
provider's.

Identity stays with the provider; the table keeps a profile so that an administrator sees names.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from portal.aws.audit_log import appended
from portal.aws.calls import Clients, code, plain_failures
from portal.aws.codec import moment, pack, unpack
from portal.aws.counters import TOTALS_KEYS, totals, usage_key
from portal.aws.table import ConditionFailed, Key, Table, delete, put, update
from portal.domain.audit import AuditRecord
from portal.domain.notices import NoticeKind
from portal.domain.people import Person, Totals, Usage

# The metadata address of a Cognito user pool names it: https://cognito-idp.<region>.amazonaws.com/<pool
# id>/...
POOL = re.compile(r"/([a-z]{2}(?:-[a-z]+)+-\d_[A-Za-z0-9]+)/\.well-known/")


class People:
    def __init__(self, table: Table, clients: Clients, metadata_url: str) -> None:
        self.table = table
        self.clients = clients
        pool = POOL.search(metadata_url)
        self.pool_id = pool[1] if pool else ""

    def seen(self, person: Person, now: datetime, record: AuditRecord) -> None:
        """Keep name and address as the provider says them today, and count who comes for the first time."""
        profile = {**pack(person), "pk": profile_key(person.id)[0], "sk": "PROFILE", "seen_at": moment(now)}
        try:
            first = put(profile, "attribute_not_exists(#pk)")
            self.table.transact([first, appended(record), totals(person.id, people=1)])
        except ConditionFailed:
            again = update(
                profile_key(person.id),
                "SET #name = :name, #address = :address, #address_verified = :verified, #roles = :roles,"
                " #seen_at = :now",
                name=person.name, address=person.address, verified=person.address_verified,
                roles=set(person.roles), now=moment(now),
            )  # fmt: skip
            self.table.transact([again, appended(record)])

    def usage(self, person_id: str) -> Usage:
        found = self.table.get(usage_key(person_id))
        return unpack(Usage, found) if found else Usage()

    def totals(self) -> Totals:
        """Everybody's totals, the sum of their shards."""
        shards = [unpack(Totals, item) for item in self.table.get_many(TOTALS_KEYS).values()]
        names = ("people", "files", "bytes", "shares", "downloads")
        return Totals(**{name: sum(getattr(shard, name) for shard in shards) for name in names})

    def still_trusts(self, person_id: str, since: datetime) -> bool:
        found = self.table.get(profile_key(person_id))
        return (
            found is not None
            and "closing_at" not in found
            and moment(since) > str(found.get("signed_out_at", ""))
        )

    def end_sessions(self, person: Person, now: datetime) -> int:
        """Every session item of the person goes, then the provider is told (best effort: ours are what counts
        here). The moment is noted first: what was given out before it without a session ends with it.
        """
        with suppress(ConditionFailed):
            self.table.write(
                update(profile_key(person.id), "SET #signed_out_at = :now", "attribute_exists(#pk)",
                       now=moment(now))
            )  # fmt: skip
        ended = 0
        while True:
            items, more = self.table.query(
                "#pk = :person AND begins_with(#sk, :session)",
                person=profile_key(person.id)[0],
                session="SESSION#",
            )
            for item in items:
                self.table.write(delete((item["pk"], item["sk"])))
            ended += len(items)
            if not more:
                break
        if self.pool_id:
            self.ask_pool("admin_user_global_sign_out", person)
        return ended

    def close(self, person: Person, now: datetime, record: AuditRecord) -> None:
        """From now on the person has no session and cannot begin one; what is theirs goes piece by piece
        (R61). Pressed again after all of it went, it leaves nothing new behind.
        """
        write = update(
            profile_key(person.id),
            "SET #closing_at = :now, #due_kind = :kind, #due_at = :due", "attribute_exists(#pk)",
            now=moment(now), kind="PERSON", due=int(now.timestamp()),
        )  # fmt: skip
        try:
            self.table.transact([write, appended(record)])
        except ConditionFailed:
            return

    def mails_off(self, person_id: str) -> frozenset[NoticeKind]:
        """The kinds of mail that somebody switched off."""
        found = self.table.get(profile_key(person_id)) or {}
        return frozenset(each for each in NoticeKind if each in found.get("mails_off", set()))

    def switch_mails(
        self, person_id: str, off: frozenset[NoticeKind], record: AuditRecord, *, keep: bool
    ) -> bool:
        values: dict[str, Any] = {"off": set(map(str, off))} if off else {}
        change = "ADD #mails_off :off" if keep else "SET #mails_off = :off"
        write = update(
            profile_key(person_id), change if off else "REMOVE #mails_off", "attribute_exists(#pk)", **values
        )
        try:
            self.table.transact([write, appended(record)])
        except ConditionFailed:
            return False
        return True

    def closing(self, limit: int) -> list[Person]:
        items, _ = self.table.query("#due_kind = :kind", index="due", limit=limit, kind="PERSON")
        return [unpack(Person, item) for item in items]

    def remove(self, person: Person, record: AuditRecord) -> None:
        """The end of a closed account: the provider's account, what is kept under the person, the profile."""
        if self.pool_id:
            self.ask_pool("admin_delete_user", person)
        self.forget_rest(person.id)
        try:
            gone = delete(profile_key(person.id), "attribute_exists(#pk)")
            self.table.transact(
                [gone, delete(usage_key(person.id)), appended(record), totals(person.id, people=-1)]
            )
        except ConditionFailed:
            return  # removed already

    def forget_rest(self, person_id: str) -> None:
        """Everything under the person but what goes in the last transaction."""
        last, start = {profile_key(person_id), usage_key(person_id)}, None
        while True:
            items, start = self.table.query("#pk = :person", person=profile_key(person_id)[0], start=start)
            for key in [(item["pk"], item["sk"]) for item in items]:
                if key not in last:
                    self.table.write(delete(key))
            if not start:
                return

    def ask_pool(self, call: str, person: Person) -> None:
        try:
            with plain_failures():
                getattr(self.clients.get("cognito-idp"), call)(
                    UserPoolId=self.pool_id, Username=person.subject
                )
        except ClientError as error:
            if code(error) != "UserNotFoundException":
                raise


def profile_key(person_id: str) -> Key:
    return f"PERSON#{person_id}", "PROFILE"
