"""The user pool as the directory of people: listed, invited, disabled, put into groups.

Source: the API reference of Amazon Cognito user pools. `Username` may be the subject.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures
from portal.aws.client.cursors import Cursors
from portal.domain.errors import NotFound, Unavailable
from portal.domain.ids import derive_person_id
from portal.domain.paging import Page
from portal.domain.people.directory import (
    AccountStatus,
    DirectoryUser,
    GroupMissing,
    InviteResult,
    MailLimitReached,
    NoDirectory,
    NotPossible,
)
from portal.domain.people.person import Role
from portal.domain.people.second_factor import EnrolmentOver, WrongCode

# The metadata address of a Cognito user pool names it: https://cognito-idp.<region>.<suffix>/<pool id>/...
POOL = re.compile(r"/([a-z]{2,}(?:-[a-z]+)+-\d+_[A-Za-z0-9]+)/\.well-known/")
STATUSES = {
    "CONFIRMED": AccountStatus.CONFIRMED,
    "FORCE_CHANGE_PASSWORD": AccountStatus.INVITED,
    "RESET_REQUIRED": AccountStatus.RESET,
    "UNCONFIRMED": AccountStatus.UNCONFIRMED,
}
REFUSALS: dict[str, type[Exception]] = {
    "UserNotFoundException": NotFound,
    "LimitExceededException": MailLimitReached,
    "TooManyRequestsException": Unavailable,
    "NotAuthorizedException": NotPossible,
    "UnsupportedUserStateException": NotPossible,
    "InvalidParameterException": NotPossible,
    "CodeDeliveryFailureException": NotPossible,
}
# What Cognito says to somebody's own access token (VerifySoftwareToken in its API reference).
WRONG_CODES = {"EnableSoftwareTokenMFAException", "CodeMismatchException"}
OVER_CODES = {"NotAuthorizedException", "UserNotFoundException", "PasswordResetRequiredException"}
BUSY_CODES = {"TooManyRequestsException", "LimitExceededException", "ConcurrentModificationException"}
ANSWER_SECONDS = 5.0
MEMBER_PAGES, MEMBER_ROWS = 5, 60  # of a group; 60 is the most of one call


def find_pool(metadata_url: str) -> str:
    """The id of the user pool that a provider's metadata belong to; empty for any other provider."""
    found = POOL.search(metadata_url)
    return found[1] if found else ""


