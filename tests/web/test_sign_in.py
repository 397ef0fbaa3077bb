"""Signing in: what the portal asks of the provider, what it believes, and what it makes of odd answers."""

from __future__ import annotations

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from werkzeug.wrappers import Response

from portal.domain.audit import Action
from portal.web.identity import DOWN_SECONDS
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.provider import CLIENT, SECRET, Provider, account, key


def test_signing_in_leads_back_to_where_one_was_going(browser: Browser) -> None:
    asked = browser.ask("GET", "/probe?sort=name", 303)
    assert asked.location == "/login?next=/probe?sort%3Dname"
    assert browser.sign_in(next_page="/probe?sort=name").location == "/probe?sort=name"


def test_the_authorization_request_has_all_it_needs(browser: Browser, provider: Provider) -> None:
    """R2: code, S256, fresh state and nonce of 128 bits and more, few scopes, the configured way back."""
    browser.to_provider()
    browser.to_provider()
    first, second = provider.requests
    assert first["response_type"] == "code"
    assert first["code_challenge_method"] == "S256"
    assert first["scope"] == "openid email profile"
    assert first["redirect_uri"] == "https://files.example.org/login/callback"
    for fresh in ("state", "nonce", "code_challenge"):
        assert first[fresh] != second[fresh]
        assert len(first[fresh]) * 6 >= 128


def test_who_signed_in_is_recorded(browser: Browser, portal: Running) -> None:
    """I4: the audit log says who came, when and from where."""
    browser.sign_in()
    record = portal.portal.services.audit.newest(portal.clock(), None, 5).items[0]
    assert (record.action, record.actor.name) == (Action.SIGNED_IN, "Ana Lopes")
    assert record.actor.source_ip == "127.0.0.1"


def test_identity_is_issuer_and_subject(new_browser: Callable[[], Browser]) -> None:
    """R5: the same address with another subject is another person."""
    first, second = new_browser(), new_browser()
    first.sign_in(account("Ana Lopes"))
    again = account("Ana Lopes")
    again.subject = "a new account with the old address"
    second.sign_in(again)
    assert str(first.cookie("session"))[:26] != str(second.cookie("session"))[:26]


def refused(browser: Browser, *statuses: int) -> None:
    answer = browser.sign_in()
    assert answer.status in (statuses or (400,)), answer.answer.text
    assert browser.cookie("session") is None
    browser.ask("GET", "/probe", 303)


LIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another issuer": lambda claims: claims | {"iss": "https://evil.example"},
    "no issuer": lambda claims: {name: value for name, value in claims.items() if name != "iss"},
    "another audience": lambda claims: claims | {"aud": "somebody-else"},
    "two audiences": lambda claims: claims | {"aud": [CLIENT, "somebody-else"], "azp": CLIENT},
    "another nonce": lambda claims: claims | {"nonce": "made-up"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "expired": lambda claims: claims | {"exp": int(time.time()) - 60},
    "no expiry": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "not valid yet": lambda claims: claims | {"nbf": int(time.time()) + 3600},
    "issued in the future": lambda claims: claims | {"iat": int(time.time()) + 3600},
    "an access token": lambda claims: claims | {"token_use": "access"},
    "address not verified": lambda claims: claims | {"email_verified": False},
    "address not verified, as a text": lambda claims: claims | {"email_verified": "false"},
    "a subject that is no text": lambda claims: claims | {"sub": ["sub"]},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_lies_signs_nobody_in(
    browser: Browser, provider: Provider, lie: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """R3"""
    provider.lie = lie
    refused(browser)


def unsigned(claims: Any, _: Any) -> str:
    header = urlsafe_b64encode(b'{"alg":"none","kid":"first"}').rstrip(b"=").decode()
    body = jwt.encode({"alg": "RS256"}, claims, key("first")).split(".")[1]
    return f"{header}.{body}."


def with_client_secret(claims: Any, _: Any) -> str:
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(SECRET * 2))


def with_public_key(claims: Any, mine: Any) -> str:
    secret = OctKey.import_key(mine.as_pem(private=False).decode().replace("BEGIN", "BEGIN_"))
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret)


def with_own_key_in_header(claims: Any, _: Any) -> str:
    mine = key("evil")
    header = {"alg": "RS256", "kid": "evil", "jwk": mine.as_dict(private=False)}
    return jwt.encode(header, claims, mine)


SIGNATURES = {
    "none at all": unsigned,
    "the client secret": with_client_secret,
    "the public key as a secret": with_public_key,
    "a foreign key with our key id": lambda claims, _: jwt.encode(
        {"alg": "RS256", "kid": "first"}, claims, key("first/foreign")
    ),
    "a key out of its own header": with_own_key_in_header,
    "not a token": lambda claims, _: "not.a.token",
}


@pytest.mark.parametrize("sign", SIGNATURES.values(), ids=SIGNATURES)
def test_only_the_providers_own_signature_counts(
    browser: Browser, provider: Provider, sign: Callable[[Any, Any], str]
) -> None:
    """R3"""
    provider.sign = sign
    refused(browser)


ANSWERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no id token": lambda answer: {name: value for name, value in answer.items() if name != "id_token"},
    "an id token that is no text": lambda answer: answer | {"id_token": {"sub": "ana"}},
    "an error": lambda answer: {"error": "server_error"},
    "a list": lambda answer: Response("[1]", mimetype="application/json"),
    "no JSON": lambda answer: Response("<html>", mimetype="text/html"),
    "a failure": lambda answer: Response("failed", 500),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_odd_token_answer_is_a_friendly_page(
    browser: Browser, provider: Provider, answer: Callable[[dict[str, Any]], Any]
) -> None:
    """R3: never a 500."""
    provider.answer = answer
    refused(browser, 400, 503)


def test_a_refused_sign_in_is_one_log_line_without_the_token(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """R3, R65"""
    provider.lie = LIES["another audience"]
    browser.sign_in()
    lines = [record for record in caplog.records if record.message == "sign-in refused"]
    assert len(lines) == 1
    assert "eyJ" not in str(vars(lines[0]))


def test_a_callback_counts_once_and_in_its_own_browser(new_browser: Callable[[], Browser]) -> None:
    """R1: forged, foreign, repeated and declined callbacks are one page that says to sign in again."""
    mine, other = new_browser(), new_browser()
    address = mine.to_provider()
    assert other.come_back(address).status == 400
    assert mine.come_back(address).status == 303
    signed_in = mine.cookie("session")
    for odd in (address, "/login/callback", "/login/callback?state=&code=", "/login/callback?code=a&state=b"):
        again = mine.come_back(odd)
        assert again.status == 400, odd
        assert "/login" in again.links.values()
    assert mine.cookie("session") == signed_in


def test_somebody_who_declines_is_not_signed_in(browser: Browser) -> None:
    """T7: `error=access_denied` with a state of ours."""
    state = parse_qs(urlsplit(browser.to_provider()).query)["state"][0]
    assert browser.come_back(f"/login/callback?error=access_denied&state={state}").status == 400
    assert browser.come_back(f"/login/callback?code=a&state={state}").status == 400, "a state counts once"


def test_an_old_sign_in_cannot_be_finished(browser: Browser, portal: Running) -> None:
    """R1: ten minutes."""
    address = browser.to_provider()
    portal.clock.turn(minutes=10, seconds=1)
    assert browser.come_back(address).status == 400


def test_fifty_abandoned_sign_ins_fit_into_the_cookie(browser: Browser) -> None:
    """R7, T8: the newest five are kept, in 4096 bytes with everything else, and none can be read."""
    longest = "/probe?search=" + "a" * 280
    for _ in range(50):
        address = browser.to_provider(next_page=longest)
    cookies = "; ".join(f"{each.key}={each.value}" for each in browser.client._cookies.values())
    assert len(cookies) <= 4096 - 200, "a session must fit beside it"
    assert parse_qs(urlsplit(address).query)["state"][0] not in cookies
    assert browser.come_back(address).location == longest


def test_a_new_key_of_the_provider_works_at_once(
    new_browser: Callable[[], Browser], provider: Provider
) -> None:
    """R4"""
    assert new_browser().sign_in().status == 303
    provider.keys = [key("first"), key("second")]
    assert new_browser().sign_in().status == 303


def test_made_up_key_ids_do_not_fetch_keys_each_time(browser: Browser, provider: Provider) -> None:
    """R4: two fetches in ten seconds at most."""
    provider.sign = lambda claims, mine: jwt.encode({"alg": "RS256", "kid": "made-up"}, claims, mine)
    for _ in range(10):
        refused(browser)
    assert provider.asked.count("/jwks") <= 3, "one at first, then two"


def test_a_provider_that_hangs_is_not_waited_for(browser: Browser, provider: Provider) -> None:
    """R4, R59: an answer within five seconds."""
    provider.hangs = {"/.well-known/openid-configuration"}
    began = time.perf_counter()
    assert browser.ask("GET", "/login").status == 503
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_a_provider_that_is_down_means_try_later(
    browser: Browser, portal: Running, provider: Provider, path: str
) -> None:
    """R4"""
    provider.down = {path}
    answer = browser.ask("GET", "/login")
    if answer.status == 302:
        answer = browser.sign_in()
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    provider.down = set()
    later(portal, DOWN_SECONDS)
    assert browser.sign_in().status == 303


def later(portal: Running, seconds: float) -> None:
    """So long later, as the client of the provider sees it."""
    identity = portal.app.extensions["identity"]
    before = identity.clock
    identity.clock = lambda: before() + seconds


def test_a_provider_that_is_down_is_not_asked_each_time(
    browser: Browser, portal: Running, provider: Provider
) -> None:
    """R4, R59: whoever presses again in the same seconds is answered at once; then it is asked anew."""
    provider.down = {"/.well-known/openid-configuration"}
    before = len(provider.asked)
    for _ in range(3):
        assert browser.ask("GET", "/login").status == 503
    once = len(provider.asked) - before
    later(portal, DOWN_SECONDS)
    assert browser.ask("GET", "/login").status == 503
    assert len(provider.asked) - before == 2 * once > 0


def test_code_verifier_matches_challenge(browser: Browser, provider: Provider) -> None:
    """R2: the provider would refuse another verifier, and our client secret is needed."""
    provider.codes.clear()
    address = browser.to_provider()
    code = parse_qs(urlsplit(address).query)["code"][0]
    provider.codes[code]["code_challenge"] = urlsafe_b64encode(hashlib.sha256(b"x").digest()).decode()
    assert browser.come_back(address).status == 400
