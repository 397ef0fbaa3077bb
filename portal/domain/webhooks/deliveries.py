"""One event on its way to one webhook: what is posted, what came of each try, and when the next is due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from portal.domain.ids import derive_id, derive_sortable_id
from portal.domain.webhooks.event_types import EventType
from portal.domain.webhooks.webhook import Webhook

# After the n-th try that failed, wait so many seconds; the specification's own example, as far as it goes.
BACKOFF_SECONDS = (60, 300, 1800, 7200, 18000, 36000, 50400, 72000)
LIFE = timedelta(days=3)  # for so long it is tried, and once more when they are over
KEPT = timedelta(days=30)
MAX_ATTEMPTS_KEPT = 10
ANSWER_BYTES = 1024
LONGEST_PAUSE = timedelta(hours=6)  # that a receiver can ask for
GONE = 410  # "a 410 response disables the endpoint" (Standard Webhooks)


class DeliveryState(StrEnum):
    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"  # its webhook was switched off or deleted in the meantime


@dataclass(frozen=True)
class Answer:
    """What came of one call. status: 0 without an answer; problem: a stable word where it did not arrive;
    text: the first 1,024 bytes of the answer; pause: for how long the receiver asks to be left alone.
    """

    status: int = 0
    problem: str = ""
    text: str = ""
    took_ms: int = 0
    pause: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300 and not self.problem


@dataclass(frozen=True)
class Attempt:
    at: datetime
    status: int = 0
    problem: str = ""
    text: str = ""
    took_ms: int = 0


@dataclass(frozen=True)
class Delivery:
    """event_id: the same for each webhook and each try; body: JSON, byte for byte what is posted. queued_at:
    since when it is tried, again where somebody asked for that (asked_for); due: when the next try is.
    """

    id: str
    webhook_id: str
    owner_id: str
    event_id: str
    kind: EventType
    happened_at: datetime
    queued_at: datetime
    body: str
    state: DeliveryState = DeliveryState.QUEUED
    due: datetime | None = None
    tries: int = 0
    attempts: tuple[Attempt, ...] = ()
    asked_for: bool = False

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    def is_due(self, now: datetime) -> bool:
        return self.state is DeliveryState.QUEUED and self.due is not None and self.due <= now

    def add_answer(self, answer: Answer, now: datetime) -> Delivery:
        """The delivery after one more try."""
        attempt = Attempt(now, answer.status, answer.problem, answer.text, answer.took_ms)
        tried = replace(
            self, tries=self.tries + 1, attempts=(*self.attempts, attempt)[-MAX_ATTEMPTS_KEPT:], due=None
        )
        if answer.is_taken:
            return replace(tried, state=DeliveryState.DELIVERED)
        ends = self.queued_at + LIFE
        if answer.status == GONE or now >= ends:
            return replace(tried, state=DeliveryState.FAILED)
        pause = timedelta(seconds=BACKOFF_SECONDS[min(self.count_tries(), len(BACKOFF_SECONDS) - 1)])
        pause = max(pause, min(answer.pause or pause, LONGEST_PAUSE))
        return replace(tried, due=min(now + pause, ends))

    def count_tries(self) -> int:
        """Since it was queued, the last one left out."""
        return sum(each.at >= self.queued_at for each in self.attempts)

    def queue_again(self, now: datetime) -> Delivery:
        return replace(self, state=DeliveryState.QUEUED, queued_at=now, due=now, asked_for=True)

    def drop(self) -> Delivery:
        return replace(self, state=DeliveryState.DROPPED, tries=self.tries + 1, due=None)


class DeliveryPlace(NamedTuple):
    """Where a delivery stands, and whose webhook it is for."""

    owner_id: str
    webhook_id: str
    delivery_id: str


@dataclass(frozen=True)
class Event:
    """Something that happened. owner_id: whose file or share it is about; data: what is told of it."""

    id: str
    kind: EventType
    at: datetime
    owner_id: str
    data: Mapping[str, Any]

    def write_body(self) -> str:
        said = {"id": self.id, "type": str(self.kind), "timestamp": write_time(self.at), "data": self.data}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def make_event_id(*parts: str) -> str:
    """The same parts are the same event, however often it is told."""
    return "evt_" + derive_id("event", *parts)


def draft_delivery(event: Event, webhook: Webhook, now: datetime) -> Delivery:
    """The same event for the same webhook is one delivery (at least once, and told apart by its id)."""
    return Delivery(
        derive_sortable_id(event.at, event.id, webhook.id), webhook.id, webhook.owner_id, event.id,
        event.kind, event.at, now, event.write_body(), due=now,
    )  # fmt: skip


def write_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
