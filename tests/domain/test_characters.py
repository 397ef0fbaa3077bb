"""People's text keeps its words, whatever stands between them."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config.settings import Config
from portal.domain.characters import has_visible, keep_readable, strip_invisible, to_ascii_forms
from portal.domain.contacts.recipient_groups import parse_group_name
from portal.domain.errors import Invalid
from portal.domain.files.names import make_safe_folder, make_safe_name
from portal.domain.mail.email_message import plain_line, single_line
from portal.domain.policy.limits import Limits
from portal.domain.shares.share_rules import message
from tests.builders import make_environment

pytestmark = pytest.mark.requirement("R70")
ROOT = Path(__file__).parents[2]
SPACES = [chr(each) for each in range(0x110000) if unicodedata.category(chr(each)) == "Zs"] + ["\t"]
BREAKS = ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"]
# Words that are written with joiners, and the same of what only looks like one word.
JOINED = [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    "\u0915\u094d\u200d\u0937",
    "\u06f1\u06f0\u200c\u0633\u0627\u0644\u0647",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u2764\ufe0f\u200d\U0001f525",
    "\U0001f469\U0001f3fd\u200d\U0001f4bb",
    "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\U0001f642\u200d\u2194\ufe0f",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u0600\u0661",
    "\U0001fae8",
]
APART = {
    "pay\u200cpal": "paypal",
    "a\u200d": "a",
    "\u200da": "a",
    "\u0645\u200c a": "\u0645 a",
    "\u0645\u200dx": "\u0645x",
    "x\u200d\u0645": "x\u0645",
    "\u0645\u200d\u0915": "\u0645\u0915",
    "\U0001f468\u200dx": "\U0001f468x",
    "x\u200d\U0001f468": "x\U0001f468",
    "a\u200bb\u00ad\u2060\ufeff": "ab",
    "\u202eab\u202c": "ab",
    "\u0645\u200c\u200c\u06cc": "\u0645\u06cc",
    "a\U000e0067b": "ab",
    "\ue000": "",
    "\x00\x1b[1m": "[1m",
}
BLANK = ["\u3164", "\u115f\u1160", "\u2800", "\ufe0f", "\u034f", "\uffa0 \u3164", "\u200d", "\u180e"]


def organisation(text: str) -> str:
    return Config.from_env(make_environment(PORTAL_ORGANISATION_NAME=text)).organisation_name


# Everything that keeps people's text, as one line or as lines.
LINES = {
    "message": lambda text: message(text, Limits()),
    "note": plain_line,
    "sender": lambda text: single_line(text, 500),
    "file": make_safe_name,
    "folder": make_safe_folder,
    "group": parse_group_name,
    "organisation": organisation,
}


@pytest.mark.parametrize("kept_by", LINES)
@pytest.mark.parametrize("between", [*SPACES, *BREAKS], ids=ascii)
def test_no_two_words_grow_together(kept_by: str, between: str) -> None:
    kept = LINES[kept_by](f"10{between}000{between}EUR")
    assert kept in {"10 000 EUR", "10\n000\nEUR"}
    assert ("\n" in kept) == (kept_by == "message" and between in BREAKS)


@pytest.mark.parametrize("kept_by", LINES)
@pytest.mark.parametrize("word", JOINED, ids=ascii)
def test_joiners_stay_in_what_is_written_with_them(kept_by: str, word: str) -> None:
    assert LINES[kept_by](f"a {word} b") == f"a {word} b"


@pytest.mark.parametrize(("text", "kept"), APART.items(), ids=ascii)
def test_what_nobody_sees_goes(text: str, kept: str) -> None:
    assert keep_readable(text) == kept


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_a_name_of_invisible_letters_is_none(text: str) -> None:
    assert not has_visible(text)
    assert single_line(text) == plain_line(text) == ""
    for named in (make_safe_name, make_safe_folder, parse_group_name):
        with pytest.raises(Invalid):
            named(text)


edges = st.text(st.sampled_from(["\u200b", " ", "\u3164", "\u202e", "\ufeff"]), max_size=3)


@given(edges, edges, st.text(st.sampled_from(["a", "\u0645", "1", "\u200b"])).map(lambda each: f"x{each}y"))
def test_what_nobody_sees_at_the_edges_goes_and_nothing_between(before: str, behind: str, text: str) -> None:
    assert strip_invisible(before + text + behind) == text
    assert strip_invisible(before + behind) == ""


@pytest.mark.parametrize("between", [*SPACES, "\u3001"], ids=ascii)
def test_separators_of_other_scripts_become_those_of_ascii(between: str) -> None:
    """The tab stays, since it parts columns; so does every letter."""
    separator = {"\t": "\t", "\u3001": ","}.get(between, " ")
    assert to_ascii_forms(f"é{between}b") == f"é{separator}b"
    assert to_ascii_forms("a\tb") == "a\tb"


def letters_of(text: str) -> str:
    return "".join(each for each in text if unicodedata.category(each)[0] in "LMNPS")


@given(st.text())
def test_every_letter_mark_number_and_sign_is_kept(text: str) -> None:
    kept = keep_readable(text)
    assert letters_of(kept) == letters_of(text)
    assert keep_readable(kept) == kept
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]", kept
    )


def test_one_place_decides_what_stays() -> None:
    """`isprintable` takes every blank but one for nothing, and breaks the words of scripts with joiners."""
    asked = subprocess.run(
        ["git", "ls-files", "portal"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    here = [
        path for path in asked.stdout.split()
        if path.endswith(".py") and "isprintable" in (ROOT / path).read_text()
    ]  # fmt: skip
    assert not here, f"{here} filter people's text: use portal.domain.characters.keep_readable."
