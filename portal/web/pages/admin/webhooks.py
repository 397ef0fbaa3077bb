"""`/admin/webhooks`: the organisation's webhooks, which are told of what happens to everyone's files."""

from __future__ import annotations

from portal.domain.contacts.recipient_groups import ORGANISATION
from portal.web.edge.audience import Audience, Place
from portal.web.pages.staff.webhooks import WebhookPages

blueprint = Place("admin_webhooks", __name__, Audience.ADMIN, url_prefix="/admin/webhooks")
WebhookPages(blueprint, ORGANISATION)
