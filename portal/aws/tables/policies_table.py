"""Policies in the table: the one in force and every version, in one partition, kept by each process a minute.

The read of a session brings the policy along once a minute, in the same call (`sessions.py`). So a request of
someone who is signed in never makes a call for it, and what a partner's link opens needs none at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from portal.aws.client.codec import pack, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import POLICIES, current_policy_key, policy_version_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Key, put, put_new
from portal.aws.tables.audit_log import append_record
from portal.domain.audit.record import AuditRecord
from portal.domain.paging import Page
from portal.domain.policy.policies import NO_POLICY, Policy, Rules, SavePolicyResult

KEPT_SECONDS = 60.0
SCOPE = "policies"  # of cursors


class Known(NamedTuple):
    """A policy, and when it was read (seconds of the monotonic clock)."""

    policy: Policy
    read_at: float


class Policies:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors
        self.known: Known | None = None

    def get_current(self) -> Policy:
        if self.known is None or self.list_stale_keys():
            return self.read()
        return self.known.policy

    def read(self) -> Policy:
        key, now = current_policy_key(), self.table.clock.monotonic()
        return self.remember(self.table.get(key), now)

    def list_stale_keys(self) -> list[Key]:
        """What a read of something else is to bring along; nothing while what is known is fresh."""
        now = self.table.clock.monotonic()
        is_fresh = self.known is not None and now - self.known.read_at < KEPT_SECONDS
        return [] if is_fresh else [current_policy_key()]

    def keep(self, asked: Sequence[Key], found: Mapping[Key, Item]) -> None:
        """What a read brought that had asked for these keys."""
        for key in asked:
            self.remember(found.get(key), self.table.clock.monotonic())

    def remember(self, item: Item | None, now: float) -> Policy:
        policy = read_policy(item) if item else NO_POLICY
        self.known = Known(policy, now)
        return policy

    def save(self, before: Policy, after: Policy, record: AuditRecord) -> SavePolicyResult:
        condition = "#version = :seen" if before.version else "attribute_not_exists(#pk)"
        seen = {"seen": before.version} if before.version else {}
        try:
            self.table.transact([
                put(policy_item(after, current_policy_key()), condition, **seen),
                put_new(policy_item(after, policy_version_key(after.version))),
                append_record(record),
            ])  # fmt: skip
        except ConditionFailed:
            return SavePolicyResult.CHANGED_MEANWHILE
        self.known = None  # whoever saved it sees it at once; other processes do within a minute
        return SavePolicyResult.SAVED

    def get_version(self, version: int) -> Policy | None:
        found = self.table.get(policy_version_key(version))
        return read_policy(found) if found else None

    def list_versions(self, cursor: str | None, limit: int) -> Page[Policy]:
        items, last = self.table.query(
            "#pk = :policies AND begins_with(#sk, :version)", descending=True, limit=limit,
            start=self.cursors.open(SCOPE, cursor), policies=POLICIES, version="VERSION#",
        )  # fmt: skip
        return Page(tuple(map(read_policy, items)), self.cursors.seal(SCOPE, last))


def policy_item(policy: Policy, key: Key) -> Item:
    return {**pack(policy), "pk": key[0], "sk": key[1]}


def read_policy(item: Item) -> Policy:
    """DynamoDB keeps lists where the domain has tuples."""
    found = unpack(Policy, item)
    groups = {name: read_rules(rules) for name, rules in found.groups.items()}
    return replace(found, for_all=read_rules(found.for_all), groups=groups)


def read_rules(rules: Rules) -> Rules:
    return {name: replace(each, value=read_value(each.value)) for name, each in rules.items()}


def read_value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
