"""Recipient groups: addresses that one person shares with together, under a name of their own."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from portal.domain import terms
from portal.domain.errors import Invalid, words
from portal.domain.limits import Limits
from portal.domain.names import sort_key, visible

NAME_CHARACTERS = 60


@dataclass(frozen=True)
class Group:
    """Somebody's group. Whoever is in it when it is shared with becomes a recipient; later changes to it
    change no share. version: grows with each edit (R63).
    """

    id: str
    owner_id: str
    name: str
    addresses: tuple[str, ...]
    changed_at: datetime
    version: int = 1

    @property
    def key(self) -> str:
        """What two spellings of one name share; nobody has two groups of one key."""
        return sort_key(self.name)


def group_name(raw: str) -> str:
    """The name as it is kept: NFC, one line, nothing invisible. Raises Invalid."""
    text = " ".join("".join(filter(visible, unicodedata.normalize("NFC", raw))).split())
    if not text:
        raise Invalid(words("Give the group a name."), field="name", reason="name_empty")
    if len(text) > NAME_CHARACTERS:
        raise Invalid(
            words("The name can have at most %(most)s characters."),
            field="name", reason="name_long", values={"most": NAME_CHARACTERS},
        )  # fmt: skip
    return text


def members(text: str, limits: Limits) -> tuple[str, ...]:
    """The addresses in a pasted text: no more than one share can have, so that every group can be shared
    with. Raises Invalid.
    """
    found = terms.readable(text)
    if not found:
        raise Invalid(words("Add at least one address."), field="recipients", reason="no_recipients")
    if len(found) > limits.max_recipients:
        raise Invalid(
            words("A group can have at most %(most)s addresses, as many as one share; these are %(count)s."),
            field="recipients", reason="too_many_recipients",
            values={"most": limits.max_recipients, "count": len(found)},
        )  # fmt: skip
    return found
