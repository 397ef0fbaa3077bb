"""Who is left to administer the portal where an administrator leaves."""

from __future__ import annotations

from portal.domain.people.administrators import LastAdministrator, Leaving, leave_administrators
from portal.domain.people.person import Person, Role
from portal.engine.services import Services


def find_leaving(target: Person, roles: frozenset[Role], me: Person, services: Services) -> Leaving | None:
    """Raises LastAdministrator. Whoever does this to someone else stays one, as the transaction asks again;
    who leaves by themselves must leave behind someone whom the directory lets in.
    """
    known = services.people_administration.list_administrators()
    if target.id not in known and Role.ADMIN not in roles:
        return None
    leaving = leave_administrators(known, target.id, me.id)
    if target.id == me.id and services.directory.is_there:
        members = services.directory.list_members(services.directory.groups[Role.ADMIN])
        if not leaving[1] & members:
            raise LastAdministrator()
    return leaving
