"""What a page weighs on its way to a browser that has nothing of it yet, and how many requests it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portal.domain.people.person import Person
from tests.actions import link_token, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Element

NewBrowser = Callable[[], Browser]
TAKEN = "gzip, deflate, br, zstd"  # what Chromium says
FETCHED = {"stylesheet", "icon", "modulepreload"}
HEADER_BYTES = 200  # of each answer, at most, where a connection's first named them already (HPACK)


@dataclass
class Visit:
    """A browser's cold cache: what it has fetched, by address."""

    browser: Browser
    fetched: dict[str, int] = field(default_factory=dict)

    def open(self, path: str) -> tuple[int, int]:
        """Bytes and requests that this page adds."""
        before = len(self.fetched), sum(self.fetched.values())
        for address in (path, *list_fetched(self.browser.get(path).document)):
            if address not in self.fetched:
                self.fetched[address] = self.weigh(address)
        return sum(self.fetched.values()) - before[1], len(self.fetched) - before[0]

    def weigh(self, address: str) -> int:
        headers = {"Accept-Encoding": TAKEN}
        answer = self.browser.client.get(address, base_url=self.browser.origin, headers=headers)
        assert answer.status_code == 200, address
        return len(answer.get_data()) + HEADER_BYTES


def list_fetched(page: Element) -> list[str]:
    links = [each.attributes["href"] for each in page.all("link") if each.attributes["rel"] in FETCHED]
    sources = [each.attributes["src"] for each in page.all("script", "img") if "src" in each.attributes]
    return [*links, *sources]


def test_pages_are_light(browser: Browser, ana: Person, portal: Running, new_browser: NewBrowser) -> None:
    """A partner's page of several files, then `/files` with a full list."""
    files = []
    for number in range(30):
        files.append(upload_file(portal, ana, f"Quarterly report {number:02}.pdf"))
        portal.clock.turn(seconds=1)
    token = link_token(portal, share_files(portal, ana, files[:5], download_limit=3, message="Here it is."))
    visit = Visit(new_browser())
    weight, requests = visit.open(f"/d/{token}")
    assert weight <= 40_000, visit.fetched
    assert requests <= 5, visit.fetched
    visit.browser = browser
    weight, _ = visit.open("/files")
    assert browser.page
    assert len(browser.page.document.all("a", **{"data-lacks": ""})) == 30
    assert weight <= 25_000, visit.fetched
