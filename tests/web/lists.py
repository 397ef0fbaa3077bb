"""What the lists of pages show."""

from __future__ import annotations

from tests.web.browser import Browser


def file_names(browser: Browser) -> list[str]:
    """The names in the list that is open, from the top."""
    assert browser.page is not None
    return [
        cell.one("a").attributes["title"]
        for cell in browser.page.document.all("td", **{"class": "cell-main"})
    ]
