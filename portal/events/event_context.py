"""What comes with an event: the services it acts on, where events may come from, and the time there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.engine.services import Services

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Sources:
    """The only places events are taken from: two buckets' names, a topic's and the queues' ARNs; empty is
    none.
    """

    files_bucket: str
    logs_bucket: str
    feedback_topic: str
    queues: tuple[str, ...]


@dataclass(frozen=True)
class EventContext:
    """request_id: Lambda's, for the log; seconds_left: until Lambda ends this invocation."""

    services: Services
    sources: Sources
    request_id: str
    seconds_left: Callable[[], float]
