"""Webhooks: where other systems are told what happens, and what became of it. Behind addresses of
administrators they are the organisation's.
"""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields

from portal.domain.contacts.recipient_groups import ORGANISATION
from portal.domain.ids import make_sortable_id
from portal.domain.webhooks.deliveries import Delivery
from portal.domain.webhooks.event_types import CHOSEN
from portal.domain.webhooks.webhook import Webhook
from portal.engine.workflow import run
from portal.queries import webhooks as queries
from portal.web.api.fields import Asked, Flag, Moment, Text, Told, Whole, length, list_of, one_of
from portal.web.api.operations import Answer, operation, require_match, submission_id
from portal.web.current import now, services
from portal.web.identity.access import current_person, staff_request
from portal.workflows.webhooks.by_hand import SEND_WEBHOOK_AGAIN, TEST_WEBHOOK, SendByHand
from portal.workflows.webhooks.managing import (
    CHANGE_WEBHOOK,
    DELETE_WEBHOOK,
    MAKE_WEBHOOK,
    ROTATE_WEBHOOK,
    OnWebhook,
    SaveWebhook,
)

EVENTS = [str(each) for each in CHOSEN]


class WebhookTold(Told):
    webhook_id = Text(attribute="id", required=True)
    name = Text(required=True)
    url = Text(required=True)
    events = fields.List(Text(), attribute="event_names", required=True)
    status = Text(attribute="state", required=True)
    created_at = Moment(required=True)
    failing_since = Moment(allow_none=True)
    version = Whole(required=True)


class WebhooksTold(Told):
    webhooks = fields.List(fields.Nested(WebhookTold), required=True)


class SecretTold(WebhookTold):
    secret = Text(required=True)


class AttemptTold(Told):
    at = Moment(required=True)
    status = Whole(required=True)
    problem = Text(required=True)
    answer = Text(attribute="text", required=True)
    took_ms = Whole(required=True)


class DeliveryLineTold(Told):
    delivery_id = Text(attribute="id", required=True)
    event_id = Text(required=True)
    type = Text(attribute="kind", required=True)
    happened_at = Moment(required=True)
    status = Text(attribute="state", required=True)
    next_try_at = Moment(attribute="due", allow_none=True)
    attempts = fields.List(fields.Nested(AttemptTold), required=True)


class DeliveryTold(DeliveryLineTold):
    body = Text(required=True)


class DeliveriesTold(Told):
    deliveries = fields.List(fields.Nested(DeliveryLineTold), required=True)
    next = Text(allow_none=True)


class WebhookAsked(Asked):
    name = Text(required=True, validate=length(1, 60))
    url = Text(required=True, validate=length(1, 500))
    events = list_of(Text(validate=one_of(*EVENTS)), len(EVENTS), 1, required=True)


class WebhookChange(Asked):
    name = Text(validate=length(1, 60))
    url = Text(validate=length(1, 500))
    events = list_of(Text(validate=one_of(*EVENTS)), len(EVENTS), 1)
    on = Flag()


class DeliveriesAsked(Asked):
    cursor = Text(validate=length(1, 2000))


def find_owner() -> str:
    """Empty for one's own."""
    return ORGANISATION if request.path.startswith("/v1/admin/") else ""


def find(webhook_id: str) -> Webhook:
    return queries.get_webhook(find_owner() or current_person().id, webhook_id, services())


def show_with_secret(done: SaveWebhook) -> dict[str, Any]:
    webhook = done.required_after
    return vars(webhook) | {"event_names": webhook.event_names, "secret": done.secret}


@operation("List webhooks", answer=WebhooksTold)
def list_own() -> dict[str, Any]:
    return {"webhooks": queries.list_webhooks(find_owner() or current_person().id, services())}


@operation("Make a webhook; its secret is told this once", body=WebhookAsked, answer=SecretTold, status=201,
           has_etag=True, creates=True)  # fmt: skip
def create(body: dict[str, Any]) -> dict[str, Any]:
    context = SaveWebhook(
        staff_request(),
        owner_id=find_owner(),
        webhook_id=submission_id(),
        name=body["name"],
        url=body["url"],
        events=body["events"],
    )
    return show_with_secret(run(MAKE_WEBHOOK, context, services()))


@operation("Read a webhook", answer=WebhookTold, has_etag=True)
def show(webhook_id: str) -> Webhook:
    return find(webhook_id)


@operation("Change a webhook, or switch it on or off", body=WebhookChange, answer=WebhookTold, has_etag=True,
           matches=True)  # fmt: skip
def change(webhook_id: str, body: dict[str, Any]) -> Webhook:
    before = find(webhook_id)
    require_match(WebhookTold, before)
    context = SaveWebhook(
        staff_request(), owner_id=find_owner(), webhook_id=webhook_id, version=before.version,
        name=body.get("name"), url=body.get("url"), events=body.get("events"), on=body.get("on"),
    )  # fmt: skip
    return run(CHANGE_WEBHOOK, context, services()).required_after


@operation("Delete a webhook", status=204, matches=True)
def delete(webhook_id: str) -> None:
    seen = find(webhook_id)
    require_match(WebhookTold, seen)
    context = OnWebhook(staff_request(), owner_id=find_owner(), webhook_id=webhook_id, version=seen.version)
    run(DELETE_WEBHOOK, context, services())


@operation("Make a new secret; the old one signs as well for 24 hours", answer=SecretTold, has_etag=True,
           matches=True)  # fmt: skip
def rotate(webhook_id: str) -> dict[str, Any]:
    before = find(webhook_id)
    require_match(WebhookTold, before)
    context = SaveWebhook(
        staff_request(), owner_id=find_owner(), webhook_id=webhook_id, version=before.version
    )
    return show_with_secret(run(ROTATE_WEBHOOK, context, services()))


@operation("Send a test at once, and tell what came of it", answer=DeliveryTold)
def test(webhook_id: str) -> Delivery:
    context = SendByHand(
        staff_request(), owner_id=find_owner(), webhook_id=webhook_id, submission_id=make_sortable_id(now())
    )
    return run(TEST_WEBHOOK, context, services()).required_delivery


@operation("List what was sent in the last 30 days, the newest first", query=DeliveriesAsked,
           answer=DeliveriesTold)  # fmt: skip
def list_deliveries(webhook_id: str, query: dict[str, Any]) -> Answer:
    page = queries.list_deliveries(find(webhook_id), query.get("cursor"), services())
    return Answer({"deliveries": page.items, "next": page.next}, next=page.next)


@operation("Read one of them, with what was sent and answered", answer=DeliveryTold)
def show_delivery(webhook_id: str, delivery_id: str) -> Delivery:
    return queries.get_delivery(find(webhook_id), delivery_id, services())


@operation("Send one of them again at once, under its old id", answer=DeliveryTold)
def send_again(webhook_id: str, delivery_id: str) -> Delivery:
    context = SendByHand(
        staff_request(), owner_id=find_owner(), webhook_id=webhook_id, delivery_id=delivery_id
    )
    return run(SEND_WEBHOOK_AGAIN, context, services()).required_delivery
