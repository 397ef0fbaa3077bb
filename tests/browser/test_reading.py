"""assets/reading.js in a real browser: the same bytes whichever way they come, an error where they do not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.uploading import MIB, make_file

CODE = Path(__file__).parents[2] / "assets/reading.js"
PAGE = "<!doctype html><title>Reading</title><input type=file>"
PREPARE = """async (code) => {
    const { Reading } = await import("data:text/javascript," + encodeURIComponent(code));
    const two = (byte) => byte.toString(16).padStart(2, "0");
    const hex = (bytes) => Array.from(new Uint8Array(bytes), two).join("");
    const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));
    const reading = new Reading();
    // What came at the end, and what was seen on the way.
    globalThis.read = async (blob) => {
        const pieces = [];
        const bytes = await reading.fill(blob, (piece) => pieces.push(piece.slice()));
        return [await sha256(bytes), await sha256(await new Blob(pieces).arrayBuffer())];
    };
    globalThis.chosen = () => document.querySelector("input").files[0];
    // A blob whose stream gives half of it, and then what `ends` does.
    globalThis.halfway = (blob, ends) => ({
        size: blob.size,
        arrayBuffer: () => blob.arrayBuffer(),
        stream() {
            const half = blob.slice(0, blob.size / 2).stream().getReader();
            return new ReadableStream({ type: "bytes", async pull(stream) {
                const { value, done } = await half.read();
                if (!done) stream.enqueue(value);
                else if (ends === "fails") stream.error(new DOMException("gone", "NotReadableError"));
                else if (ends === "closes") { stream.close(); stream.byobRequest?.respond(0); }
                else await new Promise(() => {});
            } });
        },
    });
}"""


@pytest.fixture
def page(headless_shell: Browser) -> Iterator[Page]:
    page = headless_shell.new_page()
    page.clock.install()
    page.route("http://localhost/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto("http://localhost/")  # not about:blank, which has no WebCrypto
    yield page
    page.close()


def choose_file(page: Page, path: str) -> str:
    """The page with a file chosen; the SHA-256 of that."""
    page.set_input_files("input", path)
    page.evaluate(PREPARE, CODE.read_text())
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.parametrize("size", [1, MIB, MIB + 1, 9 * MIB])
def test_it_reads_what_the_disk_has_again_and_again(page: Page, tmp_path: Path, size: int) -> None:
    wanted = choose_file(page, make_file(tmp_path / "film.mov", size))
    for _ in range(2):
        assert page.evaluate("read(chosen())") == [wanted, wanted]


def test_a_browser_that_cannot_read_into_given_memory_reads_plainly(page: Page, tmp_path: Path) -> None:
    wanted = choose_file(page, make_file(tmp_path / "film.mov", 3 * MIB))
    page.evaluate("Blob.prototype.stream = () => new ReadableStream()")
    assert page.evaluate("read(chosen())") == [wanted, wanted]


@pytest.mark.parametrize("ends", ["fails", "closes", "is stuck"])
def test_what_a_stream_leaves_out_is_read_plainly(page: Page, tmp_path: Path, ends: str) -> None:
    """Each piece is seen once, and the next file is read as if nothing had been."""
    wanted = choose_file(page, make_file(tmp_path / "film.mov", 6 * MIB))
    page.evaluate("ends => { globalThis.found = read(halfway(chosen(), ends)); }", ends)
    if ends == "is stuck":
        page.wait_for_timeout(500)
        page.clock.fast_forward("00:21")
    assert page.evaluate("found") == [wanted, wanted]
    assert page.evaluate("read(chosen())") == [wanted, wanted]


@pytest.mark.parametrize("size", [0, 2 * MIB, 12 * MIB])
def test_a_file_that_became_another_is_an_error(page: Page, tmp_path: Path, size: int) -> None:
    path = make_file(tmp_path / "film.mov", 6 * MIB)
    choose_file(page, path)
    assert page.evaluate("globalThis.early = chosen(), early.size") == 6 * MIB
    with Path(path).open("r+b") as file:
        file.truncate(size)
    said: Any = page.evaluate("read(early).catch(({ name }) => name)")
    assert said in {"NotReadableError", "NotFoundError"}
