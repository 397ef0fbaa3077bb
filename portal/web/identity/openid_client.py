"""What is asked of the identity provider, over OpenID Connect: its metadata and keys, the authorization
request, tokens, userinfo, and the end of its session. What the answers are worth, `identity.py` decides.

Authlib does the protocol; what it leaves open is closed here: times, algorithms, how often keys are fetched
(T6, T7, R2-R4). Sources: OpenID Connect Core 1.0; OpenID Connect RP-Initiated Logout 1.0; RFC 9700.
Imported at the first sign-in only: Authlib costs more than Flask itself at a cold start.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.flask_client import FlaskOAuth2App
from authlib.integrations.flask_client.integration import FlaskIntegration

from portal import deadline
from portal.config.settings import Config
from portal.domain.clock import Clock
from portal.domain.errors import N_, Unavailable

TIMEOUT_SECONDS = (2.0, 2.5)  # connect, read; one call that hangs still answers within five seconds (R4)
REVOKE_SECONDS = (1.0, 1.0)
DOWN_SECONDS = 5  # so long /login answers at once that the provider is down
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KEY_FETCHES, KEY_FETCH_SECONDS = 2, 10  # R4
PROVIDER_DOWN = N_("Signing in does not work just now. Try again in a minute.")
MAX_HINT_CHARACTERS = 4096  # a longer ID token does not fit into an address that every server takes


class OpenIdClient(FlaskOAuth2App):
    """Authlib's client, with our rules about metadata and keys."""

    def __init__(self, config: Config, clock: Clock) -> None:
        super().__init__(
            FlaskIntegration("portal"),
            "portal",
            client_id=config.oidc_client_id,
            client_secret=config.oidc_client_secret,
            server_metadata_url=config.oidc_metadata_url,
            client_kwargs={"code_challenge_method": "S256", "default_timeout": TIMEOUT_SECONDS},
        )
        self.config = config
        self.clock = clock
        self.down_until = 0.0
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

    def _get_oauth_client(self, **metadata: Any) -> Any:
        """Authlib's own session, which names our secret the way this provider takes it."""
        if not accepts_basic(metadata):
            metadata["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 -- a method's name
        return limit_time(super()._get_oauth_client(**metadata))  # type: ignore[misc]

    def _get_session(self) -> Any:
        return limit_time(super()._get_session())  # type: ignore[misc]

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """The provider's keys, fetched again for an unknown key id, but not as often as ids are made up."""
        kept = self.server_metadata.get("jwks")
        if kept and not force:
            return dict(kept)
        now = self.clock.monotonic()
        if kept and len(self.key_fetches) == KEY_FETCHES and now - self.key_fetches[0] < KEY_FETCH_SECONDS:
            return dict(kept)
        self.key_fetches.append(now)
        return dict(super().fetch_jwk_set(force=force))

    def begin(self, redirect_uri: str, more_scope: str = "", **options: str) -> dict[str, str]:
        """A new authorization request: url, state, nonce, code_verifier. Raises Unavailable, for some seconds
        at once after the provider did not answer: people who press again need not wait again.

        more_scope: what is asked for beside who someone is. options: further parameters, such as `prompt`.
        """
        if self.clock.monotonic() < self.down_until:
            raise Unavailable(PROVIDER_DOWN, provider="down")
        try:
            return dict(
                self.create_authorization_url(
                    redirect_uri, state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24),
                    scope=f"{self.scope(self.load_server_metadata())} {more_scope}".strip(), **options,
                )
            )  # fmt: skip
        except (requests.RequestException, ValueError) as problem:
            self.down_until = self.clock.monotonic() + DOWN_SECONDS
            raise Unavailable(PROVIDER_DOWN, provider=type(problem).__name__) from problem

    def scope(self, metadata: Mapping[str, Any]) -> str:
        """What we ask for: who someone is, and where it is offered a refresh token (Core, 11) and the
        groups, for which some providers want a scope of the claim's name.
        """
        offered = metadata.get("scopes_supported")
        wished = ("offline_access", self.config.groups_claim)
        more = [each for each in wished if isinstance(offered, list) and each in offered]
        return " ".join(dict.fromkeys(["openid", "email", "profile", *more]))

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """The token endpoint's answer to a refresh token; raises what Authlib raises."""
        metadata = self.load_server_metadata()
        with self._get_oauth_client(**metadata) as client:
            return dict(
                client.fetch_token(
                    metadata["token_endpoint"], grant_type="refresh_token", refresh_token=refresh_token
                )
            )

    def userinfo_claims(self, access_token: object) -> dict[str, Any] | None:
        """What userinfo says; None where there is none, or no answer that says anything.

        Raises RequestException where it may say something later.
        """
        endpoint = self.load_server_metadata().get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not isinstance(access_token, str):
            return None
        answer = requests.get(
            endpoint, headers={"Authorization": f"Bearer {access_token}"}, timeout=cut(TIMEOUT_SECONDS),
            allow_redirects=False,
        )  # fmt: skip
        if answer.status_code >= 500 or answer.status_code == 429:
            answer.raise_for_status()
        try:
            said = answer.json() if answer.status_code == 200 else None
        except ValueError:
            return None
        return said if isinstance(said, dict) else None

    def revoke(self, refresh_token: str) -> None:
        """Tell the provider to forget a refresh token (RFC 7009). Raises the errors of requests."""
        metadata = self.load_server_metadata()
        if "revocation_endpoint" not in metadata:
            return
        basic, secret = accepts_basic(metadata), (self.client_id, self.client_secret)
        named = {} if basic else dict(zip(("client_id", "client_secret"), secret, strict=True))
        requests.post(
            metadata["revocation_endpoint"],
            data={"token": refresh_token, "token_type_hint": "refresh_token", **named},
            auth=secret if basic else None,
            timeout=cut(REVOKE_SECONDS),
            allow_redirects=False,
        )

    def can_end_sessions(self) -> bool:
        """Whether the provider's metadata names where its own session ends (RP-Initiated Logout, 2.1).

        Cognito names an address too, which wants parameters of its own.
        """
        metadata = self.load_server_metadata()
        is_cognito = str(urlsplit(metadata["issuer"]).hostname).startswith("cognito-idp.")
        return isinstance(metadata.get("end_session_endpoint"), str) and not is_cognito

    def end_session_address(self, id_token: str, back_to: str) -> str:
        """Where a browser goes to sign out at the provider too. Raises Unavailable; empty where it ends no
        sessions that way.
        """
        try:
            if not self.can_end_sessions():
                return ""
        except (requests.RequestException, ValueError) as problem:
            raise Unavailable(PROVIDER_DOWN, provider=type(problem).__name__) from problem
        hint = {"id_token_hint": id_token} if id_token else {}
        query = {"post_logout_redirect_uri": back_to, "client_id": self.client_id, **hint}
        address = str(self.server_metadata["end_session_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def limit_time(session: Any) -> Any:
    """Authlib's session for one call, which ends with the request that it serves (I10)."""
    session.default_timeout = cut(TIMEOUT_SECONDS)
    return session


def cut(seconds: tuple[float, float]) -> tuple[float, float]:
    """To connect, to read. Raises Unavailable where the request has no time left."""
    return deadline.cut(seconds[0]), deadline.cut(seconds[1])


def accepts_basic(metadata: Mapping[str, Any]) -> bool:
    """Whether our secret may go into the Authorization header, which is the default (Discovery 1.0, 3)."""
    methods = metadata.get("token_endpoint_auth_methods_supported")
    return (
        not isinstance(methods, list)
        or "client_secret_basic" in methods
        or "client_secret_post" not in methods
    )
