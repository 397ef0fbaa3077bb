"""Whom each address is for. A route says so, by its blueprint or by itself; one that does not is refused.

What has no route, as a mistyped address, is told by the beginning of its path, so that it looks and sounds
like what is around it; a test holds that the two never differ.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, current_app, request

from portal.domain.people.beside import Beside
from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Scope

V = TypeVar("V", bound=Callable[..., Any])
PROGRAM_PATHS = "/v1/"
LINK_PATHS = ("/d/", "/r/")
ADMIN_PATHS = "/admin/"
AUDIT_PATHS = "/admin/audit/"  # the one place of /admin that is not for administrators alone


class Audience(StrEnum):
    EVERYBODY = "everybody"  # the same for all, so nobody's session is looked up
    VISITOR = "visitor"  # signed in or not
    PARTNER = "partner"  # whoever holds the link, which is its own proof
    STAFF = "staff"
    PROGRAM = "program"  # staff's programs and the scripts of their pages: answers are JSON
    AUDITOR = "auditor"  # audit readers, and administrators
    ADMIN = "admin"

    @property
    def is_open(self) -> bool:
        """Whether nobody has to be signed in."""
        return self in {Audience.EVERYBODY, Audience.VISITOR, Audience.PARTNER}


NEEDED = {Audience.ADMIN: Privilege.ADMINISTER, Audience.AUDITOR: Privilege.READ_AUDIT}


class Place(Blueprint):
    """A blueprint whose routes are for one audience, but for those that say otherwise. needs: what those who
    are signed in must be allowed at all to come in. scope: what a program's token must be for; without one no
    token is taken, and the routes are for the scripts of our pages.
    """

    def __init__(
        self,
        name: str,
        import_name: str,
        audience: Audience,
        *,
        needs: Privilege | None = None,
        scope: Scope | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, import_name, **options)
        self.audience = audience
        self.needs = needs
        self.scope = scope


def for_audience(audience: Audience) -> Callable[[V], V]:
    """Declare whom one route is for, where that is not whom its place is for."""

    def declare(view: V) -> V:
        view.audience = audience  # type: ignore[attr-defined]
        return view

    return declare


def reads(*beside: Beside) -> Callable[[V], V]:
    """Declare what a route's page shows that is to be read with the session, in the same call."""

    def declare(view: V) -> V:
        view.beside = beside  # type: ignore[attr-defined]
        return view

    return declare


def find_beside() -> dict[Beside, str]:
    """What this request reads with its session, with the ids in its address."""
    found: tuple[Beside, ...] = getattr(current_app.view_functions[str(request.endpoint)], "beside", ())
    ids = request.view_args or {}
    return {each: str(ids.get(each, "")) for each in found}


def find_audience(endpoint: str) -> Audience | None:
    """Whom the route of this endpoint is for; None where nothing says so."""
    own = getattr(current_app.view_functions[endpoint], "audience", None)
    place = current_app.blueprints.get(endpoint.rpartition(".")[0])
    found = own or getattr(place, "audience", None)
    return Audience(found) if found else None


def find_needed(endpoint: str) -> Privilege | None:
    """What someone must be allowed at all to come to the route of this endpoint."""
    own: Privilege | None = getattr(current_app.view_functions[endpoint], "needs", None)
    if own:
        return own
    audience = find_audience(endpoint)
    if audience in NEEDED:
        return NEEDED[audience]
    return getattr(current_app.blueprints.get(endpoint.rpartition(".")[0]), "needs", None)


def find_token_scope(endpoint: str) -> Scope | None:
    """What a token must be for that comes to the route of this endpoint; None where none is taken."""
    own = getattr(current_app.view_functions[endpoint], "scope", None)
    return own or getattr(current_app.blueprints.get(endpoint.rpartition(".")[0]), "scope", None)


def audience_of_path(path: str) -> Audience:
    """Whom an address is probably for that has no route."""
    if path.startswith(PROGRAM_PATHS):
        return Audience.PROGRAM
    if path.startswith(LINK_PATHS):
        return Audience.PARTNER
    if f"{path}/".startswith(AUDIT_PATHS):
        return Audience.AUDITOR
    return Audience.ADMIN if f"{path}/".startswith(ADMIN_PATHS) else Audience.STAFF


def request_audience() -> Audience:
    """Whom this request's address is for."""
    found = find_audience(request.endpoint) if request.endpoint else None
    return found or audience_of_path(request.path)
