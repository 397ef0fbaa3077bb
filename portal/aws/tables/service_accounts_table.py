"""Service accounts in the table: profiles as those of people, and one item that names all of them."""

from __future__ import annotations

from datetime import datetime

from portal.aws.client.admin_keys import service_accounts_key
from portal.aws.client.keys import profile_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Write, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.counters import add_to_totals
from portal.aws.tables.everyone_table import list_address
from portal.aws.tables.visits import make_profile, read_profile
from portal.domain.audit.record import AuditRecord
from portal.domain.people.directory import Profile
from portal.domain.people.person import Person
from portal.domain.people.service_accounts import MAX_ACCOUNTS, TooManyAccounts


class ServiceAccounts:
    """Fulfils the store of `portal/engine/token_services.py`."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def make(self, account: Person, now: datetime, record: AuditRecord) -> bool:
        profile = {name: value for name, value in make_profile(account, now).items() if name != "seen_at"}
        join = update(
            service_accounts_key(), "ADD #people :these",
            "attribute_not_exists(#people) OR size(#people) < :most", these={account.id}, most=MAX_ACCOUNTS,
        )  # fmt: skip
        return self.table.try_transact([
            put_new(profile), join.failing_as(TooManyAccounts()), add_to_totals(account.id, people=1),
            list_address(account), append_record(record),
        ])  # fmt: skip

    def list_all(self) -> list[Profile]:
        listed = self.table.get(service_accounts_key()) or {}
        keys = [profile_key(each) for each in sorted(listed.get("people", ()))]
        found = self.table.get_many(keys)
        return sorted(map(read_profile, found.values()), key=lambda each: each.person.name.casefold())


def leave_service_accounts(account: Person) -> list[Write]:
    """What goes with a service account beside its profile; nothing of a person."""
    if not account.is_service:
        return []
    return [update(service_accounts_key(), "DELETE #people :these", these={account.id})]
