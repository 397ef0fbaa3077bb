"""Where signing in leads: pages of ours and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.web.identity.return_path import return_path
from tests.builders import Running
from tests.web.browser import Browser

pytestmark = pytest.mark.requirement("R18", "T13")

ELSEWHERE = [
    "//evil.example", "/\\evil.example", "/%5cevil.example", "\t//evil.example", "/\t/evil.example",
    "///evil.example", "https:evil.example", "https://evil.example", "javascript:alert(1)", "/@evil.example",
    "/probe/../../evil", "/%2f/evil.example", "//evil.example/probe", "/probe\r\nSet-Cookie: a=b", " /probe",
    "/probe%0d%0aSet-Cookie:a=b", "/x%0d%0aSet-Cookie:", "/probe#fragment",
    "\\\\evil.example", "/.//evil.example", "/%2e%2e//evil.example", "/no/such/page", "http:///probe",
    "/login", "/login/callback?code=a", "/static/js/main.js", "/prob\u00e9", "\u2028/probe", "",
    "probe", "?next=/probe",
    "/files.example.org@evil.example", "/probe\x00", "/" + "a" * 5000,
]  # fmt: skip


def test_what_is_no_page_of_ours_is_the_front_page(portal: Running) -> None:
    with portal.app.test_request_context():
        assert {wanted: return_path(wanted) for wanted in ELSEWHERE} == dict.fromkeys(ELSEWHERE, "/")


def test_our_own_pages_are_kept(portal: Running) -> None:
    ours = ["/", "/probe", "/probe?sort=name&after=abc", "/probe?search=a%20b"]
    with portal.app.test_request_context():
        assert [return_path(wanted) for wanted in ours] == ours


@pytest.mark.requirement("T8")
def test_a_long_or_odd_query_is_left_behind(portal: Running) -> None:
    """What waits in the cookie stays small, and has no line breaks."""
    with portal.app.test_request_context():
        assert return_path("/probe?search=" + "a" * 400) == "/probe"
        assert return_path("/probe?a=%0d%0aSet-Cookie:") == "/probe"


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(wanted=st.one_of(st.text(max_size=60), st.from_regex(r"/[/\\@%a-z0-9.:?#\t]{0,20}", fullmatch=True)))
def test_nothing_leads_elsewhere(portal: Running, wanted: str) -> None:
    """Whatever it is, the answer is a path of ours and no exception."""
    with portal.app.test_request_context():
        found = return_path(wanted)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert found.isascii()
    assert found.isprintable()


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/x%0d%0aSet-Cookie:a=b"])
def test_the_way_over_the_provider_does_not_help(browser: Browser, wanted: str) -> None:
    """Stored across the provider's pages, and never a 500."""
    assert browser.sign_in(next_page=wanted).location == "/"
    assert browser.ask("GET", "/login", 302, query_string={"next": wanted}).location == "/"
