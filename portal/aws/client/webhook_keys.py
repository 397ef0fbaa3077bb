"""The keys of webhooks, which lie with their owner, and of what is on its way to them."""

from __future__ import annotations

from portal.aws.client.group_keys import groups_partition
from portal.aws.client.writes import Key

WEBHOOKS_LIST = "WEBHOOKS"
WEBHOOK = "WEBHOOK#"  # how the places of webhooks begin


def webhook_key(owner_id: str, webhook_id: str) -> Key:
    return groups_partition(owner_id), f"{WEBHOOK}{webhook_id}"


def deliveries_partition(webhook_id: str) -> str:
    return f"DELIVERIES#{webhook_id}"


def forgetting_key(webhook_id: str) -> Key:
    """Behind all deliveries: no id begins so."""
    return deliveries_partition(webhook_id), "~FORGET"


def delivery_key(webhook_id: str, delivery_id: str) -> Key:
    return deliveries_partition(webhook_id), delivery_id
