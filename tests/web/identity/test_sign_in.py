"""Signing in: what the portal asks of the provider, what it believes, and what it makes of odd answers."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from werkzeug.wrappers import Response

from portal.domain.audit.record import Action
from portal.web.identity.openid_client import DOWN_SECONDS, TIMEOUT_SECONDS
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.provider import CLIENT, SECRET, Provider, key, make_account


def test_signing_in_leads_back_to_where_one_was_going(browser: Browser) -> None:
    asked = browser.ask("GET", "/probe?sort=name", 303)
    assert asked.location == "/login?next=/probe?sort%3Dname"
    assert browser.sign_in(next_page="/probe?sort=name").location == "/probe?sort=name"


@pytest.mark.requirement("R2")
def test_the_authorization_request_has_all_it_needs(browser: Browser, provider: Provider) -> None:
    """Code, S256, fresh state and nonce of 128 bits and more, few scopes, the configured way back."""
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


@pytest.mark.requirement("I4")
def test_who_signed_in_is_recorded(browser: Browser, portal: Running) -> None:
    """The audit log says who came, when and from where."""
    browser.sign_in()
    record = portal.portal.services.audit.list_newest(portal.clock(), None, 5).items[0]
    assert (record.action, record.actor.name) == (Action.SIGNED_IN, "Ana Lopes")
    assert record.actor.source_ip == "127.0.0.1"


@pytest.mark.requirement("R5")
def test_identity_is_issuer_and_subject(new_browser: Callable[[], Browser]) -> None:
    """The same address with another subject is another person."""
    first, second = new_browser(), new_browser()
    first.sign_in(make_account("Ana Lopes"))
    again = make_account("Ana Lopes")
    again.subject = "a new account with the old address"
    second.sign_in(again)
    assert str(first.cookie("session"))[:26] != str(second.cookie("session"))[:26]


def expect_refusal(browser: Browser, *statuses: int) -> None:
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
    "expired": lambda claims: claims | {"exp": claims["iat"] - 60},
    "no expiry": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "not valid yet": lambda claims: claims | {"nbf": claims["iat"] + 3600},
    "issued in the future": lambda claims: claims | {"iat": claims["iat"] + 3600},
    "an access token": lambda claims: claims | {"token_use": "access"},
    "address not verified": lambda claims: claims | {"email_verified": False},
    "address not verified, as a text": lambda claims: claims | {"email_verified": "false"},
    "a subject that is no text": lambda claims: claims | {"sub": ["sub"]},
}


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_lies_signs_nobody_in(
    browser: Browser, provider: Provider, lie: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    provider.lie = lie
    expect_refusal(browser)


def make_unsigned(claims: Any, _: Any) -> str:
    header = urlsafe_b64encode(b'{"alg":"none","kid":"first"}').rstrip(b"=").decode()
    body = jwt.encode({"alg": "RS256"}, claims, key("first")).split(".")[1]
    return f"{header}.{body}."


def sign_with_client_secret(claims: Any, _: Any) -> str:
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(SECRET * 2))


def sign_with_public_key(claims: Any, mine: Any) -> str:
    secret = OctKey.import_key(mine.as_pem(private=False).decode().replace("BEGIN", "BEGIN_"))
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret)


def sign_with_own_key(claims: Any, _: Any) -> str:
    mine = key("evil")
    header = {"alg": "RS256", "kid": "evil", "jwk": mine.as_dict(private=False)}
    return jwt.encode(header, claims, mine)


SIGNATURES = {
    "none at all": make_unsigned,
    "the client secret": sign_with_client_secret,
    "the public key as a secret": sign_with_public_key,
    "a foreign key with our key id": lambda claims, _: jwt.encode(
        {"alg": "RS256", "kid": "first"}, claims, key("first/foreign")
    ),
    "a key out of its own header": sign_with_own_key,
    "not a token": lambda claims, _: "not.a.token",
}


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("sign", SIGNATURES.values(), ids=SIGNATURES)
def test_only_the_providers_own_signature_counts(
    browser: Browser, provider: Provider, sign: Callable[[Any, Any], str]
) -> None:
    provider.sign = sign
    expect_refusal(browser)


ANSWERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no id token": lambda answer: {name: value for name, value in answer.items() if name != "id_token"},
    "an id token that is no text": lambda answer: answer | {"id_token": {"sub": "ana"}},
    "an error": lambda answer: {"error": "server_error"},
    "a list": lambda answer: Response("[1]", mimetype="application/json"),
    "no JSON": lambda answer: Response("<html>", mimetype="text/html"),
    "a failure": lambda answer: Response("failed", 500),
}


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_odd_token_answer_is_a_friendly_page(
    browser: Browser, provider: Provider, answer: Callable[[dict[str, Any]], Any]
) -> None:
    """Never a 500."""
    provider.answer = answer
    expect_refusal(browser, 400, 503)


@pytest.mark.requirement("R3", "R65")
def test_a_refused_sign_in_is_one_log_line_without_the_token(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.lie = LIES["another audience"]
    browser.sign_in()
    lines = [record for record in caplog.records if record.message == "sign-in refused"]
    assert len(lines) == 1
    assert "eyJ" not in str(vars(lines[0]))


@pytest.mark.requirement("R1")
def test_a_callback_counts_once_and_in_its_own_browser(new_browser: Callable[[], Browser]) -> None:
    """Forged, foreign, repeated and declined callbacks are one page that says to sign in again."""
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


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("odd", ["{used}", "/login/callback", "/login/callback?state=a&code=b", "{declined}"])
def test_signing_in_again_while_signed_in_says_so(browser: Browser, odd: str) -> None:
    """By Back to the provider's page, or in a second tab: no word of a sign-in that did not finish."""
    used, other = browser.to_provider(), browser.to_provider()
    state = parse_qs(urlsplit(other).query)["state"][0]
    browser.come_back(used)
    before = browser.cookie("session")
    paths = {"used": used, "declined": f"/login/callback?error=access_denied&state={state}"}
    page = browser.come_back(odd.format(**paths))
    assert page.status == 400
    assert "You are signed in already, as Ana Lopes." in page.text
    assert "did not finish" not in page.text
    assert browser.cookie("session") == before
    assert browser.follow(browser.ask("GET", page.links["Go to your files"], 302), 302).location == "/files"


