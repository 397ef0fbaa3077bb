"""What leaves compressed: files as they were built, pages and JSON on their way out, and all of it once."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.builders import Running
from tests.web.browser import Browser

VENDOR = Path(__file__).parents[3] / "static/vendor"
BOTH = "gzip, deflate, br, zstd"


def ask(portal: Running, path: str, taken: str) -> TestResponse:
    """Of a page as it is sent, where a `Browser` would read it."""
    headers = {"Accept-Encoding": taken}
    return portal.app.test_client().get(path, base_url=portal.config.public_url, headers=headers)


def test_a_page_is_compressed_for_those_who_take_it(portal: Running) -> None:
    plain, packed = (ask(portal, "/", taken) for taken in ("", BOTH))
    assert plain.mimetype == packed.mimetype == "text/html"
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) * 0.6
    assert len(gzip.decompress(packed.data)) == pytest.approx(len(plain.data), abs=100)  # other secrets


def test_so_is_json(browser: Browser) -> None:
    browser.sign_in()
    plain = browser.ask("GET", "/v1/openapi.json", 200)
    packed = browser.ask("GET", "/v1/openapi.json", 200, headers={"Accept-Encoding": BOTH})
    assert packed.headers["Content-Type"] == "application/json"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.answer.data) == plain.answer.data


def test_what_fits_into_a_packet_stays_as_it_is(browser: Browser) -> None:
    answer = browser.ask("GET", "/healthz", headers={"Accept-Encoding": BOTH})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("refused", ["", "identity", "gzip;q=0"])
def test_who_does_not_take_it_gets_the_plain_one(browser: Browser, refused: str) -> None:
    for path in ("/", "/static/vendor/staff.js", "/static/js/main.js", "/look.css"):
        answer = browser.ask("GET", path, 200, headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(("taken", "encoding", "ending"), [(BOTH, "br", ".br"), ("gzip", "gzip", ".gz")])
def test_built_files_leave_as_they_were_built(
    browser: Browser, taken: str, encoding: str, ending: str
) -> None:
    """With the type of what they are, not of how they are packed, and kept for as long."""
    answer = browser.ask("GET", "/static/vendor/staff.js?v=1", 200, headers={"Accept-Encoding": taken})
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.answer.data == (VENDOR / f"staff.js{ending}").read_bytes()


def test_scripts_that_are_not_built_are_compressed_too(browser: Browser) -> None:
    answer = browser.ask("GET", "/static/js/upload.js", 200, headers={"Accept-Encoding": BOTH})
    assert answer.headers["Content-Encoding"] == "gzip"
    source = VENDOR.parent / "js/upload.js"
    assert gzip.decompress(answer.answer.data) == source.read_bytes()
    tag = answer.headers["ETag"]
    again = browser.ask("GET", "/static/js/upload.js", 304, headers={"If-None-Match": tag})
    assert again.answer.data == b""


def test_the_worker_keeps_its_policy_however_it_is_packed(browser: Browser) -> None:
    answer = browser.ask("GET", "/static/vendor/hash-worker.js", 200, headers={"Accept-Encoding": BOTH})
    assert answer.headers["Content-Encoding"] == "br"
    assert "wasm-unsafe-eval" in answer.headers["Content-Security-Policy"]


def test_nothing_outside_of_static_is_looked_for(portal: Running) -> None:
    for path in ("/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/vendor/none.js"):
        assert ask(portal, path, BOTH).status_code == 404
