"""Whom an administrator means by an address or an id that they typed."""

from __future__ import annotations

from portal.domain.ids import is_id
from portal.domain.people.person import Person
from portal.engine.services import Services

FOUND = 10  # people looked at by an address: an account that was made again has the same


def find_accounts(text: str, services: Services) -> list[Person]:
    """The account with this id, or all that have signed in before with this address confirmed: one that was
    not may have been chosen by its owner.
    """
    if is_id(text):
        found = services.people.get(text)
        return [found] if found else []
    known = services.everyone.find_people(text, FOUND) if "@" in text else []
    return [each for each in known if each.address_verified and each.address.casefold() == text.casefold()]
