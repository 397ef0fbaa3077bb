"""Too often: who guesses, asks or tries without end is told to wait, and others are not (R46)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Unavailable
from portal.domain.limits import Rate, Rates
from tests.builders import Running, running
from tests.doing import mails, rows, shared, somebody, token_of, uploaded
from tests.web.browser import Browser
from tests.web.probe import blueprint as probe
from tests.web.provider import Provider
from tests.web.signed_in import Calls, signed_in

CLARA = somebody("Clara Diaz")
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

    def used(self, *_: Any) -> int:
        raise Unavailable


def with_services(made: Running, **changes: Any) -> Running:
    return replace(made, portal=replace(made.portal, services=replace(made.portal.services, **changes)))


@pytest.fixture
def portal(aws: None, clock: Any, provider: Provider) -> Running:
    """As ever, but with tight limits."""
    made = running(clock, PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration")
    limits = replace(made.portal.services.limits, rates=TIGHT)
    made = with_services(made, limits=limits)
    made.app.register_blueprint(probe)
    return made


@pytest.fixture
def unknown(portal: Running) -> Browser:
    """Somebody's browser while the counters cannot be reached."""
    return Browser(with_services(portal, rates=Broken()))


@pytest.fixture
def link(portal: Running) -> Callable[..., str]:
    def made(**rules: Any) -> str:
        return f"/d/{token_of(portal, shared(portal, CLARA, [uploaded(portal, CLARA)], **rules))}"

    return made


def counters(portal: Running) -> list[str]:
    return [item["pk"]["S"] for item in rows(portal) if item["pk"]["S"].startswith("RATE#")]


def test_guessing_links_ends_and_the_right_one_still_opens(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """R46, R45: unknown, malformed and foreign links count alike; a link that is right costs no counter."""
    right = link()
    foreign = right[:-1] + ("A" if right[-1] != "A" else "B")
    with Calls(portal) as calls:
        browser.get(right)
    assert len(calls.names) == 2
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
    """R46: each by itself; the whole /64 of an IPv6 address is one."""

    def guess(address: str) -> int:
        answer = browser.client.get(NOWHERE, base_url=browser.origin, environ_base={"REMOTE_ADDR": address})
        return answer.status_code

    assert [guess(f"2001:db8:0:7::{n}") for n in range(4)] == [404, 404, 404, 429]
    assert [guess("2001:db8:0:8::1"), guess("198.51.100.7")] == [404, 404]


def test_all_together_have_a_limit_too(aws: None, portal: Running) -> None:
    """R46: many sources that guess at once."""
    rates = TIGHT._replace(guesses=Rate("guess", 300, 3, 600))
    limits = replace(portal.portal.services.limits, rates=rates)
    browser = Browser(with_services(portal, limits=limits))
    answers = [
        browser.client.get(NOWHERE, base_url=browser.origin, environ_base={"REMOTE_ADDR": f"198.51.100.{n}"})
        for n in range(4)
    ]
    assert [each.status_code for each in answers] == [404, 404, 404, 429]


def test_codes_have_a_limit_for_each_source(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """R46: over many links from one place; in words on the page, and no mail goes out."""
    links = [link(confirm=True, recipients_text=f"p{n}@example.com") for n in range(3)]
    before = len(mails(portal))
    for each in links[:2]:
        browser.get(each)
        browser.submit(f"{each}/code")
    browser.get(links[2])
    late = browser.submit(f"{links[2]}/code", 429)
    assert "Retry-After" in late.headers
    assert "Try again in" in late.text
    assert len(mails(portal)) == before + 2


def test_nobody_without_a_link_can_close_it_to_others(portal: Running, link: Callable[..., str]) -> None:
    """R44, R46: whoever guesses takes nothing of the codes, tries and requests of all together; and one
    recipient no more codes than are their own, here five of the six.
    """
    rates = Rates(codes=Rate("code", 99, 6, 600), tries=Rate("try", 99, 1, 600), asks=Rate("ask", 99, 1, 600))
    limits = replace(portal.portal.services.limits, rates=rates)
    browser = Browser(with_services(portal, limits=limits))
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
    browser.submit(f"{another}/confirm", 400, code="123456")


def test_tries_have_one_too(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """R46: beside the five of a code, which are one recipient's."""
    path = link(confirm=True)
    browser.get(path)
    browser.follow(browser.submit(f"{path}/code"))
    assert [browser.submit(f"{path}/confirm", None, code="123456").status for _ in range(2)] == [400, 400]
    assert "Retry-After" in browser.submit(f"{path}/confirm", 429, code="123456").headers


def test_without_counters_pages_stay_open_and_codes_do_not(
    unknown: Browser, portal: Running, link: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """R46: what lets in fails closed, what shows a page open, with a line in the log."""
    path = link(confirm=True)
    unknown.get(NOWHERE, 404)
    assert ("guess", "unknown") in [
        (each.__dict__.get("bucket"), each.__dict__.get("outcome")) for each in caplog.records
    ]
    unknown.get(path)
    before = len(mails(portal))
    unknown.submit(f"{path}/code", 503)
    assert len(mails(portal)) == before
    unknown.submit(f"{path}/code", 503)


def test_sign_ins_that_fail_have_a_limit(browser: Browser, portal: Running, provider: Provider) -> None:
    """R46: the provider is not asked any more then."""
    provider.lie = lambda claims: claims | {"aud": "somebody-else"}
    for _ in range(2):
        assert browser.sign_in().status == 400
    asked = provider.asked.count("/token")
    late = browser.sign_in()
    assert (late.status, provider.asked.count("/token")) == (429, asked)
    assert "Retry-After" in late.headers
    portal.clock.turn(minutes=10)
    assert browser.sign_in().status == 400


def test_nobody_is_locked_out_of_signing_in_by_others(browser: Browser, provider: Provider) -> None:
    """R1, R46: whatever another site has browsers of the same network ask for is not counted, and neither is
    the provider's own failure.
    """
    for _ in range(4):
        browser.get("/login/callback?state=none&code=none", 400)
    provider.down = {"/token"}
    for _ in range(4):
        assert browser.sign_in().status == 503
    provider.down = set()
    assert browser.sign_in().status == 303


def test_programs_have_a_limit_for_each_person(new_browser: Callable[[], Browser], portal: Running) -> None:
    """R46: reading is not counted, and neither is anybody else."""
    ana, ben = new_browser(), new_browser()
    statuses = []
    for browser, name in ((ana, "Ana Lopes"), (ben, "Ben Okoro")):
        signed_in(browser, name)
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
    """R46: also where the sender set none; two calls as ever, and nothing is counted that was refused."""
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
    """R46: each window's item has its end."""
    browser.get(NOWHERE, 404)
    found = [item for item in rows(portal) if item["pk"]["S"].startswith("RATE#")]
    assert found
    for item in found:
        assert 0 < int(item["ttl"]["N"]) - portal.clock().timestamp() <= 2 * 3600
