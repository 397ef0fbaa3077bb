"""People's text runs in its own direction, on every page and in emails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from portal.web.wording.formats import isolate
from tests.actions import link_token, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R70")
TEMPLATES = Path(__file__).parents[3] / "templates"
# An element with nothing in it but what someone called something or wrote.
OF_PEOPLE = re.compile(
    r"<(?!title|option|bdi)(\w+)([^<>]*(?:\{\{[^{}]*\}\}[^<>]*)*)>\s*\{\{ (?:unlinked(?:_name)?\()?"
    r"[\w.\[\]]*\b(?:name|message|folder|owner_name|note|stem)\b\)?(?: or [^{}]*)? \}\}/?\s*</"
)
WRITTEN_IN = re.compile(r"<(?:textarea|input[^<>]*type=\"search\")[^<>]*>")
NOT_OF_PEOPLE = ("organisation.name", 'name="language"', "brand-name", "file-stem")
HEBREW, ARABIC = "\u05d3\u05d5\u05d7 2026.pdf", "\u0639\u0644\u064a \u062d\u0633\u0646"


@pytest.mark.parametrize(
    "name", sorted(str(each.relative_to(TEMPLATES)) for each in TEMPLATES.rglob("*.html"))
)
def test_what_people_wrote_has_a_direction_of_its_own(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    elements = [each[0] for each in OF_PEOPLE.finditer(text)] + WRITTEN_IN.findall(text)
    of_people = [each for each in elements if not any(other in each for other in NOT_OF_PEOPLE)]
    wrong = [each for each in of_people if 'dir="auto"' not in each]
    assert not wrong, f'{name}: add dir="auto" to {wrong}.'


@pytest.mark.requirement("R24")
@pytest.mark.parametrize(
    ("sentence", "names", "written"),
    [
        ("Ana sent you", ["Ana"], "<bdi>Ana</bdi> sent you"),
        (Markup("&lt;b&gt; &amp; Ana"), ["<b>", "amp", "Ana"], "<bdi>&lt;b&gt;</bdi> &amp; <bdi>Ana</bdi>"),
        ("Ana gave Ana b", ["Ana b", "bdi", "Ana", ""], "<bdi>Ana</bdi> gave <bdi>Ana b</bdi>"),
        ("<script>", [], "&lt;script&gt;"),
    ],
)
def test_a_name_is_kept_apart_from_its_sentence(sentence: str, names: list[str], written: str) -> None:
    """Whatever stands in the name or in the sentence stays text."""
    assert isolate(sentence, *names) == written


def test_a_share_says_it_in_its_own_direction(browser: Browser, portal: Running) -> None:
    owner = sign_in(browser, ARABIC)
    made = share_files(
        portal,
        owner,
        [upload_file(portal, owner, HEBREW)],
        message=f"{ARABIC}: \u0645\u0631\u062d\u0628\u0627",
    )
    browser.get(f"/shares/{made.about}")
    page = browser.page
    assert f"<h1><bdi>{HEBREW}</bdi></h1>" in page.answer.text
    assert f'<p class="quote" dir="auto">{ARABIC}' in page.answer.text
    assert f'title="{HEBREW}" dir="auto"' in page.answer.text
    assert f'<strong dir="auto">{ARABIC}</strong>' in page.answer.text
    partner = browser.get(f"/d/{link_token(portal, made)}")
    assert f"<h1><bdi>{ARABIC}</bdi> sent you a file</h1>" in partner.answer.text
