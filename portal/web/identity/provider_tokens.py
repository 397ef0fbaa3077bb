"""Tokens of the identity provider that a program shows: verified in full, or refused (R3, R4).

Imported when the first is shown: what verifies them comes with Authlib. Sources: RFC 7519 and 8725; Amazon
Cognito developer guide, "Verifying JSON web tokens".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from portal.domain.errors import Unavailable
from portal.web.identity.claims import refuse_claims
from portal.web.identity.openid_client import PROVIDER_DOWN, OpenIdClient

MAX_CHARACTERS = 8192
LEEWAY_SECONDS = 5
MALFORMED = (JoseError, ValueError, TypeError, KeyError, RecursionError)


def verify_token(text: str, client: OpenIdClient) -> dict[str, Any]:
    """The claims of an ID or access token that the provider gave to our client.

    Raises Invalid for every other text, and Unavailable where the provider's keys cannot be had.
    """
    if len(text) > MAX_CHARACTERS:
        raise refuse_claims("token_too_long")
    try:
        shown = jws.extract_compact(text.encode("ascii"))
        header, claims = shown.headers(), read_claims(shown.payload)
        metadata = client.load_server_metadata()
        # Before its key is looked for: a token that would not count anyway has no keys fetched.
        check_claims(claims, metadata, client)
        key = find_key(header, client)
        if not jws.validate_compact(shown, key, list(metadata["id_token_signing_alg_values_supported"])):
            raise refuse_claims("token_signature")
    except requests.RequestException as problem:
        raise Unavailable(PROVIDER_DOWN, provider=type(problem).__name__) from problem
    except MALFORMED as problem:
        raise refuse_claims(f"token_{type(problem).__name__}") from problem
    return claims


def read_claims(payload: bytes | None) -> dict[str, Any]:
    claims = json.loads(payload or b"")
    if not isinstance(claims, dict):
        raise refuse_claims("token_claims")
    return claims


def check_claims(claims: Mapping[str, Any], metadata: Mapping[str, Any], client: OpenIdClient) -> None:
    """Issuer, client, kind and times. Cognito's access tokens name their client outside of `aud`."""
    now, client_id = client.clock().timestamp(), client.client_id
    if claims["iss"] != metadata["issuer"] or not isinstance(claims["sub"], str) or not claims["sub"]:
        raise refuse_claims("token_issuer")
    use = claims.get("token_use", "id")
    named = claims.get("client_id") if use == "access" else claims.get("aud")
    if use not in ("access", "id") or named not in (client_id, [client_id]):
        raise refuse_claims("token_client")
    times = {name: claims[name] for name in ("exp", "iat", "nbf", "auth_time") if name in claims}
    if not {"exp", "iat"} <= times.keys() or not all(type(each) in {int, float} for each in times.values()):
        raise refuse_claims("token_times")
    if not now < times.pop("exp") + LEEWAY_SECONDS:
        raise refuse_claims("token_expired")
    if not all(0 <= each <= now + LEEWAY_SECONDS for each in times.values()):
        raise refuse_claims("token_of_the_future")


def find_key(header: Mapping[str, Any], client: OpenIdClient) -> Key:
    """The provider's key of this id, never one that the token brings along; fetched again where it is new."""
    if "crit" in header or "b64" in header:
        raise refuse_claims("token_header")
    for is_new in (False, True):
        keys = [each for each in client.fetch_jwk_set(force=is_new)["keys"] if is_for_signatures(each)]
        found = [each for each in KeySet.import_key_set({"keys": keys}).keys if each.kid == header["kid"]]
        if found:
            return found[0]
    raise refuse_claims("token_key")


def is_for_signatures(key: Mapping[str, Any]) -> bool:
    return bool(key.get("use", "sig") == "sig" and key.get("kid"))
