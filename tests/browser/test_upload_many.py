"""Many files at once, in a real browser: folders, a thousand of them, and what is left out by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from portal.local.people import COLLEAGUE
from tests.browser.axe import assert_accessible
from tests.browser.uploading import SignedIn, choose, drop, expect_arrived, send, take_out, watch

# Milliseconds in which the page may not answer: 200 were measured on an idle machine, 550 on a busy one.
LONGEST_PAUSE = 2000


def tree(folder: Path) -> Path:
    for name, content in {"site.pdf": "one", "2026/site.pdf": "two", "2026/roof/north.png": "three"}.items():
        path = folder / "Plans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder / "Plans"


def send_chosen(page: Page) -> list[tuple[str, str]]:
    """Sends what is chosen; the folder and name of each file as the portal took them."""
    with page.expect_response("**/v1/uploads") as answer:
        send(page)
    return sorted((each["folder"], each["name"]) for each in answer.value.json()["uploads"])


def test_a_thousand_small_files_take_fifty_calls(signed_in: SignedIn, tmp_path: Path) -> None:
    """Announced and confirmed forty at a time, and the page answers in the meantime."""
    files = [tmp_path / f"reading {number:04}.csv" for number in range(1000)]
    for number, path in enumerate(files):
        path.write_bytes(f"{number:04},".encode() * 2048)
    page = signed_in(COLLEAGUE, "/upload")
    seen = watch(page)
    choose(page, [str(path) for path in files])
    page.evaluate(
        """() => { let last = performance.now(); window.longest = 0; setInterval(() => {
        const now = performance.now(); longest = Math.max(longest, now - last); last = now; }, 20); }"""
    )
    send(page)
    expect_arrived(page, "1,000 files have arrived.", seconds=180)
    assert len(seen.portal) <= 100  # 50, and more where the machine is slow: never one a file
    assert page.evaluate("longest") < LONGEST_PAUSE
    expect(page.get_by_role("link", name="Share the first 40 files")).to_be_visible()


def test_a_folder_keeps_its_structure(signed_in: SignedIn, tmp_path: Path) -> None:
    folder = tree(tmp_path)
    page = signed_in(COLLEAGUE, "/upload")
    page.locator(".uppy-Dashboard-input[webkitdirectory]").first.set_input_files(folder)
    expect(page.get_by_role("button", name="Upload 3 files")).to_be_visible()
    assert send_chosen(page) == [
        ("Plans", "site.pdf"), ("Plans/2026", "site.pdf"), ("Plans/2026/roof", "north.png"),
    ]  # fmt: skip
    expect_arrived(page, "3 files have arrived.")


def test_a_dropped_folder_keeps_its_structure(signed_in: SignedIn, tmp_path: Path) -> None:
    folder = tree(tmp_path)
    page = signed_in(COLLEAGUE, "/upload")
    drop(page, [folder, folder / "site.pdf"])
    expect(page.get_by_role("button", name="Upload 4 files")).to_be_visible()
    assert send_chosen(page) == [
        ("", "site.pdf"), ("Plans", "site.pdf"), ("Plans/2026", "site.pdf"), ("Plans/2026/roof", "north.png"),
    ]  # fmt: skip


@pytest.mark.requirement("R31")
def test_what_cannot_be_sent_is_named_and_the_rest_goes_on(signed_in: SignedIn, tmp_path: Path) -> None:
    """An empty file is refused before anything is asked; a file chosen twice is sent once."""
    for name, content in {"empty.txt": "", "also empty.txt": "", "figures.csv": "1,2,3"}.items():
        (tmp_path / name).write_text(content)
    page = signed_in(COLLEAGUE, "/upload")
    choose(page, [str(path) for path in sorted(tmp_path.iterdir())])
    left_out = page.locator("#not-uploaded li")
    expect(left_out).to_have_text(
        ["also empty.txt is empty, so it was left out.", "empty.txt is empty, so it was left out."]
    )
    (tmp_path / "more.csv").write_text("4,5,6")
    choose(page, [str(tmp_path / "figures.csv"), str(tmp_path / "more.csv")])
    expect(left_out.last).to_have_text("figures.csv is already selected, so it was not added again.")
    assert_accessible(page)
    send(page)
    expect_arrived(page, "2 files have arrived.")
    expect(page.locator("#not-uploaded")).to_be_hidden()


def test_a_name_the_portal_refuses_keeps_no_other_file_back(signed_in: SignedIn, tmp_path: Path) -> None:
    """A batch is announced as a whole or not at all: what is refused is left out and the rest asked again."""
    for name in ("one.txt", "two.txt", "three.txt"):
        (tmp_path / name).write_text(name)
    page = signed_in(COLLEAGUE, "/upload")

    def refuse_two(route: Route) -> None:
        names = [each["name"] for each in route.request.post_data_json["files"]]
        if "two.txt" not in names:
            route.continue_()
            return
        said = {"detail": "Not that one.", "reason": "invalid", "file": names.index("two.txt")}
        route.fulfill(status=400, body=json.dumps(said))

    page.route("**/v1/uploads", refuse_two)
    choose(page, [str(path) for path in tmp_path.iterdir()])
    send(page)
    expect(page.locator("#not-uploaded li")).to_have_text(["two.txt: Not that one."])
    take_out(page, "two.txt")
    expect_arrived(page, "2 files have arrived.")


def show_quota(page: Page, left: dict[str, int]) -> None:
    """The page as someone gets it who has so much left; made so before its scripts begin."""
    page.add_init_script(
        """new MutationObserver((_, watching) => {
            const box = document.getElementById("uploader");
            if (!box) return;
            watching.disconnect();
            box.dataset.upload = JSON.stringify({ ...JSON.parse(box.dataset.upload), usage: LEFT });
            const room = document.createElement("p");
            room.dataset.room = "";
            box.before(room);
        }).observe(document, { childList: true, subtree: true });""".replace("LEFT", json.dumps(left))
    )
    page.reload()
    page.locator(".uppy-Dashboard-inner").wait_for()


@pytest.mark.requirement("R37")
def test_what_does_not_fit_is_said_before_a_byte_is_sent(signed_in: SignedIn, tmp_path: Path) -> None:
    """With what is needed and what is left; taking some of it out is enough."""
    for name, size in {"large.bin": 9000, "small.bin": 900}.items():
        (tmp_path / name).write_bytes(b"x" * size)
    page = signed_in(COLLEAGUE, "/upload")
    told = {"max_files": 9, "max_bytes": 9000, "files_left": 6, "bytes_left": 5000}
    show_quota(page, told)
    seen = watch(page)
    choose(page, [str(tmp_path / "large.bin"), str(tmp_path / "small.bin")])
    over = page.locator("#over-allowance")
    expect(over).to_contain_text("What you chose needs 9.9 kB, and 5.0 kB is left.")
    assert_accessible(page)
    send(page)
    take_out(page, "large.bin")
    expect(over).to_be_hidden()
    assert seen.portal == []
    page.route("**/v1/usage", lambda route: route.fulfill(body=json.dumps(told | {"bytes_left": 4100})))
    send(page)
    expect_arrived(page)
    expect(page.locator("[data-room]")).to_have_text("4.1 kB of 9.0 kB left. Room for 6 more files.")
