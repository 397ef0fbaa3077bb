"""Who may do what: by a role out of verified groups, or as the owner, and by nothing else (R12).

Drafts and one's own groups are kept under their owner, so someone else's are not there to ask about (R11).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from enum import StrEnum

from portal.domain.errors import N_, Forbidden, NotFound
from portal.domain.people.person import Person, Role, Scope

MAX_GROUPS = 500  # of one person that are kept, for policies; Cognito allows 100


class Privilege(StrEnum):
    """What someone may do at all; with whose things, `Permission` says."""

    UPLOAD = "upload"  # bring files in, and change what they are called and how long they are kept
    SHARE = "share"
    REQUEST = "request"  # ask partners for files
    DELETE = "delete"
    READ_AUDIT = "read_audit"
    ADMINISTER = "administer"


# What each scope of a token lets through of what its owner may.
OPENED: Mapping[Scope, frozenset[Privilege]] = {
    Scope.READ: frozenset(),
    Scope.UPLOAD: frozenset({Privilege.UPLOAD}),
    Scope.SHARE: frozenset({Privilege.SHARE}),
    Scope.REQUEST: frozenset({Privilege.REQUEST}),
    Scope.DELETE: frozenset({Privilege.DELETE}),
    Scope.ADMIN: frozenset({Privilege.READ_AUDIT, Privilege.ADMINISTER}),
}
EVERYDAY = frozenset({Privilege.UPLOAD, Privilege.SHARE, Privilege.REQUEST, Privilege.DELETE})
# Whoever has none of these roles may do all that is everyday, so that an organisation without such groups
# need not make any. Whoever has some may do what these give and no more.
LIMITING: Mapping[Role, frozenset[Privilege]] = {
    Role.UPLOADER: frozenset({Privilege.UPLOAD}),
    Role.SHARER: frozenset({Privilege.SHARE}),
    Role.REQUESTER: frozenset({Privilege.REQUEST}),
    Role.DELETER: frozenset({Privilege.DELETE}),
    Role.READER: frozenset(),
}


# What administrators give and take on pages. Other roles stay as the provider has them: without a limiting
# one that somebody has, they could do more than before.
GIVEN_BY_ADMINS = frozenset(Role) - {Role.STAFF, Role.REQUESTER}


def list_privileges(roles: Iterable[Role]) -> frozenset[Privilege]:
    """What these roles let someone do. Administrators may do everything. Read only takes away all that is
    everyday, whatever else someone is; an audit reader only gains the audit log.
    """
    held = set(roles)
    if Role.ADMIN in held:
        return frozenset(Privilege)
    limiting = held & LIMITING.keys()
    given = frozenset().union(*(LIMITING[role] for role in limiting)) if limiting else EVERYDAY
    given = frozenset() if Role.READER in held else given
    return given | {Privilege.READ_AUDIT} if Role.AUDITOR in held else given


class ScopeMissing(Forbidden):
    """The token is not for this, whatever its owner may do."""

    reason = "insufficient_scope"
    message = N_("This token is not for that: it lacks the scope %(scope)s.")

    def __init__(self, scope: Scope) -> None:
        super().__init__(params={"scope": scope})
        self.extensions["scope"] = scope


def list_scopes(person: Person) -> list[Scope]:
    """The scopes that a token of this person's can have: to read, and what the person may do."""
    held = list_privileges(person.roles)
    return [each for each in Scope if not OPENED[each] or OPENED[each] & held]


def require_scope(person: Person, scope: Scope) -> None:
    if not person.has_scope(scope):
        raise ScopeMissing(scope)


def find_scope(privilege: Privilege) -> Scope:
    """The one that lets this through."""
    return next(scope for scope, opened in OPENED.items() if privilege in opened)


def has_privilege(person: Person, privilege: Privilege) -> bool:
    return privilege in list_privileges(person.roles) and person.has_scope(find_scope(privilege))


def require_privilege(person: Person, privilege: Privilege) -> None:
    """Raise Forbidden: that there is something to do is no secret, unlike whose it is."""
    require_scope(person, find_scope(privilege))
    if not has_privilege(person, privilege):
        reason = "not_admin" if privilege is Privilege.ADMINISTER else f"may_not_{privilege}"
        raise Forbidden(REFUSALS.get(privilege), reason=reason)


