"""What a folder brings along, files that look alike, and more of them than a share may have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.local.people import COLLEAGUE
from tests.browser.axe import assert_accessible
from tests.browser.uploading import SignedIn, choose, drop, expect_arrived, send

SYSTEM = [
    ".DS_Store", "Thumbs.db", "desktop.ini", "._plan.pdf", "__MACOSX/plan.pdf", ".Spotlight-V100/store.db",
    "$RECYCLE.BIN/a.pdf", "System Volume Information/tracking.log", "~$plan.docx", "sub/.ds_store",
    "sub/@eaDir/plan.pdf",
]  # fmt: skip
# Named alike, and people's own.
OWN = [
    "plan.pdf",
    ".gitignore",
    "DS_Store",
    "Thumbs.database",
    "__MACOSX.txt",
    "my desktop.ini.txt",
    "_._.txt",
]
ALIKE = 1_700_000_000  # one time for all


def write(path: Path, text: str = "a") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (ALIKE, ALIKE))
    return str(path)


def list_left_out(page: Page) -> list[str]:
    return page.locator("#not-uploaded li").all_text_contents()


@pytest.mark.parametrize("way", ["dropped", "chosen"])
def test_what_computers_keep_in_folders_is_left_out_and_said(
    signed_in: SignedIn, tmp_path: Path, way: str
) -> None:
    for name in [*SYSTEM, *OWN]:
        write(tmp_path / "Plans" / name)
    page = signed_in(COLLEAGUE, "/upload")
    if way == "dropped":
        drop(page, [tmp_path / "Plans"])
    else:
        page.locator(".uppy-Dashboard-input[webkitdirectory]").first.set_input_files(tmp_path / "Plans")
    expect(page.get_by_role("button", name=f"Upload {len(OWN)} files")).to_be_visible()
    expect(page.locator("#not-uploaded li")).to_have_count(1)
    (said,) = list_left_out(page)
    assert said.startswith("Left out, since only computers use them: ")
    assert all(Path(name).name.lower() in said.lower() for name in SYSTEM)
    assert_accessible(page)


def test_a_file_of_such_a_name_that_is_chosen_itself_is_sent(signed_in: SignedIn, tmp_path: Path) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    choose(page, [write(tmp_path / "desktop.ini")])
    expect(page.get_by_role("button", name="Upload 1 file")).to_be_visible()


def test_an_empty_folder_is_named(signed_in: SignedIn, tmp_path: Path) -> None:
    for name in ("Nothing", "Plans/2025"):
        (tmp_path / name).mkdir(parents=True)
    write(tmp_path / "Plans/site.pdf")
    page = signed_in(COLLEAGUE, "/upload")
    drop(page, [tmp_path / "Nothing", tmp_path / "Plans"])
    expect(page.locator("#not-uploaded li")).to_have_text(
        [
            "The folder Nothing is empty, so it was left out.",
            "The folder Plans/2025 is empty, so it was left out.",
        ]
    )
    expect(page.get_by_role("button", name="Upload 1 file")).to_be_visible()


def test_files_that_only_look_alike_are_all_sent(signed_in: SignedIn, tmp_path: Path) -> None:
    """One name, one size, one time; only the bytes differ, and one of them is there twice."""
    page = signed_in(COLLEAGUE, "/upload")
    same = "x" * 5_000_000
    choose(
        page,
        [
            write(tmp_path / folder / "report.pdf", same + end)
            for folder, end in zip("1234", "abbc", strict=True)
        ],
    )
    expect(page.get_by_role("button", name="Upload 3 files")).to_be_visible()
    expect(page.locator("#not-uploaded li")).to_have_text(
        ["report.pdf is already selected, so it was not added again."]
    )
    send(page)
    expect_arrived(page, "3 files have arrived.")


def test_names_that_differ_in_capitals_are_different(signed_in: SignedIn, tmp_path: Path) -> None:
    """Also where the content is the same: they are two in their folder."""
    page = signed_in(COLLEAGUE, "/upload")
    drop(page, [Path(write(tmp_path / name)).parent for name in ("A/plan.pdf", "a/plan.pdf")])
    choose(page, [write(tmp_path / "Plan.pdf"), write(tmp_path / "plan.pdf")])
    expect(page.get_by_role("button", name="Upload 4 files")).to_be_visible()
    assert list_left_out(page) == []


def test_a_folder_deeper_than_ten_arrives(signed_in: SignedIn, tmp_path: Path) -> None:
    deep = "/".join(f"level {number}" for number in range(1, 16))
    write(tmp_path / "Plans" / deep / "site.pdf")
    page = signed_in(COLLEAGUE, "/upload")
    drop(page, [tmp_path / "Plans"])
    send(page)
    expect_arrived(page)
    page.get_by_role("link", name="Go to files").click()
    expect(page.get_by_text(f"Plans/{deep}")).to_be_visible()


@pytest.mark.requirement("R82")
def test_more_files_than_a_share_may_have_are_shared_in_parts(signed_in: SignedIn, tmp_path: Path) -> None:
    """What cannot be is said, and what can be is offered."""
    page = signed_in(COLLEAGUE, "/upload")
    choose(page, [write(tmp_path / f"reading {number:02}.csv", str(number)) for number in range(40)])
    send(page)
    expect_arrived(page, "40 files have arrived.")
    expect(page.get_by_text("One share can have at most 40 files.")).to_be_hidden()
    expect(page.get_by_role("link", name="Share these files")).to_be_visible()
    choose(page, [write(tmp_path / "one more.csv", "more")])
    send(page)
    expect_arrived(page, "41 files have arrived.")
    expect(page.get_by_text("One share can have at most 40 files.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Share the first 40 files").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Share files")
    assert page.url.count("file=") == 40
