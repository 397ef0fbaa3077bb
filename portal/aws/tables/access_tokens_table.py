"""Access tokens in the table, each under its owner; of its secret only the hash."""

from __future__ import annotations

from datetime import datetime

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.keys import access_token_key, person_partition, profile_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Key, delete, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.policies_table import Policies
from portal.aws.tables.sessions import lets_in
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import SignInNeeded
from portal.domain.people.access_tokens import KEPT_AFTERWARDS, SEEN_EVERY, AccessToken
from portal.domain.people.person import Person


class AccessTokens:
    """Fulfils the store of `portal/engine/token_services.py`."""

    def __init__(self, table: Table, policies: Policies) -> None:
        self.table = table
        self.policies = policies

    def find(self, owner_id: str, token_id: str) -> tuple[AccessToken, Person] | None:
        key, profile = access_token_key(owner_id, token_id), profile_key(owner_id)
        found = self.read(key, profile)
        if key not in found or not lets_in(found.get(profile), str(found[key]["created_at"])):
            return None
        return unpack(AccessToken, found[key]), unpack(Person, found[profile])

    def find_person(self, person_id: str, since: datetime) -> Person | None:
        profile = profile_key(person_id)
        found = self.read(profile)
        if profile not in found:
            return None
        if not lets_in(found[profile], moment(since)):
            raise SignInNeeded
        return unpack(Person, found[profile])

    def read(self, *keys: Key) -> dict[Key, Item]:
        """Consistently, and once a minute the policies with them, for which no request waits alone."""
        stale = self.policies.list_stale_keys()
        found = self.table.get_many([*keys, *stale])
        self.policies.keep(stale, found)
        return found

    def list_of(self, owner_id: str) -> list[AccessToken]:
        condition = "#pk = :person AND begins_with(#sk, :token)"
        items = list(self.table.query_all(condition, person=person_partition(owner_id), token="TOKEN#"))  # noqa: S106
        profile = self.table.get(profile_key(owner_id)) if items else None
        found = [unpack(AccessToken, each) for each in items if lets_in(profile, str(each["created_at"]))]
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    def make(self, token: AccessToken, record: AuditRecord) -> bool:
        pk, sk = access_token_key(token.owner_id, token.id)
        kept_until = int((token.expires_at + KEPT_AFTERWARDS).timestamp())
        item = {**pack(token), "pk": pk, "sk": sk, "ttl": kept_until}
        return self.table.try_transact([put_new(item), append_record(record)])

    def revoke(self, token: AccessToken, record: AuditRecord) -> bool:
        gone = delete(access_token_key(token.owner_id, token.id), "attribute_exists(#pk)")
        return self.table.try_transact([gone, append_record(record)])

    def note_use(self, token: AccessToken, now: datetime) -> None:
        """Unless someone else did so within the hour, or it was revoked in the meantime."""
        write = update(
            access_token_key(token.owner_id, token.id), "SET #used_at = :now",
            "attribute_exists(#pk) AND (attribute_not_exists(#used_at) OR #used_at <= :before)",
            now=moment(now), before=moment(now - SEEN_EVERY),
        )  # fmt: skip
        self.table.try_write(write)
