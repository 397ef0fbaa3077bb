"""static/js/text-encoding.js: a text is shown in the encoding it has, or with a word that it is guessed."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from playwright.sync_api import Browser

CODE = Path(__file__).parents[2] / "static/js/text-encoding.js"
DECODE = """async ([code, bytes, cut]) => {
    const { decodeText } = await import("data:text/javascript," + encodeURIComponent(code));
    const { text, guessed } = decodeText(new Uint8Array(bytes), cut);
    return [text, guessed];
}"""
TEXT = "Größe, naïve: 5 €\n"
EAST = "Отчёт\n"
CASES = [
    (TEXT.encode(), False, TEXT, ""),
    (codecs.BOM_UTF8 + TEXT.encode(), False, TEXT, ""),
    (codecs.BOM_UTF16_LE + EAST.encode("utf-16-le"), False, EAST, ""),
    (codecs.BOM_UTF16_BE + EAST.encode("utf-16-be"), False, EAST, ""),
    (TEXT.encode()[:3], True, "Gr", ""),  # cut within a letter
    (b"", False, "", ""),
    (TEXT.encode("cp1252"), False, TEXT, "Windows-1252"),
    (TEXT.encode("utf-16-le"), False, TEXT, "UTF-16"),
    (TEXT.encode("utf-16-be"), False, TEXT, "UTF-16"),
    ("報告書\n".encode("iso2022_jp"), False, "報告書\n", "ISO-2022-JP"),
    (EAST.encode("cp1251"), False, EAST.encode("cp1251").decode("cp1252"), "Windows-1252"),
    ("報告".encode("shift_jis"), False, None, "Windows-1252"),
    ("報告".encode("gb18030"), False, None, "Windows-1252"),
    (codecs.BOM_UTF16_LE + b"a\x00\x00\xd8b\x00", False, "a\ufffdb", "UTF-16"),
]


@pytest.mark.parametrize(("body", "cut", "text", "guessed"), CASES)
def test_a_guess_is_called_one(
    headless_shell: Browser, body: bytes, cut: bool, text: str | None, guessed: str
) -> None:
    page = headless_shell.new_page()
    page.set_content("<!doctype html><title>Text</title>")
    shown = page.evaluate(DECODE, [CODE.read_text(), list(body), cut])
    page.close()
    assert shown[1] == guessed
    assert text in (None, shown[0])
