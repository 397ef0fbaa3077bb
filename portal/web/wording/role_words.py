"""What someone is and may do, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext

from portal.domain.errors import N_
from portal.domain.people.permissions import Privilege, list_privileges
from portal.domain.people.person import Role, Scope

TITLES: Mapping[Role, str] = {
    Role.ADMIN: N_("Administrator"),
    Role.AUDITOR: N_("Audit reader"),
    Role.READER: N_("Read only"),
}
PRIVILEGES: Mapping[Privilege, str] = {
    Privilege.UPLOAD: N_("upload files"),
    Privilege.SHARE: N_("share files"),
    Privilege.DELETE: N_("delete files"),
    Privilege.READ_AUDIT: N_("read the audit log"),
    Privilege.ADMINISTER: N_("administer the portal"),
}


SCOPES: Mapping[Scope, str] = {
    Scope.READ: N_("See and download files"),
    Scope.UPLOAD: N_("Upload and change files"),
    Scope.SHARE: N_("Share files"),
    Scope.REQUEST: N_("Request files"),
    Scope.DELETE: N_("Delete files"),
    Scope.ADMIN: N_("Administer the portal"),
}


def describe_scopes(scopes: Iterable[Scope]) -> str:
    held = set(scopes)
    return ", ".join(gettext(words) for scope, words in SCOPES.items() if scope in held)


def describe_roles(roles: Iterable[Role]) -> str:
    """ "Audit reader, read only"; "Staff" where no role has a title of its own."""
    held = set(roles)
    return ", ".join(gettext(title) for role, title in TITLES.items() if role in held) or str(
        gettext("Staff")
    )


def describe_privileges(roles: Iterable[Role]) -> str:
    """ "upload files, share files"; what everyone may do where that is all."""
    held = list_privileges(roles)
    named = [gettext(words) for privilege, words in PRIVILEGES.items() if privilege in held]
    return ", ".join(named) or str(gettext("view and download files"))
