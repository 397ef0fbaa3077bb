"""Pressing the buttons of the form of a new share, whatever way its answer comes."""

from __future__ import annotations

from typing import Any

from tests.web.browser import Browser
from tests.web.page import Page

NEW = "/shares/new"


def press(browser: Browser, step: str, status: int = 200, **answers: Any) -> Page:
    """Send the form that is open on to a step; the page that comes of it is then the open one."""
    assert browser.page is not None
    answer = browser.ask("POST", NEW, data=browser.page.fields(NEW) | answers | {"step": step})
    if answer.status == 303:
        return browser.follow(answer, status)
    assert answer.status == status, f"{step}: {answer.status}, not {status}: {answer.text[:500]}"
    browser.page = answer
    return answer
