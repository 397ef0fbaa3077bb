"""A recipient's link for programs: the page's facts as JSON, by the same rules and with the same secret."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.actions import (
    link_token,
    make_id,
    make_person,
    read_mailed_code,
    read_state,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.web.browser import Browser

pytestmark = pytest.mark.requirement("R42", "R44", "R45")
ANA = make_person("Ana Lopes")
SUM = hashlib.sha256(b"twelve bytes").hexdigest()
JSON = {"Accept": "application/json"}


@pytest.fixture
def link(portal: Running) -> Callable[..., str]:
    def made(**rules: Any) -> str:
        files = [upload_file(portal, ANA, "one.pdf", sha256=SUM), upload_file(portal, ANA, "two.pdf")]
        return f"/d/{link_token(portal, share_files(portal, ANA, files, **rules))}"

    return made


def read(browser: Browser, path: str, status: int = 200) -> Any:
    return browser.ask("GET", path, status, headers=JSON).answer.json


def post(browser: Browser, path: str, secret: str, status: int, **said: str) -> Any:
    headers = {**JSON, "X-CSRFToken": secret}
    return browser.ask("POST", path, status, data=said, headers=headers).answer.json


def test_it_says_what_the_page_says(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """And a press with its attempt_id is that button's: counted once."""
    path = link(download_limit=2, message="As agreed.", confirm=False)
    told = read(browser, path)
    assert (told["shared_by"], told["message"]) == (ANA.name, "As agreed.")
    first = told["files"][0]
    assert (first["file_name"], first["size"], first["sha256"], first["closed"], first["downloads_left"]) == (
        "one.pdf", 12, SUM, None, 2,
    )  # fmt: skip
    pressed = {"file_id": first["file_id"], "attempt_id": first["attempt_id"]}
    for _ in range(2):
        assert (
            "X-Amz-Signature"
            in post(browser, f"{path}/download", told["csrf_token"], 200, **pressed)["address"]
        )
    assert read(browser, path)["files"][0]["downloads_left"] == 1


def test_looking_spends_nothing(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    path = link(download_limit=1, confirm=False)
    for _ in range(3):
        assert read(browser, path)["files"][0]["downloads_left"] == 1


def test_a_code_and_then_a_password_let_a_program_in(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """What is wrong is told at once, and before it is right nothing of the files is."""
    path = link(confirm=True, password="swordfish-and-more")
    asked = read(browser, path, 403)
    assert (asked["reason"], asked["step"], asked["code_sent"]) == ("unconfirmed", "address", False)
    assert "files" not in asked
    secret = asked["csrf_token"]
    post(browser, f"{path}/code", secret, 204)
    assert read(browser, path, 403)["code_sent"] is True
    code = read_mailed_code(portal)
    wrong = "000000" if code != "000000" else "111111"
    assert post(browser, f"{path}/confirm", secret, 400, code=wrong)["reason"] == "wrong_code"
    post(browser, f"{path}/confirm", secret, 204, code=code)
    assert read(browser, path, 403)["step"] == "password"
    assert post(browser, f"{path}/password", secret, 400, password="x")["reason"] == "wrong_password"
    post(browser, f"{path}/password", secret, 204, password="swordfish-and-more")
    assert len(read(browser, path)["files"]) == 2


def test_no_press_without_the_secret(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    path = link(confirm=True)
    read(browser, path, 403)
    before = read_state(portal)
    assert post(browser, f"{path}/code", "", 400)["reason"] in {"stale_form", "no_cookie"}
    assert read_state(portal) == before


def test_what_is_over_or_unknown_is_told_so(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    path = link(confirm=False)
    assert read(browser, f"{path[:-3]}abc", 404)["reason"] == "not_found"
    portal.clock.turn(days=60)
    assert read(browser, path, 410)["reason"] == "expired"
    assert make_id(portal) not in path
