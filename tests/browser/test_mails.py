"""Emails in a email program, light and dark, in every language: readable, and nothing runs over."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import assert_accessible
from tools.show_mails import KINDS, letters


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_mails_can_be_read(headless_shell: Browser, language: str, scheme: Literal["light", "dark"]) -> None:
    context = headless_shell.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740})
    page = context.new_page()
    for kind, letter in letters(language).items():
        assert kind in KINDS
        page.set_content(letter.html)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), kind
    context.close()