def find_issuer(metadata_url: str) -> str:
    """What the pool calls itself in tokens: how its metadata's address begins (Cognito developer guide,
    "Verifying JSON web tokens"). A stand-in serves the same metadata elsewhere, and is asked.
    """
    address = metadata_url.partition("/.well-known/")[0]
    if not find_pool(metadata_url) or (urlsplit(address).hostname or "").startswith("cognito-idp."):
        return address
    try:
        with urlopen(metadata_url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 -- the operator's own
            return str(json.load(answer)["issuer"])
    except (OSError, ValueError, KeyError) as problem:
        raise Unavailable() from problem


class CognitoDirectory:
    """Fulfils the directory of `portal/engine/people_services.py`."""

    def __init__(
        self, clients: Clients, cursors: Cursors, metadata_url: str, groups: Mapping[Role, str]
    ) -> None:
        self.groups = groups
        self.clients = clients
        self.cursors = cursors
        self.pool_id = find_pool(metadata_url)
        self.metadata_url = metadata_url

    @cached_property
    def issuer(self) -> str:
        return find_issuer(self.metadata_url)

    @property
    def is_there(self) -> bool:
        return bool(self.pool_id)

    def ask(self, call: str, **asked: Any) -> dict[str, Any]:
        if not self.pool_id:
            raise NoDirectory()
        with plain_refusals(), plain_failures():
            answer: dict[str, Any] = getattr(self.clients.get("cognito-idp"), call)(
                UserPoolId=self.pool_id, **asked
            )
        return answer

    def list_page(self, cursor: str | None, limit: int) -> Page[DirectoryUser]:
        seen = self.cursors.open("directory", cursor)
        more = {"PaginationToken": str(seen["token"])} if seen else {}
        answer = self.ask("list_users", Limit=limit, **more)
        token = answer.get("PaginationToken")
        users = tuple(self.read_user(each) for each in answer["Users"])
        return Page(users, self.cursors.seal("directory", {"token": token} if token else None))

    def search(self, text: str, limit: int) -> list[DirectoryUser]:
        """Cognito looks at one attribute a call, and compares names with their case."""
        wanted = text.replace("\\", "").replace('"', "").strip()[:120]
        if not wanted:
            return []
        found: dict[str, DirectoryUser] = {}
        by_name = [] if "@" in wanted else [f'name ^= "{wanted}"']
        for asked in (f'email ^= "{wanted.lower()}"', *by_name):
            for each in self.ask("list_users", Limit=limit, Filter=asked)["Users"]:
                user = self.read_user(each)
                found.setdefault(user.subject, user)
        return list(found.values())

    def get(self, subject: str) -> DirectoryUser | None:
        try:
            found = self.ask("admin_get_user", Username=subject)
            groups = self.ask("admin_list_groups_for_user", Username=subject, Limit=60)
        except NotFound:
            return None
        user = self.read_user({**found, "Attributes": found["UserAttributes"]})
        named = frozenset(str(each["GroupName"]) for each in groups["Groups"])
        factor = bool(found.get("UserMFASettingList"))
        return DirectoryUser(
            user.person_id, user.subject, user.name, user.address, user.is_enabled, user.status,
            user.created_at, factor, named, user.is_address_verified,
        )  # fmt: skip

    def has_second_factor(self, subject: str) -> bool:
        try:
            return bool(self.ask("admin_get_user", Username=subject).get("UserMFASettingList"))
        except NotFound:
            return False

    def list_members(self, group: str) -> frozenset[str]:
        found, token = set[str](), ""
        for _ in range(MEMBER_PAGES):
            more = {"NextToken": token} if token else {}
            answer = self.ask("list_users_in_group", GroupName=group, Limit=MEMBER_ROWS, **more)
            users = (self.read_user(each) for each in answer["Users"])
            found |= {each.person_id for each in users if each.is_enabled}
            token = answer.get("NextToken", "")
            if not token:
                break
        return frozenset(found)

    def has_address(self, address: str) -> bool:
        try:
            self.ask("admin_get_user", Username=address)
        except NotFound:
            return False
        return True

    def invite(self, address: str, name: str) -> InviteResult:
        attributes = [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}]
        attributes += [{"Name": "name", "Value": name}] if name else []
        try:
            self.ask(
                "admin_create_user", Username=address, UserAttributes=attributes,
                DesiredDeliveryMediums=["EMAIL"],
            )  # fmt: skip
        except ClientError as error:
            if code(error) != "UsernameExistsException":
                raise
            return InviteResult.ALREADY_THERE
        return InviteResult.INVITED

    def invite_again(self, subject: str) -> None:
        self.ask(
            "admin_create_user", Username=subject, MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"]
        )

    def reset_password(self, subject: str) -> None:
        self.ask("admin_reset_user_password", Username=subject)

    def reset_second_factor(self, subject: str) -> None:
        off = {"Enabled": False, "PreferredMfa": False}
        self.ask("admin_set_user_mfa_preference", Username=subject, SoftwareTokenMfaSettings=off)

    def begin_second_factor(self, access_token: str) -> str:
        answer = self.ask_as_person("associate_software_token", access_token)
        return str(answer["SecretCode"])

    def check_code(self, access_token: str, code: str) -> None:
        answer = self.ask_as_person("verify_software_token", access_token, UserCode=code)
        if answer.get("Status") != "SUCCESS":
            raise WrongCode(field="code")

    def ask_for_codes(self, access_token: str) -> None:
        on = {"Enabled": True, "PreferredMfa": True}
        self.ask_as_person("set_user_mfa_preference", access_token, SoftwareTokenMfaSettings=on)

    def ask_as_person(self, call: str, access_token: str, **asked: Any) -> dict[str, Any]:
        """What Cognito takes from someone themselves, by an access token with its own scope for that."""
        try:
            with plain_failures():
                answer: dict[str, Any] = getattr(self.clients.get("cognito-idp"), call)(
                    AccessToken=access_token, **asked
                )
        except ClientError as error:
            if code(error) in WRONG_CODES:
                raise WrongCode(field="code") from error
            if code(error) in OVER_CODES:
                raise EnrolmentOver() from error
            if code(error) in BUSY_CODES:
                raise Unavailable() from error
            raise
        return answer

    def disable(self, subject: str) -> None:
        self.ask("admin_disable_user", Username=subject)

    def enable(self, subject: str) -> None:
        self.ask("admin_enable_user", Username=subject)

    def delete(self, subject: str) -> None:
        self.ask("admin_delete_user", Username=subject)

    def change_groups(self, subject: str, add: frozenset[str], remove: frozenset[str]) -> None:
        """What takes away comes first: killed in between, someone has less than they are to have."""
        for call, groups in (("admin_remove_user_from_group", remove), ("admin_add_user_to_group", add)):
            for group in sorted(groups):
                try:
                    self.ask(call, Username=subject, GroupName=group)
                except ClientError as error:
                    if code(error) != "ResourceNotFoundException":
                        raise
                    if groups is add:
                        raise GroupMissing(params={"name": group}) from error

    def read_user(self, found: dict[str, Any]) -> DirectoryUser:
        attributes = {each["Name"]: str(each.get("Value", "")) for each in found["Attributes"]}
        subject = attributes.get("sub", str(found["Username"]))
        address, created = attributes.get("email", ""), found.get("UserCreateDate")
        return DirectoryUser(
            derive_person_id(self.issuer, subject), subject, attributes.get("name") or address, address,
            bool(found.get("Enabled", True)), STATUSES.get(found.get("UserStatus", ""), AccountStatus.OTHER),
            created if isinstance(created, datetime) else None,
            is_address_verified=attributes.get("email_verified") == "true",
        )  # fmt: skip


@contextmanager
def plain_refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if refusal := REFUSALS.get(code(error)):
            raise refusal() from error
        raise
