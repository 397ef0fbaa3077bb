"""Logs: one line of JSON per request, without what must stay secret (R65, R43)."""

from __future__ import annotations

import json
import logging

from portal.web.logging import JsonLines
from tests.web.browser import Browser


class Kept(logging.Handler):
    """Keeps what the real formatter makes of each record."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def logged(browser: Browser, *paths: str) -> list[str]:
    handler, logger = Kept(), logging.getLogger("portal")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        for path in paths:
            browser.ask("GET", path, headers={"User-Agent": "\x1b[31mred", "X-Forwarded-For": "203.0.113.9"})
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return handler.lines


def test_each_request_is_one_line(browser: Browser) -> None:
    """R65, R20: with the address the server saw, not one that a header names."""
    browser.sign_in()
    found = [json.loads(line) for line in logged(browser, "/probe", "/no/such/page")]
    assert [line["status"] for line in found] == [200, 404]
    person = str(browser.cookie("session"))[:26]
    assert found[0]["person"] == person
    assert found[0]["source_ip"] == "127.0.0.1"
    assert len({line["request_id"] for line in found}) == 2


def test_tokens_and_cookies_are_not_in_it(browser: Browser) -> None:
    """R43, R65: neither a link's token, nor a query, nor a cookie, nor what a client calls itself."""
    browser.sign_in()
    secret = str(browser.cookie("session")).partition(".")[2]
    text = "".join(
        logged(browser, f"/d/{'t' * 95}", f"/r/{'t' * 95}?a=b", "/probe?search=secret-word", "/probe/fails")
    )
    assert "ttt" not in text
    assert "/d/*" in text
    assert "secret-word" not in text
    assert secret not in text
    assert "arn:" not in text, "an exception's own words are not logged, only its kind and place"


def test_nothing_forges_a_line(browser: Browser) -> None:
    """R24, R65: line breaks and colours in a path stay inside one line of ASCII."""
    found = logged(browser, "/a%0a%7b%22level%22:%22INFO%22%7d%1b%5b31m%e2%80%ae")
    assert len(found) == 1
    assert found[0].isascii()
    assert found[0].isprintable()
