"""Service accounts: what programs own files and shares by that are nobody's own. Administrators make them and
their tokens; nobody can sign in with one.
"""

from __future__ import annotations

from portal.domain.errors import N_, Conflict, Invalid
from portal.domain.people.person import Person, Role

MAX_ACCOUNTS = 100
# Administrators are people: what a program administers, it does by a token of one of them.
OFFERED = (Role.UPLOADER, Role.SHARER, Role.DELETER, Role.READER, Role.AUDITOR)


class TooManyAccounts(Conflict):
    reason = "too_many_service_accounts"
    message = N_("There can be at most %(most)s service accounts. Delete one that is no longer needed.")

    def __init__(self) -> None:
        super().__init__(params={"most": MAX_ACCOUNTS})


class NotForServices(Invalid):
    reason = "role_not_for_services"
    message = N_("A service account cannot be an administrator.")


def check_roles(roles: frozenset[Role]) -> frozenset[Role]:
    if not roles <= {Role.STAFF, *OFFERED}:
        raise NotForServices(field="roles")
    return roles | {Role.STAFF}


def make_account(account_id: str, name: str, address: str, roles: frozenset[Role]) -> Person:
    """No provider knows it, so its subject is the id again."""
    return Person(account_id, account_id, name, address, roles=roles, is_service=True)
