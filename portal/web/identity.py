"""The identity provider: OpenID Connect's code flow with PKCE and nonce, and which tokens are believed.

Authlib does the protocol; what it leaves open is closed here: times, one issuer, one audience, kinds of
tokens, algorithms, how often keys are fetched (T6, T7, R2-R5). Sources: OpenID Connect Core 1.0; RFC 9700.
Imported at the first sign-in only: Authlib costs more than Flask itself at a cold start.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App
from authlib.integrations.flask_client.integration import FlaskIntegration
from joserfc.errors import JoseError

from portal.config import Config
from portal.domain.errors import Invalid, Unavailable, words
from portal.domain.ids import person_id
from portal.domain.letters import single_line
from portal.domain.people import Person
from portal.domain.permissions import roles
from portal.web.sessions import Ended

TIMEOUT_SECONDS = (2.0, 2.5)  # connect, read; one call that hangs still answers within five seconds (R4)
REVOKE_SECONDS = (1.0, 1.0)
QUIET_SECONDS = 30  # a provider that did not answer is not asked about groups again so soon
DOWN_SECONDS = 5  # so long /login answers at once that the provider is down
LEEWAY_SECONDS = 30  # between our clock and the provider's
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KEY_FETCHES, KEY_FETCH_SECONDS = 2, 10  # R4
# What Authlib and what it builds on raise when an answer or a token is not what it must be (T7).
UNBELIEVABLE = (
    OAuthError, JoseError, requests.RequestException,
    ValueError, TypeError, KeyError, AttributeError, RuntimeError,
)  # fmt: skip
NOT_SIGNED_IN = words("That sign-in did not finish, and nothing was changed. Please sign in again.")
PROVIDER_DOWN = words("Signing in does not work just now. Try again in a minute.")


class Identity(NamedTuple):
    """What the provider proved: who it is, and how to ask again."""

    person: Person
    refresh_token: str


class Provider(FlaskOAuth2App):
    """Authlib's client, with our rules about metadata and keys."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(
            FlaskIntegration("portal"),
            "portal",
            client_id=config.oidc_client_id,
            client_secret=config.oidc_client_secret,
            server_metadata_url=config.oidc_metadata_url,
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )
        self.config = config
        self.clock = clock
        self.quiet_until = self.down_until = 0.0
        self.key_fetches: deque[float] = deque(maxlen=KEY_FETCHES)

    @property
    def authlib(self) -> Any:
        """Ourselves, for what the stubs of Authlib leave without types."""
        return self

    def load_server_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = super().load_server_metadata()
        missing = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} - metadata.keys()
        if missing:
            metadata.pop("_loaded_at", None)  # ask again next time
            raise requests.RequestException(f"the provider's metadata lacks {sorted(missing)}")
        # Never a symmetric one: with HS256 the client secret, or even a public key, would be the signing key.
        named = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        metadata["id_token_signing_alg_values_supported"] = [each for each in ALGORITHMS if each in named]
        return metadata

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """The provider's keys, fetched again for an unknown key id, but not as often as ids are made up."""
        kept = self.server_metadata.get("jwks")
        if kept and not force:
            return dict(kept)
        now = self.clock()
        if kept and len(self.key_fetches) == KEY_FETCHES and now - self.key_fetches[0] < KEY_FETCH_SECONDS:
            return dict(kept)
        self.key_fetches.append(now)
        return dict(super().fetch_jwk_set(force=force))

    def begin(self, redirect_uri: str) -> dict[str, str]:
        """A new authorization request: url, state, nonce, code_verifier. Raises Unavailable, for some seconds
        at once after the provider did not answer: people who press again need not wait again.
        """
        if self.clock() < self.down_until:
            raise Unavailable(PROVIDER_DOWN, provider="down")
        try:
            return dict(
                self.create_authorization_url(
                    redirect_uri, state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24)
                )
            )
        except (requests.RequestException, ValueError) as problem:
            self.down_until = self.clock() + DOWN_SECONDS
            raise Unavailable(PROVIDER_DOWN, provider=type(problem).__name__) from problem

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
            raise refused(type(problem).__name__) from problem

    def check_again(self, refresh_token: str) -> Identity:
        """Who the person is by now. Raises Ended where the provider says no, else Unavailable."""
        if self.clock() < self.quiet_until:
            raise Unavailable(PROVIDER_DOWN, provider="quiet")
        try:
            found = self.identity(self.refreshed(refresh_token), None)
        except OAuthError as problem:
            if problem.error == "invalid_grant":
                raise Ended from problem
            raise Unavailable(PROVIDER_DOWN, provider=str(problem.error)) from problem
        except (Invalid, *UNBELIEVABLE) as problem:
            if isinstance(problem, requests.RequestException):
                self.quiet_until = self.clock() + QUIET_SECONDS
            raise Unavailable(PROVIDER_DOWN, provider=type(problem).__name__) from problem
        return found._replace(refresh_token=found.refresh_token or refresh_token)

    def refreshed(self, refresh_token: str) -> dict[str, Any]:
        """The token endpoint's answer to a refresh token; raises what Authlib raises."""
        metadata = self.load_server_metadata()
        with self.authlib._get_oauth_client(**metadata) as client:
            return dict(
                client.fetch_token(
                    metadata["token_endpoint"], grant_type="refresh_token", refresh_token=refresh_token
                )
            )

    def revoke(self, refresh_token: str) -> None:
        """Tell the provider to forget a refresh token (RFC 7009). Raises the errors of requests."""
        metadata = self.load_server_metadata()
        if "revocation_endpoint" in metadata:
            requests.post(
                metadata["revocation_endpoint"],
                data={"token": refresh_token, "token_type_hint": "refresh_token"},
                auth=(self.client_id, self.client_secret),
                timeout=REVOKE_SECONDS,
                allow_redirects=False,
            )

    def identity(self, token: Mapping[str, Any], nonce: str | None) -> Identity:
        """The person an ID token proves; raises what Authlib raises, and Invalid for what it lets through."""
        if not isinstance(token.get("id_token"), str):
            raise refused("no_id_token")
        claims = self.authlib.parse_id_token(token, nonce=nonce, leeway=LEEWAY_SECONDS)
        if claims.get("token_use", "id") != "id":
            raise refused("wrong_kind_of_token")
        if claims["aud"] not in (self.client_id, [self.client_id]):
            raise refused("wrong_audience")
        if claims["iat"] > time.time() + LEEWAY_SECONDS:
            raise refused("issued_in_the_future")
        refresh_token = token.get("refresh_token")
        return Identity(self.person(claims), refresh_token if isinstance(refresh_token, str) else "")

    def person(self, claims: Mapping[str, Any]) -> Person:
        subject, address = claims["sub"], claims.get("email", "")
        if not isinstance(subject, str) or not subject or not isinstance(address, str):
            raise refused("no_subject")
        verified = claims.get("email_verified")
        if verified in (False, "false"):
            raise refused("address_not_verified")
        groups = claims.get("cognito:groups")
        names = [each for each in groups if isinstance(each, str)] if isinstance(groups, list) else []
        return Person(
            id=person_id(claims["iss"], subject),
            subject=subject,
            name=single_line(str(claims.get("name") or ""))
            or single_line(address.partition("@")[0])
            or subject[:8],
            address="".join(filter(str.isprintable, address)).strip()[:320],
            address_verified=verified in (True, "true"),  # Cognito's userinfo says it as a text
            roles=roles(names, self.config.admin_group, self.config.staff_group),
        )


def refused(why: str) -> Invalid:
    """A sign-in that is not believed; the page says only that, the log says why."""
    return Invalid(NOT_SIGNED_IN, reason=f"sign_in_{why}"[:60])
