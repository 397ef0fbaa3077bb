"""What is on its way to webhooks, in a partition a webhook, so that its history is one query.

Claimed with a lease and settled like an email of the outbox, apart from which these lie: a receiver that
hangs keeps no email from its turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from portal.aws.client.codec import moment, pack, seconds, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import DueKind
from portal.aws.client.table import Table
from portal.aws.client.webhook_keys import deliveries_partition, delivery_key, forgetting_key
from portal.aws.client.writes import Item, Write, delete, put, put_new, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.due import query_due
from portal.domain.audit.record import AuditRecord
from portal.domain.ids import is_id
from portal.domain.paging import Page
from portal.domain.webhooks.deliveries import KEPT, Delivery, DeliveryPlace, DeliveryState
from portal.domain.webhooks.webhook import Webhook

AT_ONCE = 100  # items that one read may ask for
DUE_AT_ONCE = 200


class Deliveries:
    """Fulfils the store of `portal/engine/webhook_services.py`."""

    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def add_missing(self, deliveries: Sequence[Delivery]) -> int:
        """Reading is cheaper than being refused to write, and most that are told of again are there."""
        added = 0
        for first in range(0, len(deliveries), AT_ONCE):
            some = {
                delivery_key(each.webhook_id, each.id): each for each in deliveries[first : first + AT_ONCE]
            }
            known = self.table.get_many(list(some))
            new = [each for key, each in some.items() if key not in known]
            added += sum(self.table.try_write(put_new(make_item(each))) for each in new)
        return added

    def get(self, webhook_id: str, delivery_id: str) -> Delivery | None:
        known = is_id(webhook_id) and is_id(delivery_id)
        found = self.table.get(delivery_key(webhook_id, delivery_id)) if known else None
        return unpack(Delivery, found) if found else None

    def list_page(self, webhook_id: str, cursor: str | None, limit: int) -> Page[Delivery]:
        scope = f"deliveries/{webhook_id}"
        items, last = self.table.query(
            "#pk = :pk AND #sk < :end", descending=True, limit=limit, start=self.cursors.open(scope, cursor),
            pk=deliveries_partition(webhook_id), end=forgetting_key(webhook_id)[1],
        )  # fmt: skip
        return Page(tuple(unpack(Delivery, each) for each in items), self.cursors.seal(scope, last))

    def forget(self, deliveries: Sequence[Delivery]) -> None:
        for each in deliveries:
            self.table.write(delete(delivery_key(each.webhook_id, each.id)))

    def end_forgetting(self, webhook_id: str) -> None:
        self.table.write(delete(forgetting_key(webhook_id)))

    def list_due(self, now: datetime) -> Iterator[DeliveryPlace]:
        return (
            DeliveryPlace(str(item["owner_id"]), str(item["webhook_id"]), str(item["id"]))
            for item in query_due(self.table, "webhook", now, rows=DUE_AT_ONCE)
        )

    def add(self, delivery: Delivery, record: AuditRecord) -> bool:
        return self.table.try_transact([put_new(make_item(delivery)), append_record(record)])

    def claim(self, delivery: Delivery, now: datetime, lease_seconds: int) -> bool:
        ends = now + timedelta(seconds=lease_seconds)
        write = update(
            delivery_key(delivery.webhook_id, delivery.id),
            "SET #due_at = :ends, #tries = :tries, #due = :due",
            "#state = :queued AND #tries = :seen AND #due = :due_seen",
            ends=seconds(ends), due=moment(ends), tries=delivery.tries + 1, seen=delivery.tries,
            queued=DeliveryState.QUEUED, due_seen=moment(delivery.due) if delivery.due else "",
        )  # fmt: skip
        return self.table.try_write(write)

    def put_off(self, delivery: Delivery, until: datetime) -> None:
        write = update(
            delivery_key(delivery.webhook_id, delivery.id), "SET #due_at = :until, #due = :due",
            "#state = :queued AND #due = :seen", until=seconds(until), due=moment(until),
            queued=DeliveryState.QUEUED, seen=moment(delivery.due) if delivery.due else "",
        )  # fmt: skip
        self.table.try_write(write)

    def settle(self, delivery: Delivery, claimed: int) -> bool:
        return self.table.try_write(
            put(
                make_item(delivery), "#tries = :claimed AND #state = :queued",
                claimed=claimed, queued=DeliveryState.QUEUED,
            )
        )  # fmt: skip

    def queue_again(self, before: Delivery, after: Delivery, record: AuditRecord) -> bool:
        write = put(make_item(after), "#tries = :seen AND #state = :was", seen=before.tries, was=before.state)
        return self.table.try_transact([write, append_record(record)])


def queue_forgetting(webhook: Webhook, now: datetime) -> Write:
    """That the history of a webhook is due to go, which is deleted in the same transaction."""
    pk, sk = forgetting_key(webhook.id)
    place = {"pk": pk, "sk": sk, "id": sk, "owner_id": webhook.owner_id, "webhook_id": webhook.id}
    return put({**place, "due_kind": DueKind.WEBHOOK, "due_at": seconds(now)})


def make_item(delivery: Delivery) -> Item:
    pk, sk = delivery_key(delivery.webhook_id, delivery.id)
    item: Item = {**pack(delivery), "pk": pk, "sk": sk, "ttl": seconds(delivery.queued_at + KEPT)}
    if delivery.state is DeliveryState.QUEUED and delivery.due:
        item |= {"due_kind": DueKind.WEBHOOK, "due_at": seconds(delivery.due)}
    return item
