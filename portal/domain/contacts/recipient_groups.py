"""Recipient groups: addresses that are shared with together, under a name of their own. Some are one
person's, others the organisation's, which everyone may share with.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from portal.domain.characters import has_visible, keep_readable
from portal.domain.contacts import recipient_rules
from portal.domain.contacts.mailboxes import address_key
from portal.domain.errors import N_, Invalid
from portal.domain.files.names import sort_key
from portal.domain.policy.limits import Limits

NAME_CHARACTERS = 60
MAX_KEEPERS = 5
ORGANISATION = "organisation"  # who owns the groups of everyone; no person has such an id


class SaveGroupResult(StrEnum):
    """What making or changing a group came to."""

    SAVED = "saved"
    NAME_IN_USE = "name_in_use"
    TOO_MANY = "too_many"  # groups of one owner
    CHANGED_MEANWHILE = "changed_meanwhile"


@dataclass(frozen=True)
class Group:
    """Someone's group, or one of the organisation. Whoever is in it when it is shared with becomes a
    recipient; later changes to it change no share. version: grows with each edit (R63). Of the organisation's
    alone: keepers: the ids of the people who may change it beside administrators; changed_by: who did last.
    """

    id: str
    owner_id: str
    name: str
    addresses: tuple[str, ...]
    changed_at: datetime
    version: int = 1
    keepers: tuple[str, ...] = ()
    changed_by: str = ""

    @property
    def key(self) -> str:
        """What two spellings of one name share; nobody has two groups of one key."""
        return sort_key(self.name)

    @property
    def is_of_organisation(self) -> bool:
        return self.owner_id == ORGANISATION

    def has_address(self, address: str) -> bool:
        """However it is spelled."""
        return bool(address) and address_key(address) in map(address_key, self.addresses)

    def drop_member(self, address: str, person_id: str = "") -> Group:
        """The group once someone has left it, as an address and as a keeper. It may be empty then."""
        left = tuple(each for each in self.addresses if address_key(each) != address_key(address))
        return replace(self, addresses=left, keepers=tuple(k for k in self.keepers if k != person_id))


def parse_group_name(raw: str) -> str:
    """The name as it is kept: NFC, one line, nothing invisible. Raises Invalid."""
    text = " ".join(keep_readable(unicodedata.normalize("NFC", raw), " ").split())
    if not has_visible(text):
        raise Invalid(N_("Enter a name for the group."), field="name", reason="name_empty")
    if len(text) > NAME_CHARACTERS:
        raise Invalid(
            N_("The name can have at most %(most)s characters."),
            field="name", reason="name_long", params={"most": NAME_CHARACTERS},
        )  # fmt: skip
    return text


def parse_members(text: str, limits: Limits) -> tuple[str, ...]:
    """The addresses in a pasted text: no more than one share can have, so that every group can be shared
    with. Raises Invalid.
    """
    found = recipient_rules.parse_addresses(text)
    if not found:
        raise Invalid(N_("Add at least one address."), field="recipients", reason="no_recipients")
    if len(found) > limits.max_recipients:
        raise Invalid(
            N_("A group can have at most %(most)s addresses, as many as one share; these are %(count)s."),
            field="recipients", reason="too_many_recipients",
            params={"most": limits.max_recipients, "count": len(found)},
        )  # fmt: skip
    return found
