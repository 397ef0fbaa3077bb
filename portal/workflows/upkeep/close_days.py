"""The day's root: once a day is over and read a third time, the last seal of each shard is written where
nobody can change it, and so every seal before it.
"""

from __future__ import annotations

from datetime import datetime

from portal.domain.audit.marks import SHARDS
from portal.domain.audit.seals import DayRoot, close_day, next_to_close
from portal.engine.budgets import MIN_REMAINING_SECONDS, SecondsLeft
from portal.engine.services import Services


def close_days(services: Services, now: datetime, seconds_left: SecondsLeft) -> None:
    """Close what days can be closed, oldest first, as far as the time goes. What a day's root says is fixed
    in the table before it is stored outside, so that a worker which goes on from one that was stopped stores
    the same.
    """
    heads, last = services.seals.list_heads(), services.seals.get_last_root()
    if len(heads) < SHARDS:
        return
    root, is_stored = last or (None, True)
    if root and not is_stored:
        store_root(root, services)
    while day := next_to_close(heads, root.day if root else None):
        if seconds_left() < MIN_REMAINING_SECONDS:
            return
        root = close_day(day, heads, root.hash if root else "", now)
        if not services.seals.add_root(root):
            return  # another worker closed it
        store_root(root, services)


def store_root(root: DayRoot, services: Services) -> None:
    services.root_store.store(root)
    services.seals.note_stored(root)
