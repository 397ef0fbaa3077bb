"""A wrong code or password, and the way back from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.builders import Running
from tests.web.browser import Browser
from tests.web.pages.partner.test_confirm import ask_for_code, link

pytestmark = pytest.mark.requirement("R44")

__all__ = ["link"]  # a fixture


@pytest.mark.parametrize("step", ["confirm", "password"])
def test_what_was_wrong_is_said_once_on_a_page_to_come_back_to(
    browser: Browser, portal: Running, link: Callable[..., str], step: str
) -> None:
    """Every page of it is an answer to a GET: a browser keeps no answer to a form, and Back would fail."""
    path, other = link(confirm=step == "confirm", password="correct horse"), link(confirm=True)
    if step == "confirm":
        ask_for_code(browser, portal, path)
    else:
        browser.get(path)
    browser.submit(f"{path}/{step}", code="x", password="x")
    said = "Enter the 6 digits of the code." if step == "confirm" else "That is not the password."
    assert said not in browser.get(other).text, "nor on another link's page, which takes it away"
    browser.get(path)
    page = browser.follow(browser.submit(f"{path}/{step}", code="x", password="x"))
    assert said in page.document.one("div", role="alert").text
    name = "code" if step == "confirm" else "password"
    assert page.document.one("input", name=name).attributes["aria-invalid"] == "true"
    assert page.document.one("input", name=name).attributes.get("value", "") == ""
    assert said not in browser.get(path).text
