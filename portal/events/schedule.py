"""The minute's tick: what is due is planned, or done where there is no queue for it."""

from __future__ import annotations

from datetime import datetime

from portal.engine.metrics import Metric, emit
from portal.events.event_context import EventContext, Message
from portal.workflows.upkeep.planning import tick as plan


def is_tick(message: Message) -> bool:
    return message.get("source") == "aws.events" and message.get("detail-type") == "Scheduled Event"


def take(tick: Message, delivery: EventContext) -> None:
    report_lag(tick, delivery)
    plan(delivery.services, delivery.seconds_left)


def report_lag(tick: Message, delivery: EventContext) -> None:
    """How late the minute's work begins; that this metric is missing is how its absence is noticed."""
    late = delivery.services.clock() - datetime.fromisoformat(tick["time"])
    emit({Metric.SWEEP_LAG: max(0.0, late.total_seconds())})
