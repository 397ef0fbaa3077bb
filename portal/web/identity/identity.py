"""Which answers of the identity provider are believed, and what they say about a person (R3-R5, R10, R85).

What Authlib lets through is closed here: one issuer, one audience, kinds of tokens (T6, T7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.oidc.core import CodeIDToken, IDToken, ImplicitIDToken
from joserfc.errors import JoseError

from portal.config.settings import Config
from portal.domain.clock import Clock
from portal.domain.errors import Invalid, Unavailable
from portal.domain.people.person import GroupsSource
from portal.web.identity.claims import Identity, lacks_something, person_from_claims, refuse_claims
from portal.web.identity.openid_client import MAX_HINT_CHARACTERS, PROVIDER_DOWN, OpenIdClient
from portal.web.identity.sessions import Ended

QUIET_SECONDS = 30  # a provider that did not answer is not asked about groups again so soon
LEEWAY_SECONDS = 30  # between our clock and the provider's
# Its answers to a refresh token that nothing but a new sign-in helps against (RFC 6749, 5.2; Core, 3.1.2.6).
FINAL_ERRORS = {"invalid_grant", "login_required", "interaction_required", "consent_required"}
# What Authlib and what it builds on raise when an answer or a token is not what it must be (T7).
UNBELIEVABLE = (
    OAuthError, JoseError, requests.RequestException,
    ValueError, TypeError, KeyError, AttributeError, RuntimeError,
)  # fmt: skip


class Provider(OpenIdClient):
    """The identity provider as the portal meets it."""

    def __init__(self, config: Config, clock: Clock) -> None:
        super().__init__(config, clock)
        self.quiet_until = 0.0

    def finish(self, code: str, pending: Mapping[str, str], redirect_uri: str) -> Identity:
        """Trade the code for tokens and believe them or not. Raises Invalid, Forbidden or Unavailable."""
        try:
            token = self.authlib.fetch_access_token(
                redirect_uri, code=code, code_verifier=pending["code_verifier"]
            )
            return self.identity(token, pending["nonce"])
        except (requests.ConnectionError, requests.Timeout, requests.HTTPError) as problem:
            raise Unavailable(PROVIDER_DOWN, provider=type(problem).__name__) from problem
        except Invalid:
            raise
        except UNBELIEVABLE as problem:
            raise refuse_claims(str(getattr(problem, "error", "") or type(problem).__name__)) from problem

    def check_again(self, known: Identity) -> Identity:
        """Who the person is by now. Raises Ended where the provider says no, else Unavailable.

        Once it has answered, its new refresh token is kept whatever else fails: the old one may be used up.
        """
        if self.clock.monotonic() < self.quiet_until:
            raise Unavailable(PROVIDER_DOWN, provider="quiet")
        token = self.ask_to_refresh(known.refresh_token)
        newer = token.get("refresh_token")
        known = replace(known, refresh_token=newer) if newer and isinstance(newer, str) else known
        try:
            found = self.identity_after_refresh(token, known)
        except (Invalid, *UNBELIEVABLE):
            return replace(known, is_current=False)
        if found.person.id != known.person.id:
            raise Ended
        return replace(found, refresh_token=known.refresh_token)

    def ask_to_refresh(self, refresh_token: str) -> dict[str, Any]:
        try:
            return self.refresh(refresh_token)
        except OAuthError as problem:
            if problem.error in FINAL_ERRORS:
                raise Ended from problem
            raise Unavailable(PROVIDER_DOWN, provider=str(problem.error)) from problem
        except UNBELIEVABLE as problem:
            if isinstance(problem, requests.RequestException):
                self.quiet_until = self.clock.monotonic() + QUIET_SECONDS
            raise Unavailable(PROVIDER_DOWN, provider=type(problem).__name__) from problem

    def identity_after_refresh(self, token: Mapping[str, Any], known: Identity) -> Identity:
        """With an ID token as after a sign-in; an answer may leave it out (OpenID Connect Core, 12.2), and
        then userinfo is asked, and what neither says stays as it is known.
        """
        if token.get("id_token"):
            return self.identity(token, None, known)
        said = self.userinfo_claims(token.get("access_token"))
        if said is None:
            return replace(known, groups_source=GroupsSource.UNCHANGED)
        if said.get("sub") != known.person.subject:
            raise Ended  # "the UserInfo Response values MUST NOT be used" (Core, 5.3.2), nor is this a person
        has_groups = self.config.groups_claim in said
        source = GroupsSource.USERINFO if has_groups else known.groups_source
        keeps_groups = source is not GroupsSource.USERINFO
        claims = {**said, "iss": self.load_server_metadata()["issuer"]}
        person = person_from_claims(claims, self.config, known.person, keeps_groups=keeps_groups)
        return replace(known, person=person, groups_source=GroupsSource.UNCHANGED if keeps_groups else source)

    def identity(
        self, token: Mapping[str, Any], nonce: str | None, known: Identity | None = None
    ) -> Identity:
        """The person an ID token proves; raises what Authlib raises, and Invalid for what it lets through."""
        claims, source = self.complete_claims(self.proven_claims(token, nonce), token)
        refresh_token = token.get("refresh_token")
        return Identity(
            person_from_claims(claims, self.config, known.person if known else None),
            refresh_token if isinstance(refresh_token, str) else "",
            self.hint(token),
            source,
            access_token=str(token.get("access_token", "")),
        )

    def complete_claims(
        self, claims: Mapping[str, Any], token: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], GroupsSource]:
        """The claims with what only userinfo says about the same person, and where the groups stand."""
        groups = self.config.groups_claim
        said = (
            self.userinfo_claims(token.get("access_token")) if lacks_something(claims, self.config) else None
        )
        if said is None or said.get("sub") != claims["sub"]:
            return claims, GroupsSource.ID_TOKEN
        # An address and whether it is verified belong together.
        wanted = {"name", groups} | (set() if "email" in claims else {"email", "email_verified"})
        more = {name: said[name] for name in wanted - claims.keys() if name in said}
        return {**more, **claims}, GroupsSource.USERINFO if groups in more else GroupsSource.ID_TOKEN

    def proven_claims(self, token: Mapping[str, Any], nonce: str | None) -> Mapping[str, Any]:
        if not isinstance(token.get("id_token"), str):
            raise refuse_claims("no_id_token")
        now = int(self.clock().timestamp())
        claims: Mapping[str, Any] = self.authlib.parse_id_token(
            token, nonce=nonce, claims_cls=make_claims_class(now, token), leeway=LEEWAY_SECONDS
        )
        if claims.get("token_use", "id") != "id":
            raise refuse_claims("wrong_kind_of_token")
        if claims["aud"] not in (self.client_id, [self.client_id]):
            raise refuse_claims("wrong_audience")
        if claims["iat"] > now + LEEWAY_SECONDS:
            raise refuse_claims("issued_in_the_future")
        return claims

    def hint(self, token: Mapping[str, Any]) -> str:
        """The ID token, where the provider takes it as a hint of who signs out or renews a session without a
        page; else nothing to keep.
        """
        wanted = self.can_end_sessions() or not token.get("refresh_token")
        id_token = str(token["id_token"])
        return id_token if wanted and len(id_token) <= MAX_HINT_CHARACTERS else ""


def make_claims_class(now: int, token: Mapping[str, Any]) -> type[IDToken]:
    """The class that Authlib would take for the answer's claims, judging their times by `now` (seconds)."""
    kind: type[IDToken] = CodeIDToken if "access_token" in token else ImplicitIDToken

    class ClaimsAt(kind):  # type: ignore[valid-type, misc]
        def validate(self, _: int | None = None, leeway: int = 0) -> None:
            super().validate(now, leeway)

    return ClaimsAt
