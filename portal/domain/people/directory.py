"""People as the identity provider's directory and the portal's own profiles know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.domain.errors import N_, Conflict, TooMany
from portal.domain.people.person import Person, Usage


class AccountStatus(StrEnum):
    """How far someone has come in the directory; those of Cognito, in our words."""

    CONFIRMED = "confirmed"
    INVITED = "invited"  # has not signed in with the password of the invitation yet
    RESET = "reset"  # has to choose a new password first
    UNCONFIRMED = "unconfirmed"  # has made an account and not confirmed the address yet
    OTHER = "other"  # comes from another directory


class InviteResult(StrEnum):
    INVITED = "invited"
    ALREADY_THERE = "already_there"


class MailLimitReached(TooMany):
    """The directory sends no more emails today."""

    reason = "directory_mail_limit"
    message = N_("The sign-in service sends no more emails today. Try again tomorrow.")


class NotPossible(Conflict):
    """The directory will not do this with an account as it is."""

    reason = "directory_refused"
    message = N_("The sign-in service does not do this with the account as it is now.")


class GroupMissing(Conflict):
    reason = "group_missing_in_directory"
    message = N_("The sign-in service has no group %(name)s. Make it there first.")


class NoDirectory(Conflict):
    """People come from a provider whose directory the portal does not steer."""

    reason = "no_directory"
    message = N_("Your organisation's own sign-in service decides this. Change it there.")


@dataclass(frozen=True)
class DirectoryUser:
    """Someone in the directory. has_second_factor, groups: None where nobody asked for them."""

    person_id: str
    subject: str
    name: str
    address: str
    is_enabled: bool
    status: AccountStatus
    created_at: datetime | None = None
    has_second_factor: bool | None = None
    groups: frozenset[str] | None = None
    is_address_verified: bool = False


class DirectoryAnswer(NamedTuple):
    """What the directory said of someone, and when; None where it did not know them."""

    at: datetime
    user: DirectoryUser | None


@dataclass(frozen=True)
class Profile:
    """Someone who has signed in, as the portal keeps them."""

    person: Person
    seen_at: datetime | None = None
    disabled_at: datetime | None = None
    closing_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What someone has and did: what is stored, and how many emails they sent on this day."""

    profile: Profile | None = None
    usage: Usage = field(default_factory=Usage)
    mails_today: int = 0
