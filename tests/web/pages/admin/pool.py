"""A portal whose people come from a user pool in process, and people in it who can sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.aws.client.calls import clients
from portal.aws.cognito.directory import find_issuer
from portal.domain.ids import derive_person_id
from portal.domain.people.person import Person
from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.provider import Account, Provider

GROUPS = (
    "admins", "portal-upload", "portal-share", "portal-request", "portal-delete", "portal-read-only",
    "portal-audit", "staff",
)  # fmt: skip


@dataclass
class Pool:
    """The pool, and the page where its people sign in."""

    id: str
    provider: Provider
    portal: Running

    @property
    def cognito(self) -> Any:
        return clients(self.portal.config.region).get("cognito-idp")

    def add(self, name: str, *groups: str) -> Account:
        """Someone who can sign in."""
        address = f"{name.split()[0].lower()}@example.org"
        known = {"email": address, "email_verified": "true", "name": name}
        attributes = [{"Name": key, "Value": value} for key, value in known.items()]
        made = self.cognito.admin_create_user(
            UserPoolId=self.id, Username=address, UserAttributes=attributes, MessageAction="SUPPRESS"
        )["User"]
        self.cognito.admin_set_user_password(
            UserPoolId=self.id, Username=address, Password="Long-enough-1", Permanent=True
        )
        for group in groups:
            self.cognito.admin_add_user_to_group(UserPoolId=self.id, Username=address, GroupName=group)
        (subject,) = [each["Value"] for each in made["Attributes"] if each["Name"] == "sub"]
        claims = {"name": name, "email": address, "email_verified": True, "token_use": "id"}
        return Account(subject, claims)

    def groups_of(self, account: Account) -> set[str]:
        found = self.cognito.admin_list_groups_for_user(UserPoolId=self.id, Username=account.claims["email"])
        return {each["GroupName"] for each in found["Groups"]}

    def user(self, account: Account) -> dict[str, Any]:
        found: dict[str, Any] = self.cognito.admin_get_user(
            UserPoolId=self.id, Username=account.claims["email"]
        )
        return found

    def sign_in(self, browser: Browser, account: Account) -> Person:
        """With the groups that the pool has them in."""
        account.claims["cognito:groups"] = sorted(self.groups_of(account))
        assert browser.sign_in(account).status == 303
        return self.person(account)

    def person(self, account: Account) -> Person:
        person_id = derive_person_id(self.provider.issuer, account.subject)
        found = self.portal.portal.services.people.get(person_id)
        assert found is not None
        return found


def make_pool(clock: Clock, provider: Provider, **changes: str) -> Pool:
    """In whatever AWS is in force; changes: of the portal's environment."""
    cognito: Any = clients("eu-central-1").get("cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="portal", UsernameAttributes=["email"])["UserPool"]["Id"]
    for group in GROUPS:
        cognito.create_group(UserPoolId=pool_id, GroupName=group)
    metadata = f"{provider.url}/{pool_id}/.well-known/openid-configuration"
    provider.issuer = find_issuer(metadata)
    portal = make_running(clock, PORTAL_OIDC_METADATA_URL=metadata, **changes)
    return Pool(pool_id, provider, portal)


def give_own_tokens(pool: Pool, monkeypatch: Any) -> None:
    """Access tokens are the pool's, which takes them for whose they are, and the pool looks at codes."""
    monkeypatch.setenv("MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP", "true")
    client = pool.cognito.create_user_pool_client(
        UserPoolId=pool.id, ClientName="portal", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        named = {"USERNAME": pool.provider.account.claims["email"], "PASSWORD": "Long-enough-1"}
        begun = pool.cognito.admin_initiate_auth(
            UserPoolId=pool.id, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=named
        )
        done = begun.get("AuthenticationResult")  # none for who would be asked for a code
        return given | ({"access_token": done["AccessToken"]} if done else {})

    pool.provider.answer = answer
