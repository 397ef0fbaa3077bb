"""static/js/bytes.js: sizes and speeds as the rest of the portal writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal import formatting

CODE = Path(__file__).parents[2] / "static/js/bytes.js"
WRITE = """async ([code, language, sizes]) => {
    document.documentElement.lang = language;
    const { prettierBytes } = await import("data:text/javascript," + encodeURIComponent(code));
    return sizes.map(prettierBytes);
}"""
SIZES = [0, 0.4, 1, 27.537, 999, 999.4, 999.6, 1000, 27_537, 999_949, 999_950, 2_400_000_123, 27_537.9, 1e12]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_size_is_written_as_on_every_page(headless_shell: Browser, language: str) -> None:
    """A speed is a fraction, and no part of a byte is shown: 27.537 of them read like 27,537."""
    page = headless_shell.new_page()
    page.set_content("<!doctype html><title>Bytes</title>")
    written = page.evaluate(WRITE, [CODE.read_text(), language, SIZES])
    page.close()
    assert written == [formatting.size(round(each), language) for each in SIZES]
