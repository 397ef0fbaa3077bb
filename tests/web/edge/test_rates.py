"""Too often: who guesses, asks or tries without end is told to wait, and others are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.wrappers import Response

from portal.domain.errors import Unavailable
from portal.domain.policy.limits import Rate, Rates
from tests.actions import link_token, list_mails, list_rows, make_person, share_files, upload_file
from tests.builders import Running, make_running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider
from tests.web.signed_in import Calls, sign_in

pytestmark = pytest.mark.requirement("R46")

CLARA = make_person("Clara Diaz")
TIGHT = Rates(
    guesses=Rate("guess", 3, 0, 600), codes=Rate("code", 2, 0, 600), tries=Rate("try", 2, 0, 600),
    asks=Rate("ask", 1, 0, 600), sign_ins=Rate("sign-in", 2, 0, 600), writes=Rate("write", 2, 0, 600),
    downloads=Rate("download", 2, 0, 3600),
)  # fmt: skip
NOWHERE = "/d/" + "0" * 95


class Broken:
    """Counters that cannot be reached."""

    def take(self, *_: Any) -> bool:
        raise Unavailable


def replace_services(made: Running, **changes: Any) -> Running:
    return replace(made, portal=replace(made.portal, services=replace(made.portal.services, **changes)))


@pytest.fixture
def portal(aws: None, clock: Any, provider: Provider) -> Running:
    """As ever, but with tight limits."""
    made = make_running(clock, PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration")
    limits = replace(made.portal.services.limits, rates=TIGHT)
    made = replace_services(made, limits=limits)
    made.app.register_blueprint(probe)
    return made


@pytest.fixture
def unknown(portal: Running) -> Browser:
    """Someone's browser while the counters cannot be reached."""
    return Browser(replace_services(portal, rates=Broken()))


@pytest.fixture
def link(portal: Running) -> Callable[..., str]:
    def made(**rules: Any) -> str:
        return f"/d/{link_token(portal, share_files(portal, CLARA, [upload_file(portal, CLARA)], **rules))}"

    return made


def counters(portal: Running) -> list[str]:
    return [item["pk"]["S"] for item in list_rows(portal) if item["pk"]["S"].startswith("RATE#")]


