"""Calls of `/v1/drafts` as the script of `/send` makes them."""

from __future__ import annotations

import json
from typing import Any

from tests.web.browser import Browser


def told(browser: Browser) -> Any:
    assert browser.page is not None
    return json.loads(browser.page.document.one("form", id="send").attributes["data-send"])


def call(browser: Browser, method: str, path: str, status: int, body: Any = None) -> Any:
    """A call as the page's script makes it."""
    page = browser.ask(method, path, status, json=body, headers={"X-CSRFToken": told(browser)["token"]})
    return page.answer.json


def typed(*files: str, **answers: str) -> dict[str, Any]:
    said = {"recipients": "partner@example.com", "message": "Hello", "last_day": "7", "confirm": "y",
            "preview": "y", "notify": "first"} | answers  # fmt: skip
    return {"fields": [*map(list, said.items()), *(["file", each] for each in files)], "missing": 0}


def announce(browser: Browser, draft_id: str, size: int = 12) -> Any:
    body = {"files": [{"name": "plan.pdf", "size": size}], "draft_id": draft_id}
    return call(browser, "POST", "/v1/uploads", 201, body)["uploads"][0]
