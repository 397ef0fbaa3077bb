"""Someone who signed in, what they have stored, and what everyone has. Sizes are bytes; times are aware
and UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What someone is to the portal, by the groups that they are in. Those between the first and the last are
    `PORTAL_ROLE_GROUPS`'s names for them.
    """

    STAFF = "staff"
    UPLOADER = "upload"
    SHARER = "share"
    REQUESTER = "request"
    DELETER = "delete"
    READER = "read_only"
    AUDITOR = "audit_reader"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an access token is for. Its owner must be allowed it too (`permissions.py`)."""

    READ = "read"
    UPLOAD = "upload"
    SHARE = "share"
    REQUEST = "request"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True)
class Person:
    """Someone who signed in. `id` comes from issuer and subject (R5); name and address are only shown.
    groups: of the identity provider, as it last named them; policies may be for one of them. scopes: what
    the token that speaks for them is for; None where nothing narrows what they may. is_service: whether it is
    a service account, which administrators made for programs and no provider knows.
    """

    id: str
    subject: str
    name: str
    address: str
    address_verified: bool = False
    roles: frozenset[Role] = frozenset({Role.STAFF})
    groups: frozenset[str] = frozenset()
    scopes: frozenset[Scope] | None = None
    is_service: bool = False

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles and self.has_scope(Scope.ADMIN)

    def has_scope(self, scope: Scope) -> bool:
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True)
class Usage:
    """What a person, or everyone, has stored. max_files, max_bytes: a person's own limits in place of those
    of everyone, where an administrator has set some.
    """

    files: int = 0
    bytes: int = 0
    max_files: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True)
class Totals:
    """What the whole portal holds and has done, since the beginning."""

    people: int = 0
    files: int = 0
    bytes: int = 0
    shares: int = 0
    downloads: int = 0


class GroupsSource(StrEnum):
    """Where the identity provider last said in which groups someone is."""

    ID_TOKEN = "id_token"  # noqa: S105 -- a place, no password
    USERINFO = "userinfo"
    UNCHANGED = "unchanged"  # its refreshes do not say; what the sign-in said still counts


@dataclass(frozen=True)
class Session:
    """A signed-in browser. Its id is never kept, only its hash; the provider's tokens are kept encrypted."""

    person: Person
    csrf_token: str
    created_at: datetime
    seen_at: datetime
    checked_at: datetime  # when the groups were last read from a token
    expires_at: datetime
    refresh_token: str = ""
    id_token: str = ""  # only where the provider wants to see it when someone signs out
    groups_source: GroupsSource = GroupsSource.ID_TOKEN
    source_ip: str = ""  # where it began, to be recognized by whose it is
    device: str = ""
    has_second_factor: bool = False  # as the directory said where that was asked; else it is not known
