"""What the schedule planned: which lane of the work is to be gone through. Nothing else is in a message, and
one of no known lane is refused (T15).
"""

from __future__ import annotations

import logging

from portal.events.event_context import EventContext, Message
from portal.workflows.upkeep.planning import LANES, work

log = logging.getLogger(__name__)


def is_planned(message: Message) -> bool:
    return set(message) == {"work"}


def take(message: Message, delivery: EventContext) -> None:
    lane = message["work"]
    if not isinstance(lane, str) or lane not in LANES:
        log.warning("refused work of no known kind")
    elif not work(lane, delivery.services, delivery.seconds_left):
        log.info("somebody is at it", extra={"lane": lane})
