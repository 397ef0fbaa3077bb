"""What is kept of someone who signs in: the profile, how they are found, and whether they administer.

The administrators are one item, so that a condition can name them all. It is written where someone signs in
who is one, or was one when they last did; nobody else's sign-in meets on it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.aws.client.admin_keys import administrators_key
from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.keys import profile_key
from portal.aws.client.writes import Item, Write, update
from portal.aws.tables.everyone_table import profile_entry
from portal.domain.errors import Conflict
from portal.domain.people.administrators import Leaving
from portal.domain.people.directory import Profile
from portal.domain.people.person import Person, Role


def make_profile(person: Person, now: datetime) -> Item:
    pk, sk = profile_key(person.id)
    return {**pack(person), "pk": pk, "sk": sk, "seen_at": moment(now), **profile_entry(person, now)}


def update_profile(person: Person, now: datetime) -> Write:
    """On condition that nobody has disabled them."""
    groups: dict[str, Any] = {"groups": set(person.groups)} if person.groups else {}
    return update(
        profile_key(person.id),
        "SET #name = :name, #address = :address, #address_verified = :verified, #roles = :roles,"
        " #seen_at = :now, #list_pk = :list_pk, #list_time = :list_time, #list_name = :list_name"
        f"{', #groups = :groups' if groups else ' REMOVE #groups'}",
        "attribute_exists(#pk) AND attribute_not_exists(#disabled_at)",
        name=person.name, address=person.address, verified=person.address_verified,
        roles=set(person.roles), now=moment(now), **profile_entry(person, now), **groups,
    )  # fmt: skip


def join_administrators(person_id: str) -> Write:
    return update(administrators_key(), "ADD #people :these", these={person_id})


def drop_administrator(person_id: str) -> Write:
    return update(administrators_key(), "DELETE #people :these", these={person_id})


def keep_roles(person: Person) -> list[Write]:
    """What the provider says by now that someone is who has signed in before."""
    write = update(
        profile_key(person.id), "SET #roles = :roles", "attribute_exists(#pk)", roles=set(person.roles)
    )
    is_admin = Role.ADMIN in person.roles
    return [write, join_administrators(person.id) if is_admin else drop_administrator(person.id)]


def change_administrators(leaving: Leaving | None) -> list[Write]:
    """The administrators as they are to be, where they are as they were read; else it fails as Conflict."""
    if leaving is None:
        return []
    known, left = leaving
    condition = "#people = :known" if known else "attribute_not_exists(#people)"
    values: dict[str, Any] = {"known": set(known)} if known else {}
    write = update(administrators_key(), "SET #people = :left", condition, left=set(left), **values)
    return [write.failing_as(Conflict())]


def read_profile(found: Item) -> Profile:
    times = {
        name: datetime.fromisoformat(found[name]) if name in found else None
        for name in ("seen_at", "disabled_at", "closing_at")
    }
    return Profile(unpack(Person, found), **times)
