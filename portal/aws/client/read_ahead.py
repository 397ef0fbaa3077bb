"""Items that one read brought along for what the same request reads next, which then makes no call for them.

Each is handed out once: who looks again wants to see what has become of it. None outlives a write that was to
it or on a condition of it, nor the request, which has a context of its own (`web/app.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar

from portal.aws.client.writes import Item, Key

KEPT: ContextVar[Mapping[Key, Item | None]] = ContextVar("read_ahead")


def keep(keys: Iterable[Key], found: Mapping[Key, Item]) -> None:
    """Of these keys, which were all asked for, what was there and what was not."""
    KEPT.set({**KEPT.get({}), **{key: found.get(key) for key in keys}})


def take(keys: Iterable[Key]) -> dict[Key, Item | None]:
    """What is kept of these, which is not kept any more; None for what was not there."""
    kept = KEPT.get({})
    taken = {key: kept[key] for key in keys if key in kept}
    if taken:
        KEPT.set({key: item for key, item in kept.items() if key not in taken})
    return taken
