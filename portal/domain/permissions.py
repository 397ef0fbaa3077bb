"""Who may do what: roles out of verified groups, and nothing else (R12)."""

from __future__ import annotations

from collections.abc import Iterable

from portal.domain.errors import Forbidden, words
from portal.domain.people import Person, Role


def roles(groups: Iterable[str], admin_group: str, staff_group: str) -> frozenset[Role]:
    """The roles that a person's groups give. Without a staff group everybody who signs in is staff.

    Raises Forbidden for somebody who is neither.
    """
    mine = set(groups)
    found = {Role.ADMIN} if admin_group in mine else set()
    if not staff_group or staff_group in mine:
        found.add(Role.STAFF)
    if not found:
        raise Forbidden(
            words("Your account may not use this portal. Ask your administrator for access."),
            reason="no_role",
        )
    return frozenset(found | {Role.STAFF})


def require_admin(person: Person) -> None:
    if not person.is_admin:
        raise Forbidden(words("This page is for administrators."), reason="not_admin")