REFUSALS: Mapping[Privilege, str] = {
    Privilege.UPLOAD: N_("Your account may not upload or change files. An administrator can allow it."),
    Privilege.SHARE: N_("Your account may not share files. An administrator can allow it."),
    Privilege.DELETE: N_("Your account may not delete anything. An administrator can allow it."),
    Privilege.READ_AUDIT: N_("The audit log is for administrators and audit readers."),
    Privilege.ADMINISTER: N_("This page is for administrators."),
}


def read_roles(
    groups: Iterable[str], admin_group: str, staff_group: str, role_groups: Mapping[Role, str]
) -> frozenset[Role]:
    """The roles that a person's groups give. Without a staff group everyone who signs in is staff.

    Raises Forbidden for someone who is neither staff nor an administrator: the other roles say what staff
    may do and let nobody in.
    """
    mine = set(groups)
    if admin_group not in mine and staff_group and staff_group not in mine:
        raise Forbidden(
            N_("Your account is not allowed to use this portal. Ask your administrator for access."),
            reason="no_role",
        )
    named = {role for role, group in role_groups.items() if group in mine}
    return frozenset({Role.STAFF} | named | ({Role.ADMIN} if admin_group in mine else set()))


class Permission(StrEnum):
    """What someone may do with a share, a file or a group of the organisation."""

    OWN = "own"  # hold its recipients' links, which nobody else is shown (I6)
    SEE = "see"
    CHANGE = "change"
    WITHDRAW = "withdraw"
    MAIL = "mail"  # have emails sent in its owner's name: to new recipients, again, or in answer to requests
    SEE_FILE = "see_file"
    KEEP_FILE = "keep_file"  # decide how long it is there: its lifetime, the trash and back
    USE_FILE = "use_file"  # have its bytes, rename, copy, and remove it for good
    CHANGE_GROUP = "change_group"  # of the organisation; who may share at all sees and uses each


class Relation(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    KEEPER = "keeper"  # named by administrators


MAY: Mapping[Permission, frozenset[Relation]] = {
    Permission.OWN: frozenset({Relation.OWNER}),
    Permission.SEE: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.CHANGE: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.WITHDRAW: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.MAIL: frozenset({Relation.OWNER}),
    Permission.SEE_FILE: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.KEEP_FILE: frozenset({Relation.OWNER, Relation.ADMIN}),
    Permission.USE_FILE: frozenset({Relation.OWNER}),
    Permission.CHANGE_GROUP: frozenset({Relation.KEEPER, Relation.ADMIN}),
}


# What may be done with a share of one's own, or a group one keeps, only while one may share at all.
NEEDED: Mapping[Permission, Privilege] = {
    Permission.CHANGE: Privilege.SHARE,
    Permission.MAIL: Privilege.SHARE,
    Permission.CHANGE_GROUP: Privilege.SHARE,
}


def may(person: Person, permission: Permission, owner_id: str = "", keepers: Container[str] = ()) -> bool:
    """owner_id: of the share or file that is asked about; empty where it has none. keepers: the ids of those
    of the group.
    """
    if permission in NEEDED and not has_privilege(person, NEEDED[permission]):
        return False
    relations = {Relation.OWNER} if owner_id and person.id == owner_id else set()
    relations |= {Relation.ADMIN} if person.is_admin else set()
    relations |= {Relation.KEEPER} if person.id and person.id in keepers else set()
    return not MAY[permission].isdisjoint(relations)


def require(person: Person, permission: Permission, owner_id: str) -> None:
    """Raise NotFound: of what is not theirs, people do not learn that it is there."""
    if not may(person, permission, owner_id):
        raise NotFound()


def require_keeper(person: Person, keepers: Container[str]) -> None:
    """Raise Forbidden: everyone who may share sees the group."""
    if not may(person, Permission.CHANGE_GROUP, keepers=keepers):
        raise Forbidden(
            N_("Only the people named as its keepers and administrators can change this group."),
            reason="not_keeper",
        )


def require_admin(person: Person) -> None:
    require_privilege(person, Privilege.ADMINISTER)
