"""What a recipient's page offers a script: a press answered as JSON, and the SHA-256 to compare with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.files.file import File
from tests.actions import link_token, make_id, make_person, read_state, share_files, upload_file
from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import Provider
from tests.web.signed_in import Calls, sign_in

ANA = make_person("Ana Lopes")
SUM = hashlib.sha256(b"twelve bytes").hexdigest()


@pytest.fixture
def files(portal: Running) -> list[File]:
    """Two files; of the first, its SHA-256 is known."""
    return [upload_file(portal, ANA, "one.pdf", sha256=SUM), upload_file(portal, ANA, "two.pdf")]


@pytest.fixture
def link(portal: Running, files: list[File]) -> Callable[..., str]:
    return lambda **rules: f"/d/{link_token(portal, share_files(portal, ANA, files, **rules))}"


def press(browser: Browser, path: str, file_id: str, attempt_id: str, status: int = 200) -> Page:
    """Press as the page's script does: with the page's secret in a header, asking for JSON."""
    assert browser.page is not None, "open a page first"
    secret = browser.page.document.all("input", name="csrf_token")[0].attributes["value"]
    headers = {"Accept": "application/json", "X-CSRFToken": secret}
    fields = {"file_id": file_id, "attempt_id": attempt_id}
    return browser.ask("POST", f"{path}/download", status, headers=headers, data=fields)


@pytest.mark.requirement("R48", "R50")
def test_a_press_by_a_script_is_told_the_address(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """The same press, counted the same; again without being counted; and how long it lives."""
    path, attempt = link(download_limit=2), make_id(portal)
    browser.get(path)
    with Calls(portal) as calls:
        told: Any = press(browser, path, files[0].id, attempt).answer.json
    assert calls.names == ["BatchGetItem", "TransactWriteItems"]
    assert told.keys() == {"address", "expires_in", "name", "size"}
    assert (told["name"], told["size"], told["expires_in"]) == ("one.pdf", 12, 60)
    assert "X-Amz-Expires=60" in told["address"]
    portal.clock.turn(hours=3)
    with Calls(portal) as calls:
        renewed: Any = press(browser, path, files[0].id, attempt).answer.json
    assert calls.names == ["BatchGetItem", "TransactWriteItems"]
    assert renewed["expires_in"] == 60
    assert browser.get(path).text.count("1 download left") == 1
    assert browser.page is not None
    assert browser.page.text.count("2 downloads left") == 1


@pytest.mark.requirement("R25", "R45", "R49")
def test_refusals_are_told_as_problems(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """Used up, over, unknown and without the page's secret; nothing more is spent."""
    path = link(download_limit=1)
    page = browser.get(path)
    press(browser, path, files[0].id, make_id(portal))
    before = read_state(portal)
    spent: Any = press(browser, path, files[0].id, make_id(portal), 410)
    assert spent.headers["Content-Type"] == "application/problem+json"
    assert spent.answer.json["reason"] == "spent"
    assert spent.answer.json["detail"] == "All downloads of this file have been used."
    assert press(browser, path, make_id(portal), make_id(portal), 404).answer.json["reason"] == "not_found"
    headers = {"Accept": "application/json"}
    fields = {"file_id": files[1].id, "attempt_id": make_id(portal)}
    assert browser.ask("POST", f"{path}/download", 400, headers=headers, data=fields).answer.json
    assert read_state(portal) == before
    portal.clock.turn(days=9)
    browser.page = page
    assert press(browser, path, files[1].id, make_id(portal), 410).answer.json["reason"] == "expired"


