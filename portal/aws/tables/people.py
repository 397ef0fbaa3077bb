"""People: who was here, what they have stored, and the end of their sessions, ours and the identity
provider's.

Identity stays with the provider; the table keeps a profile so that an administrator sees names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures
from portal.aws.client.codec import moment, unpack
from portal.aws.client.keys import TOTALS_KEYS, DueKind, person_partition, profile_key, usage_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Write, delete, put, update
from portal.aws.tables import visits
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.counters import add_to_totals, sum_totals
from portal.aws.tables.due import query_due
from portal.aws.tables.everyone_table import list_address
from portal.aws.tables.holds import check_not_held
from portal.aws.tables.profiles import require_trust
from portal.aws.tables.service_accounts_table import leave_service_accounts
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import N_, Forbidden, SignInNeeded
from portal.domain.mail.notifications import NotificationKind
from portal.domain.people.administrators import Leaving
from portal.domain.people.directory import Profile
from portal.domain.people.person import Person, Role, Totals, Usage

DISABLED = N_("This account is disabled. An administrator can enable it again.")
log = logging.getLogger(__name__)


class People:
    def __init__(self, table: Table, clients: Clients, pool_id: str) -> None:
        self.table = table
        self.clients = clients
        self.pool_id = pool_id

    def record_visit(self, person: Person, now: datetime, record: AuditRecord) -> None:
        """Keep name and address as the provider says them today, and count who comes for the first time."""
        is_admin = Role.ADMIN in person.roles
        beside = [list_address(person), append_record(record)]
        beside += [visits.join_administrators(person.id)] if is_admin else []
        first = put(visits.make_profile(person, now), "attribute_not_exists(#pk)")
        try:
            self.table.transact([first, add_to_totals(person.id, people=1), *beside])
        except ConditionFailed:
            self.record_return(person, now, beside)

    def record_return(self, person: Person, now: datetime, beside: list[Write]) -> None:
        """Of someone who was here before. Raises Forbidden where they are disabled."""
        again = visits.update_profile(person, now)
        before = self.table.get(profile_key(person.id)) or {}
        was_admin = Role.ADMIN in before.get("roles", ()) and Role.ADMIN not in person.roles
        left = [visits.drop_administrator(person.id)] if was_admin else []
        try:
            self.table.transact([again, *beside, *left])
        except ConditionFailed as failed:
            raise Forbidden(DISABLED, reason="account_disabled") from failed

    def keep_roles(self, person: Person) -> None:
        self.table.try_transact(visits.keep_roles(person))

    def get(self, person_id: str) -> Person | None:
        found = self.table.get(profile_key(person_id))
        return unpack(Person, found) if found else None

    def get_names(self, person_ids: Sequence[str]) -> dict[str, str]:
        keys = [profile_key(each) for each in person_ids]
        found = self.table.get_many(keys)
        return {each: found[key]["name"] for each, key in zip(person_ids, keys, strict=True) if key in found}

    def get_many(self, person_ids: Sequence[str]) -> dict[str, Person]:
        """Those that are there, by id."""
        found = self.table.get_many([profile_key(each) for each in person_ids])
        return {str(item["id"]): unpack(Person, item) for item in found.values()}

    def get_profile(self, person_id: str) -> Profile | None:
        found = self.table.get(profile_key(person_id))
        return visits.read_profile(found) if found else None

    def get_usage(self, person_id: str) -> Usage:
        found = self.table.get(usage_key(person_id))
        return unpack(Usage, found) if found else Usage()

    def get_totals(self) -> Totals:
        """Everyone's totals, the sum of their shards."""
        return sum_totals(self.table.get_many(TOTALS_KEYS).values())

    def get_trusted(self, person_id: str, since: datetime) -> Person | None:
        found = self.table.get(profile_key(person_id))
        if found is None or {"closing_at", "disabled_at"} & found.keys():
            return None
        return unpack(Person, found) if moment(since) > str(found.get("signed_out_at", "")) else None

    def end_sessions(self, person: Person, now: datetime) -> int:
        """Every session item of the person goes, then the provider is told (best effort: ours are what counts
        here). The moment is noted first: what was given out before it without a session ends with it.
        """
        self.table.try_write(
            update(profile_key(person.id), "SET #signed_out_at = :now", "attribute_exists(#pk)",
                   now=moment(max(now, self.table.clock())))
        )  # fmt: skip
        ended = self.delete_all(person.id, "SESSION#")
        self.delete_all(person.id, "TOKEN#")
        try:
            self.ask_pool("admin_user_global_sign_out", person)
        except Exception as problem:
            # Whatever is wrong there, everyone is signed out here, and a failure would say otherwise.
            log.warning("sign-out not passed on", extra={"error": type(problem).__name__})
        return ended

    def delete_all(self, person_id: str, prefix: str) -> int:
        """What is kept under a person with keys that begin so; how many that was."""
        condition = "#pk = :person AND begins_with(#sk, :prefix)"
        found = list(self.table.query_all(condition, person=person_partition(person_id), prefix=prefix))
        for item in found:
            self.table.write(delete((item["pk"], item["sk"])))
        return len(found)

    def close(
        self, person: Person, now: datetime, record: AuditRecord, leaving: Leaving | None = None
    ) -> None:
        """From now on the person has no session and cannot begin one; what is theirs goes piece by piece
        (R61). Pressed again after all of it went, it leaves nothing new behind.
        """
        write = update(
            profile_key(person.id),
            "SET #closing_at = :now, #due_kind = :kind, #due_at = :due",
            "attribute_exists(#pk)", now=moment(now), kind=DueKind.ACCOUNT, due=int(now.timestamp()),
        )  # fmt: skip
        write = require_trust(write, record.trust, person.id)
        try:
            kept = (*check_not_held(person.id), *visits.change_administrators(leaving))
            self.table.transact([write, append_record(record), *kept])
        except ConditionFailed as failed:
            found = self.table.get(profile_key(person.id))
            if found and "closing_at" not in found:
                raise SignInNeeded() from failed

    def get_mails_off(self, person_id: str) -> frozenset[NotificationKind]:
        """The kinds of email that someone switched off; all of them for an account that is shut out."""
        found = self.table.get(profile_key(person_id)) or {}
        if "disabled_at" in found or "closing_at" in found:
            return frozenset(NotificationKind)
        return frozenset(each for each in NotificationKind if each in found.get("mails_off", set()))

    def switch_mails(
        self, person_id: str, off: frozenset[NotificationKind], record: AuditRecord, *, keep: bool
    ) -> bool:
        values: dict[str, Any] = {"off": set(map(str, off))} if off else {}
        change = "ADD #mails_off :off" if keep else "SET #mails_off = :off"
        profile = profile_key(person_id)
        write = update(profile, change if off else "REMOVE #mails_off", "attribute_exists(#pk)", **values)
        write = require_trust(write, record.trust, person_id)
        try:
            self.table.transact([write, append_record(record)])
        except ConditionFailed as failed:
            if record.trust and self.table.get(profile_key(person_id)):
                raise SignInNeeded() from failed
            return False
        return True

    def list_closing(self, limit: int) -> list[Person]:
        return list(islice(self.list_all_closing(), limit))

    def list_all_closing(self) -> Iterator[Person]:
        return (unpack(Person, item) for item in query_due(self.table, "account", self.table.clock()))

    def put_off_removal(self, person: Person, until: datetime) -> None:
        due = int(until.timestamp())
        key = profile_key(person.id)
        self.table.try_write(update(key, "SET #due_at = :due", "attribute_exists(#closing_at)", due=due))

    def mark_removed(self, person: Person, now: datetime) -> bool:
        mark = update(
            profile_key(person.id), "SET #removing_at = :now", "attribute_exists(#pk)", now=moment(now)
        )
        return self.table.try_transact([mark, *check_not_held(person.id)])

    def remove(self, person: Person, record: AuditRecord) -> None:
        """The end of a closed account: what is kept under the person, the provider's account, the profile."""
        self.delete_rest(person.id)
        self.ask_pool("admin_delete_user", person)  # before the profile, which has the schedule try again
        try:
            gone = delete(profile_key(person.id), "attribute_exists(#pk)")
            self.table.transact(
                [
                    gone,
                    delete(usage_key(person.id)),
                    append_record(record),
                    add_to_totals(person.id, people=-1),
                    *leave_service_accounts(person),
                ]
            )
        except ConditionFailed:
            return  # removed already

    def delete_rest(self, person_id: str) -> None:
        """Everything under the person but what goes in the last transaction."""
        last = {profile_key(person_id), usage_key(person_id)}
        for item in self.table.query_all("#pk = :person", person=person_partition(person_id)):
            if (key := (item["pk"], item["sk"])) not in last:
                self.table.write(delete(key))

    def ask_pool(self, call: str, person: Person) -> None:
        """Where people come from a Cognito pool; someone who is unknown there is fine."""
        if not self.pool_id or person.is_service:
            return
        try:
            with plain_failures():
                getattr(self.clients.get("cognito-idp"), call)(
                    UserPoolId=self.pool_id, Username=person.subject
                )
        except ClientError as error:
            if code(error) != "UserNotFoundException":
                raise
