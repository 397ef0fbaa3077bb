"""Items that one read brings along for what the same work reads next, which then makes no call for them.

Each is handed out once: who looks again wants to see what has become of it. None outlives a write that was to
it or on a condition of it, nor the request or the message that it was read for, which the deadline tells
apart; outside of one nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from math import inf
from typing import NamedTuple

from portal.aws.client.writes import Item, Key
from portal.deadline import ENDS


class Ahead(NamedTuple):
    """ends: of the work that this is for; items: what was there of what was read, and what was not; wanted:
    what is to be read along.
    """

    ends: float
    items: Mapping[Key, Item | None]
    wanted: tuple[Key, ...]


KEPT: ContextVar[Ahead] = ContextVar("read_ahead")


def current() -> Ahead:
    ends = ENDS.get()
    kept = KEPT.get(None)
    return kept if kept and kept.ends == ends else Ahead(ends, {}, ())


def replace_current(ahead: Ahead) -> None:
    if ahead.ends != inf:
        KEPT.set(ahead)


def keep(keys: Iterable[Key], found: Mapping[Key, Item]) -> None:
    """Of these keys, which were all asked for, what was there and what was not."""
    ahead = current()
    replace_current(ahead._replace(items={**ahead.items, **{key: found.get(key) for key in keys}}))


def take(keys: Iterable[Key]) -> dict[Key, Item | None]:
    """What is kept of these, which is not kept any more; None for what was not there."""
    ahead = current()
    taken = {key: ahead.items[key] for key in keys if key in ahead.items}
    if taken:
        left = {key: item for key, item in ahead.items.items() if key not in taken}
        replace_current(ahead._replace(items=left))
    return taken


def forget(keys: Iterable[Key]) -> None:
    """What is kept of these for any work: whoever writes may have less time than what it was read for."""
    if ahead := KEPT.get(None):
        gone = set(keys)
        KEPT.set(ahead._replace(items={key: item for key, item in ahead.items.items() if key not in gone}))


def want(keys: Iterable[Key]) -> None:
    """Have the next read of several items bring these along."""
    ahead = current()
    replace_current(ahead._replace(wanted=tuple(dict.fromkeys([*ahead.wanted, *keys]))))


def take_wanted(asked: Iterable[Key], room: int) -> list[Key]:
    """What is to be read along with what is asked for, again where it was before; nothing where there is no
    room for it.
    """
    ahead = current()
    known = set(asked)
    along = [key for key in ahead.wanted if key not in known]
    if not along or len(along) > room:
        return []
    replace_current(ahead._replace(wanted=()))
    return along
