"""Any provider that keeps to OpenID Connect keeps people signed in as promised, and signs them out."""

from __future__ import annotations

from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.identity.test_sessions import find_kept_session, is_signed_in
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider, make_account

pytestmark = pytest.mark.requirement("R85")

HOME = "https://files.example.org/"


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    """The portal with a provider that is not Cognito."""
    portal = make_running(
        clock,
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
        PORTAL_GROUPS_CLAIM="groups",
    )
    portal.app.register_blueprint(probe)
    return portal


def pass_time(browser: Browser, portal: Running, minutes: int, path: str = "/probe") -> list[int]:
    """The statuses of a page opened every twenty minutes."""
    statuses = []
    for _ in range(0, minutes, 20):
        portal.clock.turn(minutes=20)
        statuses.append(browser.open_page(path).status)
    return statuses


KINDS = {
    "rotates": (False, True),
    "id_token_at_refresh": (True, False),
    "refresh_tokens_given": (True, False),
    "end_session": (True, False),
    "userinfo": (True, False),
}
SHAPES = {"a list": ["staff", "admins"], "one text": "admins"}


@pytest.mark.parametrize("kind", list(product(*KINDS.values())), ids=str)
def test_every_kind_of_provider_keeps_people_signed_in_and_signs_them_out(
    browser: Browser, provider: Provider, portal: Running, kind: tuple[bool, ...]
) -> None:
    for name, value in zip(KINDS, kind, strict=True):
        setattr(provider, name, value)
    shape = SHAPES["a list" if sum(kind) % 2 else "one text"]
    browser.sign_in(make_account("Ana Lopes", groups=shape))
    assert set(pass_time(browser, portal, 80, "/admin/probe")) == {200}
    session = find_kept_session(portal, browser)
    assert session is not None
    assert bool(session.refresh_token) == provider.refresh_tokens_given
    answer = browser.submit("/logout")
    if provider.end_session:
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert answer.location.startswith(f"{provider.url}/end-session?")
        assert asked["post_logout_redirect_uri"] == [HOME]
        assert asked["client_id"] == ["portal-client"]
        assert asked["id_token_hint"][0].count(".") == 2
    else:
        assert answer.location == "/"
    assert not provider.refresh_tokens
    assert not is_signed_in(browser)


@pytest.mark.requirement("R9")
@pytest.mark.parametrize("refreshes", [True, False], ids=["refresh tokens", "through the browser"])
def test_a_session_in_use_lasts_twelve_hours(
    browser: Browser, provider: Provider, portal: Running, refreshes: bool
) -> None:
    """No more and no less, whatever the provider gives."""
    provider.refresh_tokens_given, provider.rotates = refreshes, True
    browser.sign_in()
    token = browser.get("/probe").fields("/probe")["csrf_token"]
    assert set(pass_time(browser, portal, 700)) == {200}
    browser.submit("/probe", csrf_token=token, said="forms in other tabs stay valid")
    before = str(browser.cookie("session"))
    pass_time(browser, portal, 20)
    assert browser.cookie("session") != before, "signed in again, as the provider still knows them"


