"""Webhooks and their history, for the pages of their owner."""

from __future__ import annotations

from portal.domain.errors import NotFound
from portal.domain.paging import Page
from portal.domain.webhooks.deliveries import Delivery
from portal.domain.webhooks.webhook import Webhook
from portal.engine.services import Services

ROWS = 25


def list_webhooks(owner_id: str, services: Services) -> list[Webhook]:
    return services.webhooks.list_of(owner_id)


def get_webhook(owner_id: str, webhook_id: str, services: Services) -> Webhook:
    found = services.webhooks.get(owner_id, webhook_id)
    if found is None:
        raise NotFound()
    return found


def list_deliveries(webhook: Webhook, cursor: str | None, services: Services) -> Page[Delivery]:
    return services.deliveries.list_page(webhook.id, cursor, ROWS)


def get_delivery(webhook: Webhook, delivery_id: str, services: Services) -> Delivery:
    found = services.deliveries.get(webhook.id, delivery_id)
    if found is None or found.owner_id != webhook.owner_id:
        raise NotFound()
    return found
