"""The minute's tick: send what waits in the outbox, end what has expired, forget what never came."""

from __future__ import annotations

from portal.events.event_context import EventContext, Message
from portal.workflows.upkeep import sweep


def is_tick(message: Message) -> bool:
    return message.get("source") == "aws.events" and message.get("detail-type") == "Scheduled Event"


def take(tick: Message, delivery: EventContext) -> None:
    sweep.sweep(delivery.services, delivery.seconds_left)
