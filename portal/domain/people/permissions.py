"""Who may do what: by a role out of verified groups, or as the owner, and by nothing else (R12).

Files, drafts and groups are kept under their owner, so someone else's are not there to ask about (R11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from portal.domain.errors import N_, Forbidden, NotFound
from portal.domain.people.person import Person, Role


def roles(groups: Iterable[str], admin_group: str, staff_group: str) -> frozenset[Role]:
    """The roles that a person's groups give. Without a staff group everyone who signs in is staff.

    Raises Forbidden for someone who is neither.
    """
    mine = set(groups)
    found = {Role.ADMIN} if admin_group in mine else set()
    if not staff_group or staff_group in mine:
        found.add(Role.STAFF)
    if not found:
        raise Forbidden(
            N_("Your account is not allowed to use this portal. Ask your administrator for access."),
            reason="no_role",
        )
    return frozenset(found | {Role.STAFF})


class Permission(StrEnum):
    """What someone may do with a share, or in the portal as a whole."""

    OWN = "own"  # hold its recipients' links, which nobody else is shown (I6)
    SEE = "see"
    CHANGE = "change"
    WITHDRAW = "withdraw"
    MAIL = "mail"  # have emails sent in its owner's name: to new recipients, again, or in answer to requests
    ADMINISTER = "administer"


class Relation(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"


MAY: Mapping[Permission, frozenset[Relation]] = {
    Permission.OWN: frozenset({Relation.OWNER}),
    Permission.SEE: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.CHANGE: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.WITHDRAW: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.MAIL: frozenset({Relation.OWNER}),
    Permission.ADMINISTER: frozenset({Relation.ADMIN}),
}


def may(person: Person, permission: Permission, owner_id: str = "") -> bool:
    """owner_id: of the share that is asked about; empty for the portal as a whole."""
    relations = {Relation.OWNER} if owner_id and person.id == owner_id else set()
    relations |= {Relation.ADMIN} if person.is_admin else set()
    return not MAY[permission].isdisjoint(relations)


def require(person: Person, permission: Permission, owner_id: str) -> None:
    """Raise NotFound: of what is not theirs, people do not learn that it is there."""
    if not may(person, permission, owner_id):
        raise NotFound()


def require_admin(person: Person) -> None:
    if not may(person, Permission.ADMINISTER):
        raise Forbidden(N_("This page is for administrators."), reason="not_admin")
