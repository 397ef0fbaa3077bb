"""File names, as people and attackers give them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.files import names
from portal.domain.files.file import SharedFile
from portal.domain.files.names import (
    NAME_BYTES,
    attachment,
    content_type,
    kind,
    make_safe_name,
    search_words,
    split,
)
from portal.domain.files.transliteration import transliterate
from portal.domain.links import archive

pytestmark = pytest.mark.requirement("R34", "R35")

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
    assert make_safe_name(raw) == kept


@pytest.mark.parametrize("raw", ["", "   ", "...", "/", "\u202e", "..", "\x00"])
def test_nothing_left_to_call_a_file_is_refused(raw: str) -> None:
    with pytest.raises(Invalid):
        make_safe_name(raw)


@given(st.text(max_size=400), st.sampled_from(["", ".pdf", ".tar.gz", ".文書"]))
def test_a_safe_name_is_safe_whatever_comes(stem: str, extension: str) -> None:
    """One path part, nothing invisible, short enough, and safe again."""
    try:
        name = make_safe_name(stem + extension)
    except Invalid:
        return
    assert 0 < len(name.encode()) <= NAME_BYTES
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Co"} for each in name)
    assert make_safe_name(name) == name


def test_a_long_name_keeps_its_extension() -> None:
    """Cut in the stem, at a whole character, never in the extension."""
    name = make_safe_name("ü" * 300 + ".xlsx")
    assert name.endswith("ü.xlsx")
    assert len(name.encode()) <= NAME_BYTES


@given(st.text(min_size=1, max_size=100))
def test_the_download_header_is_one_ascii_line(raw: str) -> None:
    """Nothing in a name ends the header or its quotes."""
    try:
        header = attachment(make_safe_name(raw))
    except Invalid:
        return
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    assert header.count('"') == 2


def test_the_download_header_carries_the_whole_name() -> None:
    """RFC 8187."""
    assert attachment('ré"s.pdf').endswith("filename*=UTF-8''r%C3%A9%22s.pdf")


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("Stra\u00dfe \u00c6\u00d8\u00c5 \u0142\u00f3d\u017a.pdf", "Strasse AEOA lodz.pdf"),
        ("\u1e9e\u0130\u0131\u00fe\u0110\u0152.pdf", "SSIithDOE.pdf"),
        ("\u043e\u0442\u0447\u0451\u0442 \u0416\u044c\u042f.xlsx", "otchyot ZhYa.xlsx"),
        ("\u0391\u03b8\u03ae\u03bd\u03b1\u03c2.pdf", "Athinas.pdf"),
        ("na\u00efve \ufb01le \u2013 \u201cold\u201d\u2026 5\u20ac.pdf", "naive file - 'old'... 5EUR.pdf"),
        ("\u5b63\u5ea6.pdf", "file.pdf"), ("\u5b63\u5ea6 two.pdf", "two.pdf"), ("\u00bd.pdf", "1-2.pdf"),
    ],
)  # fmt: skip
def test_the_ascii_name_of_a_download_can_be_read(name: str, fallback: str) -> None:
    """What is saved where the whole name is not understood."""
    assert attachment(name).partition("; ")[2].startswith(f'filename="{fallback}"; ')


@given(st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x24F, categories=["L"])))
def test_no_latin_letter_of_it_is_lost(letters: str) -> None:
    for letter in letters:
        assert transliterate(letter).isascii()
        assert (
            transliterate(letter)
            or unicodedata.name(letter).endswith(("CLICK", "WYNN"))
            or ord(letter) > 0x17F
        )


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
    """Each part is made safe as a name is."""
    assert names.make_safe_folder(raw) == kept


@pytest.mark.parametrize(
    "raw",
    ["..", "a/../b", "a/.", " / ", "a/\u200b/b", "a/" * 451, "x" * 200 + ("/" + "x" * 200) * 4, "ü/" * 301],
)
def test_a_folder_that_leads_up_or_is_too_long_is_refused(raw: str) -> None:
    """Nothing of it is quietly left out, since then it would be another folder."""
    with pytest.raises(Invalid):
        names.make_safe_folder(raw)


@pytest.mark.parametrize("raw", ["/".join("abcdefghijk"), "/".join("a" * 450), "/".join(["level"] * 150)])
def test_a_folder_may_be_as_deep_as_its_path_has_room(raw: str) -> None:
    """S3's key holds nothing of it, and a ZIP takes far more."""
    assert names.make_safe_folder(raw) == raw
    (path, _) = archive.build_paths(
        [SharedFile("1", "x" * 251 + ".pdf", 1, "application/pdf", "v", "k", raw)]
    )
    assert len(path.encode()) < 2**16  # what a ZIP can say of a name's length
