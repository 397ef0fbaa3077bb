"""Every email is shown: its picture in both themes, its text as it is sent today."""

from __future__ import annotations

import pytest

from tools.list_tests import CHECKOUT
from tools.show_mails import KINDS, PAGE, PICTURES, letters, page

pytestmark = pytest.mark.requirement("R56")

FOLDERS = {each.parent.name for each in (CHECKOUT / "templates" / "email").glob("*/body.html")}
LARGEST_PICTURE_BYTES = 40_000


def test_every_mail_there_is_is_shown() -> None:
    assert set(KINDS) == FOLDERS
    pictures = {each.name: each.stat().st_size for each in PICTURES.glob("*.png")}
    assert set(pictures) == {f"{kind}-{scheme}.png" for kind in FOLDERS for scheme in ("light", "dark")}
    assert max(pictures.values()) <= LARGEST_PICTURE_BYTES


def test_the_page_says_what_the_mails_say() -> None:
    """`python -m tools.show_mails` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_mail_has_a_text_and_a_page_that_lead_to_the_same_places() -> None:
    """Whoever sees only one of the two misses nothing."""
    for kind, letter in letters().items():
        assert letter.html.startswith("<!doctype html>"), kind
        for word in ("https://files.example.org/d/", "https://files.example.org/shares", "204816"):
            assert (word in letter.text) == (word in letter.html), (kind, word)
