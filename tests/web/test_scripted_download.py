"""What a recipient's page offers a script: a press answered as JSON, and the SHA-256 to compare with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.files import File
from tests.builders import Running
from tests.doing import new_id, shared, somebody, state, token_of, uploaded
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls

ANA = somebody("Ana Lopes")
SUM = hashlib.sha256(b"twelve bytes").hexdigest()


@pytest.fixture
def files(portal: Running) -> list[File]:
    """Two files; of the first, its SHA-256 is known."""
    return [uploaded(portal, ANA, "one.pdf", sha256=SUM), uploaded(portal, ANA, "two.pdf")]


@pytest.fixture
def link(portal: Running, files: list[File]) -> Callable[..., str]:
    return lambda **rules: f"/d/{token_of(portal, shared(portal, ANA, files, **rules))}"


def press(browser: Browser, path: str, file_id: str, attempt_id: str, status: int = 200) -> Page:
    """Press as the page's script does: with the page's secret in a header, asking for JSON."""
    assert browser.page is not None, "open a page first"
    secret = browser.page.document.all("input", name="csrf_token")[0].attributes["value"]
    headers = {"Accept": "application/json", "X-CSRFToken": secret}
    fields = {"file_id": file_id, "attempt_id": attempt_id}
    return browser.ask("POST", f"{path}/download", status, headers=headers, data=fields)


def test_a_press_by_a_script_is_told_the_address(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """R48, R50: the same press, counted the same; within its minute again without being counted."""
    path, attempt = link(download_limit=2), new_id(portal)
    browser.get(path)
    with Calls(portal) as calls:
        told: Any = press(browser, path, files[0].id, attempt).answer.json
    assert calls.names == ["BatchGetItem", "TransactWriteItems"]
    assert told.keys() == {"address", "name", "size"}
    assert (told["name"], told["size"]) == ("one.pdf", 12)
    assert "X-Amz-Expires=60" in told["address"]
    press(browser, path, files[0].id, attempt)
    assert browser.get(path).text.count("1 download left") == 1
    assert browser.page is not None
    assert browser.page.text.count("2 downloads left") == 1


def test_refusals_are_told_as_problems(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """R25, R45, R49: used up, over, unknown and without the page's secret; nothing more is spent."""
    path = link(download_limit=1)
    page = browser.get(path)
    press(browser, path, files[0].id, new_id(portal))
    before = state(portal)
    spent: Any = press(browser, path, files[0].id, new_id(portal), 410)
    assert spent.headers["Content-Type"] == "application/problem+json"
    assert spent.answer.json["reason"] == "spent"
    assert spent.answer.json["detail"] == "All downloads of this file have been used."
    assert press(browser, path, new_id(portal), new_id(portal), 404).answer.json["reason"] == "not_found"
    headers = {"Accept": "application/json"}
    fields = {"file_id": files[1].id, "attempt_id": new_id(portal)}
    assert browser.ask("POST", f"{path}/download", 400, headers=headers, data=fields).answer.json
    assert state(portal) == before
    portal.clock.turn(days=9)
    browser.page = page
    assert press(browser, path, files[1].id, new_id(portal), 410).answer.json["reason"] == "expired"


def test_a_script_must_have_shown_whose_link_it_is_too(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """R44: where a code is asked for, a press in a browser that has not shown one gets no address."""
    path = link(confirm=True)
    browser.get(path)
    told: Any = press(browser, path, files[0].id, new_id(portal), 403).answer.json
    assert told["reason"] == "unconfirmed"
    assert "address" not in told


def test_the_sum_is_shown_where_it_is_known(
    browser: Browser, portal: Running, link: Callable[..., str], files: list[File]
) -> None:
    """R32: to compare, without a script; no file's name stands in what is made for a command line."""
    page = browser.get(link())
    (shown,) = page.document.all("details", **{"class": "folded-checksum"})
    assert shown.one("code").text == SUM
    assert "certutil -hashfile FILE SHA256" in shown.text
    assert "shasum -a 256 FILE" in shown.text
    alone = shared(portal, ANA, files[:1])
    assert browser.get(f"/d/{token_of(portal, alone)}").document.one("code").text == SUM
