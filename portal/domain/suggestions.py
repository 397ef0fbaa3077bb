"""Whom somebody may mean by the first letters they type: people they shared with before, and their groups.

Never anybody else: there is no list of everybody to look things up in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.names import sort_key
from portal.domain.recipient_groups import Group

LEAST_CHARACTERS = 2
MOST_ANSWERS = 8
MOST_GROUPS = 3  # of the answers, so that groups leave room for people


@dataclass(frozen=True)
class KnownAddress:
    """An address that somebody shared with; share_id, used_at: the last time. came_back: that time's mail."""

    address: str
    share_id: str
    used_at: datetime
    came_back: bool = False


def matching(
    typed: str, known: Iterable[KnownAddress], groups: Sequence[Group]
) -> tuple[list[Group], list[KnownAddress]]:
    """The groups and addresses that begin as what was typed, or have a word that does, in the given order."""
    wanted = sort_key(typed.strip()).removeprefix("@")
    if len(wanted) < LEAST_CHARACTERS:
        return [], []
    of_groups = [each for each in groups if begins(each.key, wanted)][:MOST_GROUPS]
    addresses = [each for each in known if begins(sort_key(each.address), wanted)]
    return of_groups, addresses[: MOST_ANSWERS - len(of_groups)]


def begins(text: str, wanted: str) -> bool:
    """Whether a text, what stands after its @, or one of its words begins so."""
    return any(
        piece.startswith(wanted) for piece in (text, text.partition("@")[2], *re.findall(r"[^\W_]+", text))
    )
