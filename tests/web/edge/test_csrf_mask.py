"""No two answers write a form's secret alike, so that compressing them gives nothing away (BREACH)."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.edge.csrf import mask_token, unmask_token
from tests.actions import link_token, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R14")


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=2, max_size=300))
def test_what_is_masked_comes_back(token: str) -> None:
    assert unmask_token(mask_token(token)) == token
    assert mask_token(token) != mask_token(token)
    assert token not in mask_token(token) or len(token) < 4


@given(st.text(max_size=300))
def test_anything_may_be_sent(token: str) -> None:
    unmask_token(token)


def tokens(text: str) -> set[str]:
    named = re.findall(r'name="csrf_token" value="([^"]+)"', text)
    return {*named, *re.findall(r'token(?:&#34;|"): ?(?:&#34;|")([\w.-]{30,})', text)}


PLACES = [
    "/",
    "/files",
    "/upload",
    "/account",
    "/groups/new",
    "/shares/new",
    "/v1/session",
    "{link}",
]


@pytest.mark.parametrize("place", PLACES)
def test_answers_have_no_part_of_it_in_common(browser: Browser, portal: Running, place: str) -> None:
    """By each page that has one: two answers share no eight characters of it, and each says one alone."""
    me = sign_in(browser)
    link = f"/d/{link_token(portal, share_files(portal, me, [upload_file(portal, me)], confirm=True))}"
    if place in ("/", "{link}"):
        browser.set_cookie("session", "")
    first, second = (tokens(browser.ask("GET", place.format(link=link)).answer.text) for _ in range(2))
    assert len(first) == len(second) == 1
    one, other = *first, *second
    assert SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size < 8


def test_forms_and_programs_send_it_masked_or_as_it_was(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running
) -> None:
    """A page that was open before an update keeps its secret; every other text is refused."""
    sign_in(browser)
    token = browser.get("/probe").fields("/probe")["csrf_token"]
    plain = unmask_token(token)
    assert plain
    for right in (token, plain, mask_token(plain)):
        browser.submit("/probe", csrf_token=right, said="hello")
        browser.ask("POST", "/v1/probe", 200, json={}, headers={"X-CSRFToken": right})
    other = new_browser()
    sign_in(other, "Ben Okoro")
    foreign = other.get("/probe").fields("/probe")["csrf_token"]
    for wrong in (foreign, mask_token(mask_token(plain)), token[:-4], "A" * 200, "é", mask_token("x"), ""):
        browser.submit("/probe", 400, csrf_token=wrong, said="hello")
