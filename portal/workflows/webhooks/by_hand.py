"""A delivery that somebody asks for: a test, or one more try of what went out before. Posted at once, so that
the page can say what came of it; what does not arrive is tried again like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid, NotFound
from portal.domain.ids import is_id
from portal.domain.webhooks.deliveries import Delivery, DeliveryState, Event, draft_delivery, make_event_id
from portal.domain.webhooks.event_types import EventType
from portal.engine.rates import count_within
from portal.engine.services import Services
from portal.engine.workflow import Stage, Workflow
from portal.workflows.webhooks.delivering import deliver, note
from portal.workflows.webhooks.managing import OnWebhook, find_webhook, require_own


@dataclass(frozen=True, kw_only=True)
class SendByHand(OnWebhook):
    """submission_id: of a test, which the same form makes once; delivery_id: of what is sent again. delivery:
    what came of it.
    """

    submission_id: str = ""
    delivery_id: str = ""
    delivery: Delivery | None = None

    @property
    def required_delivery(self) -> Delivery:
        if self.delivery is None:
            raise RuntimeError("the delivery is drafted first")
        return self.delivery


def check_submission(context: SendByHand, services: Services) -> SendByHand:
    if not is_id(context.submission_id):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="submission")
    return context


def not_too_often(context: SendByHand, services: Services) -> SendByHand:
    """Each has the portal call an address at once, and its page wait for that."""
    count_within(services.limits.rates.tests, context.me.id, context.now, services)
    return context


def draft_test(context: SendByHand, services: Services) -> SendByHand:
    webhook = context.required_webhook
    event = Event(
        make_event_id(webhook.id, context.submission_id), EventType.TEST, context.now, webhook.owner_id,
        {"webhook_id": webhook.id, "name": webhook.name},
    )  # fmt: skip
    made = draft_delivery(event, webhook, context.now)
    delivery = replace(made, id=context.submission_id, asked_for=True)
    return replace(context, delivery=delivery, details={**context.details, "delivery": delivery.id})


def queue_test(context: SendByHand, services: Services) -> SendByHand:
    """The same form again finds what it sent."""
    made = context.required_delivery
    if services.deliveries.add(made, context.required_record):
        return context
    return replace(context, delivery=services.deliveries.get(made.webhook_id, made.id))


def find_delivery(context: SendByHand, services: Services) -> SendByHand:
    webhook = context.required_webhook
    found = services.deliveries.get(webhook.id, context.delivery_id)
    if found is None or found.owner_id != webhook.owner_id:
        raise NotFound()
    details = {**context.details, "delivery": found.id, "event": found.event_id, "kind": str(found.kind)}
    return replace(context, delivery=found, details=details)


def queue_again(context: SendByHand, services: Services) -> SendByHand:
    before = context.required_delivery
    after = before.queue_again(context.now)
    if not services.deliveries.queue_again(before, after, context.required_record):
        raise Conflict()
    return replace(context, delivery=after)


def post_now(context: SendByHand, services: Services) -> SendByHand:
    """Within the page that asks for it: five seconds at most. What was queued before has its turn later."""
    waiting = context.required_delivery
    if waiting.state is not DeliveryState.QUEUED or waiting.due != context.now:
        return context
    made = deliver(waiting, context.required_webhook, services)
    if made is None:
        return context
    note(context.required_webhook, made, services)
    return replace(context, delivery=made)


TEST_WEBHOOK: Workflow[SendByHand] = Workflow(
    "test_webhook",
    Action.WEBHOOK_TESTED,
    {
        Stage.VALIDATE: (check_submission,),
        Stage.IDENTIFY: (find_webhook,),
        Stage.AUTHORIZE: (require_own, not_too_often),
        Stage.AUDIT: (draft_test,),
        Stage.PROCESS: (queue_test,),
        Stage.NOTIFY: (post_now,),
    },
)
SEND_WEBHOOK_AGAIN: Workflow[SendByHand] = Workflow(
    "send_webhook_again",
    Action.WEBHOOK_SENT_AGAIN,
    {
        Stage.IDENTIFY: (find_webhook, find_delivery),
        Stage.AUTHORIZE: (require_own, not_too_often),
        Stage.PROCESS: (queue_again,),
        Stage.NOTIFY: (post_now,),
    },
)
