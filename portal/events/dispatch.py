"""Whose event is it? Each kind has one handler, and what is none of them is refused without effect (T15).

Events come through the queue; the same events are taken when AWS hands them over directly. What fails is left
to be delivered again: handlers are safe to run twice, and what keeps failing ends in the dead-letter queue.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from portal import deadline
from portal.domain.errors import Refusal, Unavailable
from portal.events import feedback, s3, scan, schedule, work
from portal.events.event_context import EventContext, Message

log = logging.getLogger(__name__)

MIN_REMAINING_SECONDS = (
    4.0  # what one message may need; with less left the rest of a batch is left for the next delivery
)

REPORT_SECONDS = 1.5  # left to say which messages failed; else all of the batch would come again

KINDS: tuple[tuple[Callable[[Message], bool], Callable[[Message, EventContext], None]], ...] = (
    (s3.is_notification, s3.take),
    (feedback.is_envelope, feedback.take),
    (scan.is_result, scan.take),
    (schedule.is_tick, schedule.take),
    (work.is_planned, work.take),
)
REFUSED = {"refused": True}


def arrive(event: Message, delivery: EventContext) -> dict[str, Any]:
    """Take an event, whichever way it came. Raises what a handler raised, so that AWS delivers it again."""
    records = s3.read_records(event)
    if records and all(each.get("eventSource") == "aws:sqs" for each in records):
        return take_batch(records, delivery)
    messages = [each["Sns"] for each in records if isinstance(each.get("Sns"), dict)] or [event]
    with deadline.set_deadline(delivery.seconds_left() - REPORT_SECONDS):
        taken = [take(message, delivery) for message in messages]
    return {} if all(taken) else REFUSED


def take_batch(records: list[dict[str, Any]], delivery: EventContext) -> dict[str, Any]:
    """Take each message of our queues by itself and name those that failed ("Reporting batch item
    failures").
    """
    if any(each.get("eventSourceARN") not in delivery.sources.queues for each in records):
        log.warning("refused messages of another queue")
        return REFUSED
    worth = drop_idle_ticks(records)
    failed = [each["messageId"] for each in worth if not take_message(each, delivery)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def drop_idle_ticks(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ticks last, and one of them only: one sweep does what several would."""
    ticks = [each for each in records if schedule.is_tick(parse_message(each) or {})]
    return [each for each in records if each not in ticks] + ticks[:1]


def take_message(record: dict[str, Any], delivery: EventContext) -> bool:
    """Whether a message is done with; a failure is logged here, and only delays that message."""
    message = parse_message(record)
    if message is None or delivery.seconds_left() < MIN_REMAINING_SECONDS:
        log.error(
            "a message was put back", extra={"message_id": record["messageId"], "readable": bool(message)}
        )
        return False
    try:
        with deadline.set_deadline(delivery.seconds_left() - REPORT_SECONDS):
            take(message, delivery)
    except Exception:
        log.exception("a message failed", extra={"message_id": record["messageId"]})
        return False
    return True


def take(message: Message, delivery: EventContext) -> bool:
    """Whether the message is of a known kind. A refusal ends it; an outage has it delivered again."""
    for is_one, handle in KINDS:
        if is_one(message):
            try:
                handle(message, delivery)
            except Unavailable:
                raise
            except Refusal as refusal:
                log.info("an event changed nothing", extra={"reason": refusal.reason})
            return True
    log.warning("refused an event of no known kind", extra={"fields": sorted(map(str, message))[:10]})
    return False


def parse_message(record: dict[str, Any]) -> Message | None:
    try:
        message = json.loads(str(record.get("body")))
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
