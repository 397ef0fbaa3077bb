"""File names, as people and attackers give them (R34, R35)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import names
from portal.domain.errors import Invalid
from portal.domain.names import NAME_BYTES, attachment, content_type, kind, safe_name, search_words, split

TORTURE = {
    "../../etc/passwd": "passwd",
    "C:\\Users\\ana\\report.pdf": "report.pdf",
    "evil\u202efdp.exe": "evilfdp.exe",
    "zero\u200bwidth\ufeff.txt": "zerowidth.txt",
    "nul\x00byte.txt": "nulbyte.txt",
    "line\r\nbreak.txt": "line break.txt",
    "CON": "_CON",
    "aux.txt": "_aux.txt",
    "com1.tar.gz": "_com1.tar.gz",
    "trailing. . ": "trailing",
    "a:b|c?.txt": "a_b_c_.txt",
    "invoice.pdf.exe": "invoice.pdf.exe",
    "e\u0301te\u0301.pdf": "été.pdf",
    ".profile": ".profile",
}


@pytest.mark.parametrize(("raw", "kept"), TORTURE.items())
def test_the_torture_list_is_kept_safe(raw: str, kept: str) -> None:
    """R34."""
    assert safe_name(raw) == kept


@pytest.mark.parametrize("raw", ["", "   ", "...", "/", "\u202e", "..", "\x00"])
def test_nothing_left_to_call_a_file_is_refused(raw: str) -> None:
    """R34."""
    with pytest.raises(Invalid):
        safe_name(raw)


@given(st.text(max_size=400), st.sampled_from(["", ".pdf", ".tar.gz", ".文書"]))
def test_a_safe_name_is_safe_whatever_comes(stem: str, extension: str) -> None:
    """R34: one path part, nothing invisible, short enough, and safe again."""
    try:
        name = safe_name(stem + extension)
    except Invalid:
        return
    assert 0 < len(name.encode()) <= NAME_BYTES
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Co"} for each in name)
    assert safe_name(name) == name


def test_a_long_name_keeps_its_extension() -> None:
    """R34: cut in the stem, at a whole character, never in the extension."""
    name = safe_name("ü" * 300 + ".xlsx")
    assert name.endswith("ü.xlsx")
    assert len(name.encode()) <= NAME_BYTES


@given(st.text(min_size=1, max_size=100))
def test_the_download_header_is_one_ascii_line(raw: str) -> None:
    """R35: nothing in a name ends the header or its quotes."""
    try:
        header = attachment(safe_name(raw))
    except Invalid:
        return
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    assert header.count('"') == 2


def test_the_download_header_carries_the_whole_name() -> None:
    """R35, RFC 8187."""
    assert attachment('ré"s.pdf').endswith("filename*=UTF-8''r%C3%A9%22s.pdf")


def test_types_come_from_a_closed_list() -> None:
    assert content_type("page.HTML") == content_type("pic.svg") == "application/octet-stream"
    assert content_type("Scan.PDF") == "application/pdf"
    assert (kind("a.jpg"), kind("b.zip"), kind("c.xlsx"), kind("d.exe")) == (
        "picture",
        "archive",
        "sheet",
        "file",
    )


def test_a_name_is_found_by_its_words() -> None:
    assert search_words("2026-Q3 Über_Sicht.final.pdf") == ("2026", "q3", "über", "sicht", "final", "pdf")
    assert len(search_words(" ".join(map(str, range(100))))) == 10


def test_a_dot_file_has_no_extension() -> None:
    assert split(".profile") == (".profile", "")
    assert split("a.tar.gz") == ("a.tar", ".gz")


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("", ""),
        ("Plans", "Plans"),
        ("Plans/2026", "Plans/2026"),
        ("/Plans//2026/", "Plans/2026"),
        ("Plans\\2026", "Plans/2026"),
        ("A\u0308/b\u202e", "\u00c4/b"),
        ("con/aux.txt", "_con/_aux.txt"),
        ("a:b/c?", "a_b/c_"),
    ],
)
def test_a_folder_is_kept_part_by_part(raw: str, kept: str) -> None:
    """R34: each part is made safe as a name is."""
    assert names.safe_folder(raw) == kept


@pytest.mark.parametrize(
    "raw",
    ["..", "a/../b", "a/.", " / ", "a/\u200b/b", "/".join("abcdefghijk"), "x" * 200 + ("/" + "x" * 200) * 4],
)
def test_a_folder_that_leads_up_or_too_deep_is_refused(raw: str) -> None:
    """R34: nothing of it is quietly left out, since then it would be another folder."""
    with pytest.raises(Invalid):
        names.safe_folder(raw)
