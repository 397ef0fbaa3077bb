"""Who can sign in to the local portal. The passwords are as good as public: the user pool is only on this
machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    """One account of the user pool. `groups` are the pool's, as the token will carry them."""

    name: str
    email: str
    password: str  # at least 14 characters with each kind of character, as the pool asks
    groups: tuple[str, ...] = ()


STAFF = Person("Staff member", "staff@example.com", "Staff-signs-in-1")
COLLEAGUE = Person("Colleague", "colleague@example.com", "Colleague-signs-in-1")
ADMIN = Person("Admin", "admin@example.com", "Admin-signs-in-1", ("admins",))
# What takes two administrators, such as the release of a file from quarantine, takes this one too.
SECOND_ADMIN = Person("Second admin", "second.admin@example.com", "Second-signs-in-1", ("admins",))
PEOPLE = (STAFF, COLLEAGUE, ADMIN, SECOND_ADMIN)


def add_people(cognito: Any, pool_id: str, people: tuple[Person, ...] = PEOPLE) -> None:
    """Make each account that is not there yet, its address verified and its password permanent."""
    for person in people:
        try:
            cognito.admin_create_user(
                UserPoolId=pool_id,
                Username=person.email,
                TemporaryPassword=person.password,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": person.email},
                    {"Name": "email_verified", "Value": "true"},
                    {"Name": "name", "Value": person.name},
                ],
            )
        except cognito.exceptions.UsernameExistsException:
            continue
        account = {"UserPoolId": pool_id, "Username": person.email}
        cognito.admin_set_user_password(**account, Password=person.password, Permanent=True)
        for group in person.groups:
            cognito.admin_add_user_to_group(**account, GroupName=group)