@pytest.mark.requirement("T7")
def test_somebody_who_declines_is_not_signed_in(browser: Browser) -> None:
    """`error=access_denied` with a state of ours."""
    state = parse_qs(urlsplit(browser.to_provider()).query)["state"][0]
    assert browser.come_back(f"/login/callback?error=access_denied&state={state}").status == 400
    assert browser.come_back(f"/login/callback?code=a&state={state}").status == 400, "a state counts once"


@pytest.mark.requirement("R1")
def test_an_old_sign_in_cannot_be_finished(browser: Browser, portal: Running) -> None:
    """Ten minutes."""
    address = browser.to_provider()
    portal.clock.turn(minutes=10, seconds=1)
    assert browser.come_back(address).status == 400


@pytest.mark.requirement("R7", "T8")
def test_fifty_abandoned_sign_ins_fit_into_the_cookie(browser: Browser) -> None:
    """The newest five are kept, in 4096 bytes with everything else, and none can be read."""
    longest = "/probe?search=" + "a" * 280
    for _ in range(50):
        address = browser.to_provider(next_page=longest)
    cookies = "; ".join(f"{each.key}={each.value}" for each in browser.client._cookies.values())
    assert len(cookies) <= 4096 - 200, "a session must fit beside it"
    assert parse_qs(urlsplit(address).query)["state"][0] not in cookies
    assert browser.come_back(address).location == longest


@pytest.mark.requirement("R4")
def test_a_new_key_of_the_provider_works_at_once(
    new_browser: Callable[[], Browser], provider: Provider
) -> None:
    assert new_browser().sign_in().status == 303
    provider.keys = [key("first"), key("second")]
    assert new_browser().sign_in().status == 303


@pytest.mark.requirement("R4")
def test_made_up_key_ids_do_not_fetch_keys_each_time(browser: Browser, provider: Provider) -> None:
    """Two fetches in ten seconds at most."""
    provider.sign = lambda claims, mine: jwt.encode({"alg": "RS256", "kid": "made-up"}, claims, mine)
    for _ in range(10):
        expect_refusal(browser)
    assert provider.asked.count("/jwks") <= 3, "one at first, then two"


@pytest.mark.requirement("R4", "R59")
def test_a_provider_that_hangs_is_not_waited_for(browser: Browser, provider: Provider) -> None:
    """An answer within five seconds; one call is made, and its time-outs end before."""
    provider.hangs = {"/.well-known/openid-configuration"}
    before = len(provider.asked)
    assert browser.ask("GET", "/login").status == 503
    assert len(provider.asked) - before == 1
    assert sum(TIMEOUT_SECONDS) < 5


@pytest.mark.requirement("R4")
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_a_provider_that_is_down_means_try_later(
    browser: Browser, portal: Running, provider: Provider, path: str
) -> None:
    provider.down = {path}
    answer = browser.ask("GET", "/login")
    if answer.status == 302:
        answer = browser.sign_in()
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    provider.down = set()
    portal.clock.turn(seconds=DOWN_SECONDS)
    assert browser.sign_in().status == 303


@pytest.mark.requirement("R4", "R59")
def test_a_provider_that_is_down_is_not_asked_each_time(
    browser: Browser, portal: Running, provider: Provider
) -> None:
    """Whoever presses again in the same seconds is answered at once; then it is asked again."""
    provider.down = {"/.well-known/openid-configuration"}
    before = len(provider.asked)
    for _ in range(3):
        assert browser.ask("GET", "/login").status == 503
    once = len(provider.asked) - before
    portal.clock.turn(seconds=DOWN_SECONDS)
    assert browser.ask("GET", "/login").status == 503
    assert len(provider.asked) - before == 2 * once > 0


@pytest.mark.requirement("R2")
def test_code_verifier_matches_challenge(browser: Browser, provider: Provider) -> None:
    """The provider would refuse another verifier, and our client secret is needed."""
    provider.codes.clear()
    address = browser.to_provider()
    code = parse_qs(urlsplit(address).query)["code"][0]
    provider.codes[code]["code_challenge"] = urlsafe_b64encode(hashlib.sha256(b"x").digest()).decode()
    assert browser.come_back(address).status == 400
