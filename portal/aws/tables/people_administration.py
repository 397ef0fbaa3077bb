"""What administrators do with someone's profile, and how people are listed and found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.aws.client.admin_keys import administrators_key, people_list
from portal.aws.client.codec import moment, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import mail_count_key, person_partition, profile_key, session_key, usage_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Write, delete, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.profiles import require_trust
from portal.aws.tables.visits import change_administrators, join_administrators, read_profile
from portal.domain.audit.record import AuditRecord
from portal.domain.paging import Page
from portal.domain.people.administrators import Leaving
from portal.domain.people.directory import Profile, Standing
from portal.domain.people.person import Person, Role, Session, Usage

SESSION = "SESSION#"


class PeopleAdministration:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def list_administrators(self) -> frozenset[str]:
        found = self.table.get(administrators_key()) or {}
        return frozenset(found.get("people", ()))

    def disable(self, person_id: str, now: datetime, record: AuditRecord, leaving: Leaving | None) -> bool:
        """The first moment stays, so that pressing again changes nothing."""
        write = update(
            profile_key(person_id), "SET #disabled_at = if_not_exists(#disabled_at, :now)",
            "attribute_exists(#pk)", now=moment(now),
        )  # fmt: skip
        return self.change(write, record, change_administrators(leaving))

    def enable(self, person: Person, record: AuditRecord) -> bool:
        write = update(profile_key(person.id), "REMOVE #disabled_at", "attribute_exists(#pk)")
        joins = [join_administrators(person.id)] if person.is_admin else []
        return self.change(write, record, joins)

    def set_roles(
        self,
        person_id: str,
        roles: frozenset[Role],
        now: datetime,
        record: AuditRecord,
        leaving: Leaving | None,
    ) -> bool:
        write = update(
            profile_key(person_id), "SET #roles = :roles, #signed_out_at = :now", "attribute_exists(#pk)",
            roles=set(roles), now=moment(max(now, self.table.clock())),
        )  # fmt: skip
        write = require_trust(write, record.trust, person_id)
        joins = [join_administrators(person_id)] if Role.ADMIN in roles else change_administrators(leaving)
        return self.change(write, record, joins)

    def change(self, write: Write, record: AuditRecord, beside: Sequence[Write]) -> bool:
        """The write of a profile with its record; False where there is no profile."""
        try:
            self.table.transact([write, append_record(record), *beside])
        except ConditionFailed:
            return False
        return True

    def set_quota(
        self, person_id: str, max_bytes: int | None, max_files: int | None, record: AuditRecord
    ) -> None:
        """Beside the counter, so that one condition holds what someone has to what they may have."""
        values: dict[str, Any] = {"max_bytes": max_bytes, "max_files": max_files}
        kept = {name: value for name, value in values.items() if value is not None}
        sets = ", ".join(f"#{name} = :{name}" for name in kept)
        removes = ", ".join(f"#{name}" for name in values if name not in kept)
        change = " ".join(filter(None, [sets and f"SET {sets}", removes and f"REMOVE {removes}"]))
        self.table.transact([update(usage_key(person_id), change, **kept), append_record(record)])

    def list_page(self, order: str, cursor: str | None, limit: int) -> Page[Profile]:
        scope, by_time = f"people/{order}", order == "seen"
        items, last = self.table.query(
            "#list_pk = :list", index="by_time" if by_time else "by_name", descending=by_time, limit=limit,
            start=self.cursors.open(scope, cursor), list=people_list("name"),
        )  # fmt: skip
        return Page(tuple(map(read_profile, items)), self.cursors.seal(scope, last))

    def get_standings(self, person_ids: Sequence[str], now: datetime) -> Mapping[str, Standing]:
        keys = [
            key
            for each in person_ids
            for key in (profile_key(each), usage_key(each), mail_count_key(each, now))
        ]
        found = self.table.get_many(keys)
        return {each: read_standing(each, found, now) for each in person_ids}

    def list_sessions(self, person_id: str) -> list[tuple[str, Session]]:
        condition = "#pk = :person AND begins_with(#sk, :session)"
        items = self.table.query_all(condition, person=person_partition(person_id), session=SESSION)
        found = [(str(each["sk"]).removeprefix(SESSION), unpack(Session, each)) for each in items]
        return sorted(found, key=lambda each: each[1].seen_at, reverse=True)

    def end_session(self, person_id: str, key: str) -> None:
        self.table.write(delete(session_key(person_id, key)))


def read_standing(person_id: str, found: Mapping[tuple[str, str], Any], now: datetime) -> Standing:
    profile, usage = found.get(profile_key(person_id)), found.get(usage_key(person_id))
    mails = found.get(mail_count_key(person_id, now))
    return Standing(
        read_profile(profile) if profile else None,
        unpack(Usage, usage) if usage else Usage(),
        int(mails["list_size"]) if mails else 0,
    )
