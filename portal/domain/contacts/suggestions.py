"""Whom someone may mean by the first letters they type: people they shared with before, their groups, and the
organisation's.

Never anyone else: there is no list of everyone to look things up in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.contacts.mailboxes import to_unicode
from portal.domain.contacts.recipient_groups import Group
from portal.domain.files.names import sort_key

LEAST_CHARACTERS = 2
MAX_ANSWERS = 8
MAX_GROUPS = 3  # of the answers, so that groups leave room for people


@dataclass(frozen=True)
class KnownAddress:
    """An address that someone shared with; share_id, used_at: the last time. came_back: that time's mail."""

    address: str
    share_id: str
    used_at: datetime
    came_back: bool = False


def find_matches(
    typed: str, known: Iterable[KnownAddress], groups: Sequence[Group]
) -> tuple[list[Group], list[KnownAddress]]:
    """The groups and addresses that begin as what was typed, or have a word that does, in the given order."""
    wanted = sort_key(typed.strip()).removeprefix("@")
    if len(wanted) < LEAST_CHARACTERS:
        return [], []
    of_groups = [each for each in groups if begins_with(each.key, wanted)][:MAX_GROUPS]
    bare = unicodedata.normalize("NFKC", typed.strip()).lower().removeprefix("@")
    addresses = [each for each in known if any(begins_with(form, bare) for form in forms(each.address))]
    return of_groups, addresses[: MAX_ANSWERS - len(of_groups)]


def forms(address: str) -> tuple[str, ...]:
    """An address as it is written to and, for an international domain, as people write it. Case is set aside
    but not folded: whoever types faß does not mean fass, which is another's domain.
    """
    return tuple(each.lower() for each in dict.fromkeys([address, to_unicode(address)]))


def begins_with(text: str, wanted: str) -> bool:
    """Whether a text, what stands after its @, or one of its words begins so."""
    return any(
        piece.startswith(wanted) for piece in (text, text.partition("@")[2], *re.findall(r"[^\W_]+", text))
    )
