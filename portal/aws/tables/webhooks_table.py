"""Webhooks in the table, each with its owner. What people decide and what the schedule notes are different
attributes, so that neither overwrites the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.group_keys import groups_partition
from portal.aws.client.table import Table
from portal.aws.client.webhook_keys import WEBHOOK, WEBHOOKS_LIST, webhook_key
from portal.aws.client.writes import delete, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.deliveries_table import queue_forgetting
from portal.aws.tables.notifications import queue_notification
from portal.domain.audit.record import AuditRecord
from portal.domain.ids import is_id
from portal.domain.mail.notifications import Notification
from portal.domain.webhooks.webhook import NOTE_EVERY, Webhook, WebhookState


class Webhooks:
    """Fulfils the store of `portal/engine/webhook_services.py`."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def make(self, webhook: Webhook, record: AuditRecord) -> bool:
        pk, sk = webhook_key(webhook.owner_id, webhook.id)
        lists = {"list_pk": WEBHOOKS_LIST, "list_time": f"{moment(webhook.created_at)}#{webhook.id}"}
        item = {**pack(webhook), "pk": pk, "sk": sk, **lists}
        return self.table.try_transact([put_new(item), append_record(record)])

    def get(self, owner_id: str, webhook_id: str) -> Webhook | None:
        found = self.table.get(webhook_key(owner_id, webhook_id)) if is_id(webhook_id) else None
        return unpack(Webhook, found) if found else None

    def list_of(self, owner_id: str) -> list[Webhook]:
        items = self.table.query_all(
            "#pk = :owner AND begins_with(#sk, :webhook)",
            owner=groups_partition(owner_id), webhook=WEBHOOK,
        )  # fmt: skip
        return sorted((unpack(Webhook, each) for each in items), key=lambda each: each.created_at)

    def list_all(self) -> Iterator[Webhook]:
        items = self.table.query_all("#list_pk = :webhooks", index="by_time", webhooks=WEBHOOKS_LIST)
        return (unpack(Webhook, each) for each in items)

    def change(self, before: Webhook, after: Webhook, record: AuditRecord) -> bool:
        """One that is switched on again begins without failures."""
        kept = {"name", "url", "events", "state", "secret", "old_secret", "old_until", "version"}
        values = {name: value for name, value in pack(after).items() if name in kept}
        change = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        if after.is_on and not before.is_on:
            change += " REMOVE #failing_since"
        write = update(
            webhook_key(before.owner_id, before.id), change, "#version = :seen AND #state = :was",
            seen=before.version, was=before.state, **values,
        )  # fmt: skip
        return self.table.try_transact([write, append_record(record)])

    def delete(self, webhook: Webhook, record: AuditRecord, now: datetime) -> bool:
        kept = delete(webhook_key(webhook.owner_id, webhook.id), "#version = :seen", seen=webhook.version)
        return self.table.try_transact([kept, queue_forgetting(webhook, now), append_record(record)])

    def forget(self, webhook: Webhook) -> None:
        self.table.write(delete(webhook_key(webhook.owner_id, webhook.id)))

    def note_outcome(self, webhook: Webhook, now: datetime, *, arrived: bool) -> Webhook:
        if not arrived:
            return webhook if webhook.failing_since else self.note_failing(webhook, now)
        is_known = webhook.arrived_at is not None and now - webhook.arrived_at < NOTE_EVERY
        if is_known and not webhook.failing_since:
            return webhook
        write = update(
            webhook_key(webhook.owner_id, webhook.id), "SET #arrived_at = :now REMOVE #failing_since",
            "attribute_exists(#pk)", now=moment(now),
        )  # fmt: skip
        self.table.try_write(write)
        return replace(webhook, arrived_at=now, failing_since=None)

    def note_failing(self, webhook: Webhook, now: datetime) -> Webhook:
        write = update(
            webhook_key(webhook.owner_id, webhook.id), "SET #failing_since = :now",
            "attribute_exists(#pk) AND attribute_not_exists(#failing_since)", now=moment(now),
        )  # fmt: skip
        self.table.try_write(write)
        return replace(webhook, failing_since=now)

    def switch_off(
        self, webhook: Webhook, why: WebhookState, record: AuditRecord, notices: Sequence[Notification]
    ) -> bool:
        write = update(
            webhook_key(webhook.owner_id, webhook.id), "SET #state = :why, #version = :next",
            "#state = :on AND #version = :seen",
            why=why, on=WebhookState.ON, seen=webhook.version, next=webhook.version + 1,
        )  # fmt: skip
        told = map(queue_notification, notices)
        return self.table.try_transact([write, *told, append_record(record)])
