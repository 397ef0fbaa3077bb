"""The paths in a ZIP of a share: each once, and none that leads elsewhere or cannot be unpacked."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.files.file import SharedFile
from portal.domain.files.names import NAME_BYTES, make_safe_name
from portal.domain.links.archive import SUMS, build_paths

pytestmark = pytest.mark.requirement("R34")


def file(name: str, folder: str = "") -> SharedFile:
    return SharedFile("id", name, 1, "application/pdf", "version", "key", folder)


def place_files(*files: tuple[str, str]) -> list[str]:
    return build_paths([file(name, folder) for folder, name in files])[:-1]


def test_folders_are_kept_and_equal_names_numbered() -> None:
    assert place_files(("Plans/2026", "site.pdf"), ("", "site.pdf"), ("", "site.pdf"), ("", "Site.PDF")) == [
        "Plans/2026/site.pdf", "site.pdf", "site (2).pdf", "Site (3).PDF",
    ]  # fmt: skip
    assert place_files(("", "a.txt"), ("", "a (2).txt"), ("", "a.txt")) == ["a.txt", "a (2).txt", "a (3).txt"]


def test_a_file_and_a_folder_have_different_names() -> None:
    assert place_files(("", "plans"), ("Plans/2026", "a.pdf"), ("plans", "2026")) == [
        "plans (2)", "Plans/2026/a.pdf", "plans/2026 (2)",
    ]  # fmt: skip


def test_the_list_of_sums_makes_room() -> None:
    assert build_paths([file("sha256sums.txt"), file("a.pdf")]) == [
        "sha256sums.txt", "a.pdf", "SHA256SUMS (2).txt",
    ]  # fmt: skip
    assert build_paths([file("a.pdf")])[-1] == SUMS


def test_no_folder_leads_out_of_where_it_is_unpacked() -> None:
    """Whatever a row of the table should hold."""
    assert place_files(("../../etc", "passwd"), ("/C:\\x", "a"), ("\u202e", "b")) == [
        "_/_/etc/passwd", "x/a", "_/b",
    ]  # fmt: skip


NAMES = st.one_of(
    st.sampled_from(["a", "A", "a (2)", "a.txt", "A.TXT", "SHA256SUMS.txt", "é", "e\u0301", "n" * 255]),
    st.text(max_size=80),
)


@given(st.lists(st.tuples(st.one_of(st.text(max_size=20), NAMES), NAMES), max_size=12))
def test_every_path_can_be_unpacked_beside_the_others(files: list[tuple[str, str]]) -> None:
    """Also where big and small letters are one; each part no longer than a file system takes."""
    made = []
    for folder, name in files:
        try:
            made.append(file(make_safe_name(name), folder))
        except Invalid:
            continue
    found = [unicodedata.normalize("NFC", path).casefold() for path in build_paths(made)]
    assert len(found) == len(made) + 1 == len(set(found))
    folders = {path.rsplit("/", depth)[0] for path in found for depth in range(1, path.count("/") + 1)}
    assert not folders & set(found)
    parts = [part for path in build_paths(made) for part in path.split("/")]
    assert all(part not in {"", ".", ".."} and len(part.encode()) <= NAME_BYTES for part in parts)