@pytest.mark.requirement("R45")
def test_guessing_links_ends_and_the_right_one_still_opens(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """Unknown, malformed and foreign links count alike; a link that is right costs no counter."""
    right = link()
    foreign = right[:-1] + ("A" if right[-1] != "A" else "B")
    with Calls(portal) as calls:
        browser.get(right)
    assert len(calls.names) == 3
    assert counters(portal) == []
    for guess in (NOWHERE, "/d/no-token", foreign):
        browser.get(guess, 404)
    late = browser.get(NOWHERE, 429)
    assert 0 < int(late.headers["Retry-After"]) <= 600
    assert "Try again in" in late.text
    browser.get(right)
    portal.clock.turn(minutes=10)
    browser.get(NOWHERE, 404)


def test_another_source_is_not_counted_in(browser: Browser, portal: Running) -> None:
    """Each by itself; the whole /64 of an IPv6 address is one."""

    def guess(address: str) -> int:
        answer = browser.client.get(NOWHERE, base_url=browser.origin, environ_base={"REMOTE_ADDR": address})
        return answer.status_code

    assert [guess(f"2001:db8:0:7::{n}") for n in range(4)] == [404, 404, 404, 429]
    assert [guess("2001:db8:0:8::1"), guess("198.51.100.7")] == [404, 404]


def test_all_together_have_a_limit_too(aws: None, portal: Running) -> None:
    """Many sources that guess at once."""
    rates = TIGHT._replace(guesses=Rate("guess", 300, 3, 600))
    limits = replace(portal.portal.services.limits, rates=rates)
    browser = Browser(replace_services(portal, limits=limits))
    answers = [
        browser.client.get(NOWHERE, base_url=browser.origin, environ_base={"REMOTE_ADDR": f"198.51.100.{n}"})
        for n in range(4)
    ]
    assert [each.status_code for each in answers] == [404, 404, 404, 429]


def test_codes_have_a_limit_for_each_source(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """Over many links from one place; in words on the page, and no email goes out."""
    links = [link(confirm=True, recipients_text=f"p{n}@example.com") for n in range(3)]
    before = len(list_mails(portal))
    for each in links[:2]:
        browser.get(each)
        browser.submit(f"{each}/code")
    browser.get(links[2])
    late = browser.submit(f"{links[2]}/code", 429)
    assert "Retry-After" in late.headers
    assert "Try again in" in late.text
    assert len(list_mails(portal)) == before + 2


@pytest.mark.requirement("R44")
def test_nobody_without_a_link_can_close_it_to_others(portal: Running, link: Callable[..., str]) -> None:
    """Whoever guesses takes nothing of the codes, tries and requests of all together; and one
    recipient no more codes than are their own, here five of the six.
    """
    rates = Rates(codes=Rate("code", 99, 6, 600), tries=Rate("try", 99, 1, 600), asks=Rate("ask", 99, 1, 600))
    limits = replace(portal.portal.services.limits, rates=rates)
    browser = Browser(replace_services(portal, limits=limits))
    one, another = (link(confirm=True, recipients_text=f"{each}@example.com") for each in ("p", "q"))
    secret = browser.get(one).fields(f"{one}/code")["csrf_token"]
    typed = {"csrf_token": secret, "code": "123456", "password": "a long one"}
    for path in (NOWHERE, one[:-1] + ("A" if one[-1] != "A" else "B")):
        for what in ("code", "confirm", "password", "ask"):
            assert {browser.ask("POST", f"{path}/{what}", data=typed).status for _ in range(2)} == {404}
    asked = [browser.ask("POST", f"{one}/code", data=typed).status for _ in range(9)]
    assert asked == [303] * 5 + [429] * 4
    browser.get(another)
    browser.follow(browser.submit(f"{another}/code"))
    browser.submit(f"{another}/confirm", code="123456")


def test_tries_have_one_too(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """Beside the five of a code, which are one recipient's."""
    path = link(confirm=True)
    browser.get(path)
    browser.follow(browser.submit(f"{path}/code"))
    assert [browser.submit(f"{path}/confirm", None, code="123456").status for _ in range(2)] == [303, 303]
    assert "Retry-After" in browser.submit(f"{path}/confirm", 429, code="123456").headers


def test_without_counters_pages_stay_open_and_codes_do_not(
    unknown: Browser, portal: Running, link: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """What lets in fails closed, what shows a page open, with a line in the log."""
    path = link(confirm=True)
    unknown.get(NOWHERE, 404)
    assert ("guess", "unknown") in [
        (each.__dict__.get("bucket"), each.__dict__.get("outcome")) for each in caplog.records
    ]
    unknown.get(path)
    before = len(list_mails(portal))
    unknown.submit(f"{path}/code", 503)
    assert len(list_mails(portal)) == before
    unknown.submit(f"{path}/code", 503)


def bring_made_up_code(browser: Browser) -> Page:
    """A sign-in that this browser began, with a code that the provider never gave."""
    state = parse_qs(urlsplit(browser.to_provider()).query)["state"][0]
    return browser.ask("GET", f"/login/callback?code=made-up&state={state}")


def bring_made_up_state(browser: Browser) -> Page:
    return browser.ask("GET", "/login/callback?state=none&code=none")


@pytest.mark.requirement("R81")
@pytest.mark.parametrize("made_up", [bring_made_up_code, bring_made_up_state])
def test_made_up_sign_ins_have_a_limit_and_lock_nobody_out(
    new_browser: Callable[[], Browser], portal: Running, made_up: Callable[[Browser], Page]
) -> None:
    """A whole office may share one address: whom the provider vouches for is let in all the same."""
    browser = new_browser()
    assert [made_up(browser).status for _ in range(3)] == [400, 400, 429]
    assert "Retry-After" in made_up(browser).headers
    assert new_browser().sign_in().status == 303
    portal.clock.turn(minutes=10)
    assert made_up(browser).status == 400


def decline_at_provider(browser: Browser, provider: Provider) -> Page:
    state = parse_qs(urlsplit(browser.to_provider()).query)["state"][0]
    return browser.ask("GET", f"/login/callback?error=access_denied&state={state}")


def meet_lying_provider(browser: Browser, provider: Provider) -> Page:
    provider.lie = lambda claims: claims | {"aud": "somebody-else"}
    return browser.sign_in()


def make_sign_in(what: Any) -> Callable[[Browser, Provider], Page]:
    def sign_in(browser: Browser, provider: Provider) -> Page:
        provider.answer = lambda _: what
        return browser.sign_in()

    return sign_in


def not_answered(*paths: str) -> Callable[[Browser, Provider], Page]:
    def sign_in(browser: Browser, provider: Provider) -> Page:
        provider.down = set(paths)
        return browser.sign_in()

    return sign_in


NOBODYS_FAULT = {
    "declined": decline_at_provider, "a token that lies": meet_lying_provider, "down": not_answered("/token"),
    "no keys": not_answered("/jwks"), "no JSON": make_sign_in(Response("<html>")),
    "nothing": make_sign_in({}), "a list": make_sign_in(Response("[]")),
    "forbidden": make_sign_in(Response("no", 403)),
    "no such client": make_sign_in(Response('{"error": "invalid_client"}', 401)),
    "too many": make_sign_in(Response('{"error": "temporarily_unavailable"}', 429)),
    "a server's error": make_sign_in(Response('{"error": "server_error"}', 400)),
}  # fmt: skip


@pytest.mark.requirement("R81")
@pytest.mark.parametrize("failed", NOBODYS_FAULT.values(), ids=NOBODYS_FAULT)
def test_what_the_provider_does_counts_against_nobody(
    browser: Browser, provider: Provider, failed: Callable[[Browser, Provider], Page]
) -> None:
    for _ in range(4):
        assert failed(browser, provider).status in (400, 503)
    for _ in range(2):
        assert bring_made_up_state(browser).status == 400, "nothing is counted yet"


def test_programs_have_a_limit_for_each_person(new_browser: Callable[[], Browser], portal: Running) -> None:
    """Reading is not counted, and neither is anyone else."""
    ana, ben = new_browser(), new_browser()
    statuses = []
    for browser, name in ((ana, "Ana Lopes"), (ben, "Ben Okoro")):
        sign_in(browser, name)
        secret = browser.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
        headers = {"X-CSRFToken": secret}
        browser.ask("GET", "/v1/session", 200)
        many = 3 if browser is ana else 1
        for place in range(many):
            body = {"name": f"{place}.txt", "size": 3}
            statuses.append(browser.ask("POST", "/v1/uploads", json=body, headers=headers).status)
    assert statuses == [201, 201, 429, 201]


def test_a_recipient_has_a_limit_of_downloads(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """Also where the sender set none; two calls as ever, and nothing is counted that was refused."""
    path = link()
    for _ in range(2):
        browser.get(path)
        with Calls(portal) as calls:
            browser.submit(f"{path}/download")
        assert len(calls.names) == 2
    browser.get(path)
    assert "Retry-After" in browser.submit(f"{path}/download", 429).headers
    portal.clock.turn(hours=1)
    browser.get(path)
    browser.submit(f"{path}/download")


def test_counters_forget_themselves(browser: Browser, portal: Running) -> None:
    """Each window's item has its end."""
    browser.get(NOWHERE, 404)
    found = [item for item in list_rows(portal) if item["pk"]["S"].startswith("RATE#")]
    assert found
    for item in found:
        assert 0 < int(item["ttl"]["N"]) - portal.clock().timestamp() <= 2 * 3600
