"""What a provider's claims say about someone: who they are and in which groups (OpenID Connect Core 5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portal.config.settings import Config
from portal.domain.characters import show_invisible
from portal.domain.contacts.mailboxes import normalize
from portal.domain.errors import N_, Invalid
from portal.domain.ids import derive_person_id
from portal.domain.mail.email_message import single_line
from portal.domain.people.permissions import MAX_GROUPS
from portal.domain.people.person import GroupsSource, Person

# Cognito leaves the claim out of someone who is in no group, and its userinfo never has it.
COGNITO_GROUPS = "cognito:groups"
NOT_SIGNED_IN = N_("That sign-in did not finish, and nothing was changed. Please sign in again.")


@dataclass(frozen=True)
class Identity:
    """What the provider proved: who it is, and how to ask again.

    id_token: empty unless it is of use as a hint. is_current: False where it took the refresh token,
    but could not say who the person is by now. access_token: never kept with a session.
    """

    person: Person
    refresh_token: str
    id_token: str = ""
    groups_source: GroupsSource = GroupsSource.ID_TOKEN
    is_current: bool = True
    access_token: str = field(default="", repr=False)


def person_from_claims(
    claims: Mapping[str, Any], config: Config, known: Person | None = None, *, keeps_groups: bool = False
) -> Person:
    """The person that verified claims describe. Raises Invalid where they name nobody, or someone whose
    address is not theirs; Forbidden where their groups let nobody in.

    known: who it was so far; counts for a name or an address that these claims leave out. keeps_groups: as
    these claims do not say the groups, those that are known count on.
    """
    subject, address = claims["sub"], claims.get("email", "")
    if not isinstance(subject, str) or not subject or not isinstance(address, str):
        raise refuse_claims("no_subject")
    verified = claims.get("email_verified")
    if verified in (False, "false"):
        raise refuse_claims("address_not_verified")
    names = group_names(claims.get(config.groups_claim))
    person = Person(
        id=derive_person_id(claims["iss"], subject),
        subject=subject,
        name=display_name(claims, address) or subject[:8],
        # What is no address keeps its invisible characters, shown: without them it would be another's.
        address=(normalize(address) or show_invisible(address).strip())[:320],
        address_verified=verified in (True, "true"),  # Cognito's userinfo says it as a text
        roles=known.roles if known and keeps_groups else config.read_roles(names),
        groups=known.groups if known and keeps_groups else frozenset(names[:MAX_GROUPS]),
    )
    return fill_in_known(person, claims, known) if known else person


def display_name(claims: Mapping[str, Any], address: str) -> str:
    return single_line(str(claims.get("name") or "")) or single_line(address.partition("@")[0])


def fill_in_known(person: Person, claims: Mapping[str, Any], known: Person) -> Person:
    """A refresh may say less than the sign-in did: a name or an address it leaves out has not changed."""
    name = person.name if claims.get("name") else known.name
    if claims.get("email"):
        return replace(person, name=name)
    return replace(person, name=name, address=known.address, address_verified=known.address_verified)


def group_names(claim: object) -> list[str]:
    """The groups a claim names: a list of texts, or one text. Anything else, however nested, names none."""
    named = claim if isinstance(claim, list) else [claim]
    return [each for each in named if isinstance(each, str) and each]


def lacks_something(claims: Mapping[str, Any], config: Config) -> bool:
    """Whether userinfo may know more: many providers put address and groups only there (Core, 5.4)."""
    groups_elsewhere = config.groups_claim != COGNITO_GROUPS and config.groups_claim not in claims
    return "email" not in claims or groups_elsewhere


def refuse_claims(why: str) -> Invalid:
    """A sign-in that is not believed; the page says only that, the log says why."""
    return Invalid(NOT_SIGNED_IN, reason=f"sign_in_{why}"[:60])
