""" "Download all" in a real browser: the ZIP is opened and compared byte for byte, each file counted once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from playwright.sync_api import Page, Route, expect

from portal.domain.files.file import File
from portal.local.session import LocalPortal
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import download_file, link_token, make_person, share_files, upload_file
from tests.browser.axe import assert_accessible
from tests.browser.test_journey import assert_usable
from tests.builders import Running

NewPage = Callable[..., Page]

ANA = make_person("Ana Lopes")
LONG = bytes(range(256)) * 1200
FILES = {  # folder and name, and what is in it
    ("Plans/2026", "site plan.pdf"): LONG,
    ("Plans/2026", "notes.txt"): b"first",
    ("", "notes.txt"): b"second",
    ("", "Übersicht – 図面 😀.csv"): b"a;b\n",
}


class Sent:
    """A share of files, and what the table says of its downloads."""

    def __init__(self, running: Running, bodies: dict[tuple[str, str], bytes], **rules: Any) -> None:
        self.running = running
        self.files = [self.upload(*place, body) for place, body in bodies.items()]
        self.made: ShareFiles = share_files(running, ANA, self.files, **rules)
        self.path = f"/d/{link_token(running, self.made)}"

    def upload(self, folder: str, name: str, body: bytes) -> File:
        digest = hashlib.sha256(body).hexdigest()
        return upload_file(self.running, ANA, name, body, folder=folder, sha256=digest)

    @property
    def counted(self) -> list[int]:
        recipient = self.made.recipients[0]
        found = self.running.portal.services.shares.get_with_recipient(self.made.about, recipient.id)
        assert found is not None
        return [found[1].downloads.get(file.id, 0) for file in self.files]


@pytest.fixture
def send(beside: Running) -> Callable[..., Sent]:
    return lambda bodies=FILES, **rules: Sent(beside, bodies, **rules)


def save_zip(page: Page) -> dict[str, bytes]:
    """Press the button; what the ZIP holds, which is whole and not compressed."""
    with page.expect_download() as started:
        page.get_by_role("button", name="Download all").click()
    assert started.value.suggested_filename == "Files from Ana Lopes.zip"
    with ZipFile(Path(started.value.path())) as archive:
        assert archive.testzip() is None
        assert {each.compress_type for each in archive.infolist()} == {ZIP_STORED}
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


@pytest.mark.requirement("R49", "R50")
def test_all_files_come_in_one_zip(new_page: NewPage, send: Callable[..., Sent]) -> None:
    """Folders, letters of all kinds and equal names; each file counted once a press."""
    sent = send(download_limit=3)
    page = new_page()
    page.goto(sent.path)
    assert sent.counted == [0, 0, 0, 0]
    found = save_zip(page)
    sums = dict(line.split("  ")[::-1] for line in found.pop("SHA256SUMS.txt").decode().splitlines())
    assert found == {"/".join(filter(None, place)): body for place, body in FILES.items()}
    assert sums == {name: hashlib.sha256(body).hexdigest() for name, body in found.items()}
    expect(page.get_by_role("status").filter(has_text="saved the ZIP")).to_be_visible()
    expect(page.get_by_text("2 downloads left")).to_have_count(4)
    assert sent.counted == [1, 1, 1, 1]
    assert_accessible(page)
    save_zip(page)
    assert sent.counted == [2, 2, 2, 2]


@pytest.mark.requirement("R49")
def test_what_is_used_up_is_left_out_and_named_before(new_page: NewPage, send: Callable[..., Sent]) -> None:
    """Also when it was used up after the page was opened; when all is used up, nothing is offered."""
    sent = send({("", name): name.encode() for name in ("a.txt", "b.txt", "c.txt")}, download_limit=1)
    page = new_page()
    page.goto(sent.path)
    download_file(sent.running, sent.path.removeprefix("/d/"), sent.files[1])
    found = save_zip(page)
    assert {"a.txt", "c.txt", "SHA256SUMS.txt"} == found.keys()
    assert b"b.txt" not in found["SHA256SUMS.txt"]
    said = page.get_by_role("status").filter(has_text="saved the ZIP")
    expect(said).to_have_text("Your browser has saved the ZIP. Not in it: b.txt.")
    expect(page.get_by_role("button", name="Download", exact=False)).to_have_count(1)
    assert sent.counted == [1, 1, 1]
    page.get_by_role("button", name="Download all").click()
    expect(page.locator("main")).to_contain_text("All downloads of this link have been used")


def test_a_file_refused_on_the_way_ends_the_zip_as_broken(
    new_page: NewPage, send: Callable[..., Sent], local: LocalPortal
) -> None:
    """Never a ZIP that looks whole: the download fails, and the page says at which file and why."""
    sent = send({("", "a.txt"): b"a", ("", "b.txt"): b"b"}, download_limit=1)
    page = new_page()

    def meanwhile(route: Route) -> None:
        if sent.counted == [1, 0]:
            download_file(sent.running, sent.path.removeprefix("/d/"), sent.files[1])
        route.continue_()

    page.context.route(re.compile(re.escape(local.endpoint)), meanwhile)
    page.goto(sent.path)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download all").click()
    assert started.value.failure()
    said = page.get_by_role("status").filter(has_text="not finished")
    expect(said).to_contain_text("It stopped at b.txt. All downloads of this file have been used.")


@pytest.mark.requirement("R50")
def test_a_broken_stream_goes_on_where_it_broke(
    new_page: NewPage, send: Callable[..., Sent], local: LocalPortal
) -> None:
    """On the same address, and without being counted again."""
    sent, asked = send(), list[str]()
    page = new_page()

    def half(route: Route) -> None:
        asked.append(route.request.headers.get("range", "all"))
        if len(asked) == 1:
            headers = {"Access-Control-Allow-Origin": local.url}
            route.fulfill(status=200, headers=headers, body=LONG[:100_000])
        else:
            route.continue_()

    page.context.route(re.compile(re.escape(local.endpoint)), half)
    page.goto(sent.path)
    assert save_zip(page)["Plans/2026/site plan.pdf"] == LONG
    assert asked[:2] == ["all", "bytes=100000-"]
    assert sent.counted == [1, 1, 1, 1]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_it_can_be_watched_and_cancelled(
    new_page: NewPage, send: Callable[..., Sent], local: LocalPortal, width: int, scheme: str
) -> None:
    """The page stays usable; what was not asked for yet is not counted."""
    sent = send()
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.context.route(re.compile(re.escape(local.endpoint)), lambda route: None)  # never answered
    page.goto(sent.path)
    assert_usable(page)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download all").click()
    expect(page.get_by_text("File 1 of 4: Plans/2026/site plan.pdf")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    assert_usable(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status").filter(has_text="Cancelled.")).to_be_visible()
    assert started.value.failure()
    assert sent.counted == [1, 0, 0, 0]
    assert_usable(page)


def test_a_worker_that_is_stopped_leaves_no_zip_that_looks_whole(
    new_page: NewPage, send: Callable[..., Sent], local: LocalPortal
) -> None:
    """Browsers stop workers as they see fit; the page notices when it next speaks to it."""
    sent = send()
    page = new_page()
    page.context.route(re.compile(re.escape(local.endpoint)), lambda route: None)  # never answered
    page.goto(sent.path)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download all").click()
    expect(page.get_by_text("File 1 of 4: Plans/2026/site plan.pdf")).to_be_visible()
    debugger = page.context.new_cdp_session(page)
    debugger.send("ServiceWorker.enable")
    debugger.send("ServiceWorker.stopAllWorkers")
    assert started.value.failure()
    said = page.get_by_role("status").filter(has_text="Your browser stopped making the ZIP")
    expect(said).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name="Download all")).to_be_focused()


def test_a_browser_that_goes_past_its_worker_is_noticed(new_page: NewPage, send: Callable[..., Sent]) -> None:
    """As where a worker was ended between its word and the browser's request."""
    sent = send()
    page = new_page()
    idle = "addEventListener('message', (it) => it.source.postMessage({ id: it.data.id, ready: true }))"
    page.context.route("**/d/zip/*", lambda route: route.abort())
    page.context.route(
        "**/d/zip/worker.js", lambda route: route.fulfill(body=idle, content_type="text/javascript")
    )
    page.goto(sent.path)
    page.get_by_role("button", name="Download all").click()
    expect(page.get_by_role("status").filter(has_text="Your browser stopped making the ZIP")).to_be_visible()
    assert sent.counted == [0, 0, 0, 0]