@pytest.mark.requirement("R44")
def test_a_script_must_have_shown_whose_link_it_is_too(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """Where a code is asked for, a press in a browser that has not shown one gets no address."""
    path = link(confirm=True)
    browser.get(path)
    told: Any = press(browser, path, files[0].id, make_id(portal), 403).answer.json
    assert told["reason"] == "unconfirmed"
    assert "address" not in told


@pytest.mark.requirement("R32")
def test_the_sum_is_shown_where_it_is_known(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """To compare, without a script; no file's name stands in what is made for a command line."""
    page = browser.get(link())
    (shown,) = page.document.all("details", **{"class": "folded-checksum"})
    assert [each.text for each in shown.all("code")] == [
        SUM, "certutil -hashfile FILE SHA256", "shasum -a 256 FILE",
    ]  # fmt: skip
    alone = share_files(portal, ANA, files[:1])
    assert browser.get(f"/d/{link_token(portal, alone)}").document.all("code")[0].text == SUM


def read_offer(page: Page) -> dict[str, Any]:
    """What the page tells the script behind "Download all"."""
    (told,) = [
        each.attributes["data-zip"] for each in page.document.all("div") if "data-zip" in each.attributes
    ]
    found: dict[str, Any] = json.loads(told)
    return found


def test_the_page_offers_all_files_in_one_zip(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """Their places in it, and their sums; in words for those without scripts, who have the list below it."""
    path = link()
    page = browser.get(path)
    told = read_offer(page)
    assert told["worker"] == "/d/zip/worker.js"
    assert told["download"] == f"{path}/download"
    assert told["name"] == "Files from Ana Lopes.zip"
    assert told["sums_path"] == "SHA256SUMS.txt"
    assert told["files"] == [
        {"id": files[0].id, "path": "one.pdf", "size": 12, "sha256": SUM},
        {"id": files[1].id, "path": "two.pdf", "size": 12, "sha256": ""},
    ]
    assert "2 files, 24 bytes, as one ZIP." in page.text
    assert "needs JavaScript" in page.document.one("noscript").text
    german = browser.get(path, headers={"Accept-Language": "de"})
    assert read_offer(german)["name"] == "Dateien von Ana Lopes.zip"


def test_a_zip_is_offered_of_several_files_only(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """What is used up is named and left out; of the last one there is the single download."""
    more = [upload_file(portal, ANA, "two.pdf"), *files]
    path = f"/d/{link_token(portal, share_files(portal, ANA, more, download_limit=1))}"
    assert "This counts as one download of each." in browser.get(path).text
    press(browser, path, more[0].id, make_id(portal))
    page = browser.get(path)
    assert "Left out, because they are no longer available: two.pdf" in page.text
    assert [each["path"] for each in read_offer(page)["files"]] == ["one.pdf", "two (2).pdf"]
    press(browser, path, more[1].id, make_id(portal))
    assert "data-zip" not in browser.get(path).answer.text
    alone = share_files(portal, ANA, files[:1])
    assert "data-zip" not in browser.get(f"/d/{link_token(portal, alone)}").answer.text


@pytest.mark.requirement("R17")
def test_the_worker_may_fetch_and_nothing_else(browser: Browser, portal: Running) -> None:
    """Its script is served from where it reaches no page, under a policy of its own, and never kept."""
    sign_in(browser)
    with Calls(portal) as calls:
        answer = browser.ask("GET", "/d/zip/worker.js", 200)
    assert calls.names == []
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; connect-src 'self' https://portal-files.s3.eu-central-1.amazonaws.com; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "caches" not in answer.answer.text
    browser.ask("GET", f"/d/zip/{make_id(portal)}", 404)


@pytest.mark.requirement("R21")
def test_it_works_below_a_base_path(aws: None, clock: Clock, provider: Provider) -> None:
    below = make_running(clock, PORTAL_PUBLIC_URL="https://files.example.org/prod")
    made = share_files(below, ANA, [upload_file(below, ANA, name) for name in ("a.pdf", "b.pdf")])
    browser = Browser(below, provider)
    told = read_offer(browser.get(f"/prod/d/{link_token(below, made)}"))
    assert told["worker"] == "/prod/d/zip/worker.js"
    assert told["download"] == f"/prod/d/{link_token(below, made)}/download"
    browser.ask("GET", told["worker"], 200)
    press(browser, told["download"].removesuffix("/download"), made.files[0].id, make_id(below))
