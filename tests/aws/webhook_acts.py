"""The acts of people on their webhooks."""

from __future__ import annotations

from typing import Any

from portal.domain.webhooks.webhook import Webhook
from portal.workflows.webhooks import by_hand, managing
from tests.actions import make_id
from tests.aws.acts import Act, act, do
from tests.builders import Running

CLOSED = "https://192.0.2.1/nobody"  # an address for examples, which is never called


def save(running: Running) -> Webhook:
    done: Any = do(running, managing.MAKE_WEBHOOK, managing.SaveWebhook, webhook_id=make_id(running),
                   name="Orders", url=CLOSED, events=["file.uploaded"])  # fmt: skip
    webhook: Webhook = done.required_after
    return webhook


@act
def make_webhook(running: Running) -> Act:
    yield
    save(running)


@act
def change_webhook(running: Running) -> Act:
    webhook = save(running)
    yield
    do(running, managing.CHANGE_WEBHOOK, managing.SaveWebhook, webhook_id=webhook.id, name="Invoices")


@act
def rotate_webhook(running: Running) -> Act:
    webhook = save(running)
    yield
    do(running, managing.ROTATE_WEBHOOK, managing.SaveWebhook, webhook_id=webhook.id)


@act
def delete_webhook(running: Running) -> Act:
    webhook = save(running)
    yield
    do(running, managing.DELETE_WEBHOOK, managing.OnWebhook, webhook_id=webhook.id)


def send_test(running: Running, webhook: Webhook) -> Any:
    return do(running, by_hand.TEST_WEBHOOK, by_hand.SendByHand, webhook_id=webhook.id,
              submission_id=make_id(running)).required_delivery  # fmt: skip


@act
def test_webhook(running: Running) -> Act:
    webhook = save(running)
    yield
    send_test(running, webhook)


@act
def send_webhook_again(running: Running) -> Act:
    webhook = save(running)
    delivery = send_test(running, webhook)
    running.clock.turn(seconds=1)
    yield
    do(running, by_hand.SEND_WEBHOOK_AGAIN, by_hand.SendByHand, webhook_id=webhook.id,
       delivery_id=delivery.id)  # fmt: skip