def test_one_page_at_a_time_is_led_through_the_provider(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """Two tabs share the cookie of sign-ins under way, and would overwrite each other's."""
    provider.refresh_tokens_given = False
    browser.sign_in()
    portal.clock.turn(minutes=15)
    first = browser.ask("GET", "/probe?tab=1", 302)
    assert parse_qs(urlsplit(first.location).query)["prompt"] == ["none"]
    assert browser.ask("GET", "/probe?tab=2").status == 200


ASKED_QUIETLY = [
    ("POST", "/probe", {}),
    ("GET", "/v1/session", {}),
    ("GET", "/probe", {"Sec-Fetch-Mode": "cors"}),
    ("GET", "/probe", {"Sec-Fetch-Dest": "iframe"}),
    ("GET", "/probe", {"Sec-Purpose": "prefetch"}),
    ("HEAD", "/probe", {}),
    ("GET", "/", {}),
]


@pytest.mark.parametrize(("method", "path", "headers"), ASKED_QUIETLY)
def test_only_a_page_that_is_opened_is_led_away(
    browser: Browser, provider: Provider, portal: Running, method: str, path: str, headers: dict[str, str]
) -> None:
    provider.refresh_tokens_given = False
    browser.sign_in()
    data = browser.get("/probe").fields("/probe") | {"said": "x"} if method == "POST" else {}
    portal.clock.turn(minutes=15)
    assert browser.ask(method, path, headers=headers, data=data).location in ("", "/probe", "/files")


@pytest.mark.requirement("R10")
def test_nobody_stays_without_being_vouched_for(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """What never goes through the provider, such as a thief's script, ends after the documented hour."""
    provider.refresh_tokens_given = False
    browser.sign_in()
    for _ in range(2):
        portal.clock.turn(minutes=29)
        browser.ask("GET", "/v1/session", 200)
    portal.clock.turn(minutes=2)
    browser.ask("GET", "/v1/session", 401)
    assert browser.open_page("/probe").status == 200, "a page renews it"
    browser.ask("GET", "/v1/session", 200)


@pytest.mark.requirement("R10")
def test_who_is_signed_out_at_the_provider_is_asked_to_sign_in(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """`login_required`."""
    provider.refresh_tokens_given = False
    browser.sign_in()
    provider.is_signed_in = False
    portal.clock.turn(minutes=15)
    back = browser.come_back(browser.through_provider(browser.ask("GET", "/probe", 302)))
    assert back.location.startswith(f"{provider.url}/authorize?")
    assert "prompt=none" not in back.location
    assert find_kept_session(portal, browser) is None


@pytest.mark.requirement("R4", "R10")
def test_a_provider_that_cannot_renew_just_now_changes_nothing(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """People go on, and are not led in circles; the hour counts here too."""
    provider.refresh_tokens_given = False
    browser.sign_in()
    provider.down = {"/token"}
    assert pass_time(browser, portal, 40) == [200, 200]
    portal.clock.turn(minutes=21)
    assert browser.open_page("/probe").status == 503


def test_somebody_else_at_the_provider_gets_a_session_of_their_own(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    provider.refresh_tokens_given = False
    browser.sign_in(make_account("Ana Lopes", groups=["admins"]))
    before = find_kept_session(portal, browser)
    provider.account = make_account("Ben Okoro")
    portal.clock.turn(minutes=15)
    assert "Ben Okoro" in browser.open_page("/probe").text
    browser.get("/admin/probe", 403)
    assert before is not None
    assert find_kept_session(portal, browser) != before


@pytest.mark.requirement("R10")
def test_a_refresh_without_an_id_token_asks_userinfo(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """OpenID Connect Core 12.2: who is an administrator by now, and who is none any more."""
    provider.id_token_at_refresh, provider.userinfo, provider.rotates = False, True, True
    browser.sign_in(make_account("Ana Lopes"))
    for groups, status in ((["admins"], 200), ("admins", 200), ([], 403), ("admins", 200), (None, 403)):
        provider.account.claims.pop("groups", None)
        provider.account.claims |= {} if groups is None else {"groups": groups}
        portal.clock.turn(minutes=15)
        browser.get("/admin/probe", status)


def test_userinfo_about_somebody_else_ends_the_session(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """OpenID Connect Core 5.3.2"""
    provider.id_token_at_refresh, provider.userinfo = False, True
    browser.sign_in()
    provider.userinfo_says = {"sub": "somebody else", "groups": ["admins"]}
    portal.clock.turn(minutes=15)
    assert not is_signed_in(browser)


@pytest.mark.parametrize("userinfo", [True, False])
def test_what_a_refresh_does_not_say_is_kept_with_one_warning(
    browser: Browser, provider: Provider, portal: Running, caplog: pytest.LogCaptureFixture, userinfo: bool
) -> None:
    provider.id_token_at_refresh, provider.rotates = False, True
    browser.sign_in(make_account("Ana Lopes", groups=["admins"]))
    provider.userinfo = userinfo
    del provider.account.claims["groups"]
    assert set(pass_time(browser, portal, 140, "/admin/probe")) == {200}
    assert [each.message for each in caplog.records].count("refreshes do not say the groups") == 1


@pytest.mark.parametrize("down", [{"/userinfo"}, {"/jwks"}])
def test_a_new_refresh_token_is_kept_whatever_else_fails(
    browser: Browser, provider: Provider, portal: Running, down: set[str]
) -> None:
    """The old one is used up: without the new one the session could never be checked again."""
    provider.rotates, provider.userinfo = True, True
    provider.id_token_at_refresh = down == {"/jwks"}
    browser.sign_in()
    portal.app.extensions.pop("identity")  # as a fresh process, which knows no keys
    provider.down = down
    assert pass_time(browser, portal, 40) == [200, 200]
    provider.down = set()
    portal.app.extensions.pop("identity")
    assert set(pass_time(browser, portal, 80)) == {200}


@pytest.mark.requirement("R2")
@pytest.mark.parametrize("offered", [["openid", "offline_access", "groups"], ["openid"], None])
def test_offline_access_is_asked_for_where_it_is_offered(
    browser: Browser, provider: Provider, portal: Running, offered: list[str] | None
) -> None:
    """Few scopes; one of the groups' claim where there is such a scope."""
    provider.scopes, provider.refresh_tokens_given = offered, "offline_access"
    browser.sign_in()
    more = " offline_access groups" if offered and len(offered) > 1 else ""
    assert provider.requests[-1]["scope"] == "openid email profile" + more
    assert len(provider.refresh_tokens) == bool(more)


def test_a_provider_that_takes_the_secret_in_the_body_alone(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """OpenID Connect Core 9: by `token_endpoint_auth_methods_supported`."""
    provider.post_only = provider.rotates = True
    browser.sign_in()
    assert set(pass_time(browser, portal, 60)) == {200}


@pytest.mark.requirement("R17")
def test_pages_of_the_provider_at_another_address_are_reached_after_a_form(
    browser: Browser, provider: Provider, portal: Running
) -> None:
    """Chromium holds a form's redirects against the page's form-action, which knows the metadata's
    address alone; a page of ours ends the chain and leads on."""
    provider.end_session = True
    provider.pages_url = provider.url.replace("127.0.0.1", "localhost")
    begun = browser.get("/login")
    address = begun.headers["Refresh"].removeprefix("0; url=")
    assert address.startswith(f"{provider.pages_url}/authorize?")
    assert address in begun.links.values()
    begun.headers["Location"] = address
    browser.come_back(browser.through_provider(begun))
    browser.get("/probe")
    left = browser.submit("/logout", 200)
    assert left.headers["Refresh"].startswith(f"0; url={provider.pages_url}/end-session?")
    assert not is_signed_in(browser)