def test_a_broken_connection_before_it_begins_is_said(new_page: NewPage, send: Callable[..., Sent]) -> None:
    sent = send()
    page = new_page()
    page.goto(sent.path)
    button = page.get_by_role("button", name="Download all")
    expect(button).to_be_visible()  # its script has come
    page.context.set_offline(True)
    button.click()
    expect(page.get_by_role("status").filter(has_text="The download failed.")).to_be_visible()
    page.context.set_offline(False)
    assert len(save_zip(page)) == 5
    assert sent.counted == [1, 1, 1, 1]


def test_without_scripts_the_files_come_one_by_one(new_page: NewPage, send: Callable[..., Sent]) -> None:
    sent = send()
    page = new_page(java_script_enabled=False)
    page.goto(sent.path)
    expect(page.get_by_role("button", name="Download all")).to_be_hidden()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download site plan.pdf").click()
    assert Path(started.value.path()).read_bytes() == LONG
    page.get_by_text("Check your copy").first.click()
    expect(page.get_by_text(hashlib.sha256(LONG).hexdigest())).to_be_visible()


@pytest.mark.parametrize("how", ["undefined", "{ register: () => Promise.reject(new Error()) }"])
def test_without_service_workers_it_says_so(new_page: NewPage, send: Callable[..., Sent], how: str) -> None:
    """Some browsers have none, and some refuse them in private windows."""
    sent = send()
    page = new_page()
    page.add_init_script(f"Object.defineProperty(navigator, 'serviceWorker', {{ value: {how} }})")
    page.goto(sent.path)
    if how != "undefined":
        page.get_by_role("button", name="Download all").click()
    expect(page.get_by_text("This browser cannot put the files into one ZIP here.")).to_be_visible()
    expect(page.get_by_role("button", name="Download all")).to_be_hidden()
    assert sent.counted == [0, 0, 0, 0]
