"""A press of Download in a real browser: it is said and seen at once, and the counts are right afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from portal.local.people import STAFF
from portal.local.session import LocalPortal
from tests.actions import download_file
from tests.browser.axe import assert_accessible
from tests.browser.test_download_all import Sent, send
from tests.integration.client import Client

__all__ = ["send"]  # a fixture
NewPage = Callable[..., Page]
Send = Callable[..., Sent]

ONE = {("", "report.pdf"): b"twelve bytes"}
TWO = {("", "a.txt"): b"first", ("", "b.txt"): b"second"}
SAID_WITHIN = 100  # milliseconds (R82)
# Notes when a press came, when the page said something of it, and everything that moved since.
WATCH = """() => {
  const place = document.querySelector('[data-download-status]');
  window.watched = { moved: [], said: [] };
  document.addEventListener('click', () => { watched.pressed = performance.now(); }, { capture: true });
  new MutationObserver(() => {
    watched.said.push([place.textContent, performance.now() - watched.pressed]);
  }).observe(place, { childList: true });
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries()) {
      watched.moved.push(...sources.map(({ node }) => node?.outerHTML ?? node?.data));
    }
  }).observe({ type: 'layout-shift' });
}"""


def open_and_watch(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")  # its scripts have come
    page.evaluate(WATCH)


def press_download(page: Page, name: str, label: str = "") -> Path:
    """Press the button of a file; what the browser saved."""
    with page.expect_download() as started:
        page.get_by_role("button", name=label or "Download", exact=True).click()
    assert started.value.suggested_filename == name
    return Path(started.value.path())


def boxes(page: Page) -> list[Any]:
    parts: Locator = page.locator(".partner-card, .file-buttons button, .file-list > li, .until")
    return [parts.nth(place).bounding_box() for place in range(parts.count())]


@pytest.mark.requirement("R82")
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_press_is_said_at_once_and_counted_on_the_page(
    new_page: NewPage, send: Send, width: int, scheme: str
) -> None:
    """Aloud and on the button; nothing moves; the bytes are the file's."""
    sent = send(ONE, download_limit=3)
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    open_and_watch(page, sent.path)
    before = boxes(page)
    assert press_download(page, "report.pdf").read_bytes() == b"twelve bytes"
    expect(page.get_by_text("2 downloads left")).to_be_visible()
    expect(page.get_by_role("button", name="Started")).to_be_visible()
    assert boxes(page) == before
    watched = page.evaluate("watched")
    (starting, within), (started, _) = watched["said"]
    assert starting == "The download of report.pdf is starting."
    assert within < SAID_WITHIN
    assert started == "The download of report.pdf has started. Your browser saves it."
    assert watched["moved"] == []
    assert sent.counted == [1]
    assert_accessible(page)
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_visible()  # it can be pressed again


@pytest.mark.requirement("R82")
def test_it_is_said_before_the_portal_answers(new_page: NewPage, send: Send) -> None:
    """A slow answer does not leave the reader without a word, and a second press is not a second one."""
    sent = send(ONE, download_limit=3)
    page = new_page()
    held: list[Route] = []
    page.route("**/download", lambda route: held.append(route))
    open_and_watch(page, sent.path)
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.get_by_role("button", name="Starting…")).to_be_visible()
    page.get_by_role("button", name="Starting…").click()
    assert len(held) == 1
    with page.expect_download():
        held[0].continue_()
    expect(page.get_by_text("2 downloads left")).to_be_visible()
    assert sent.counted == [1]


@pytest.mark.requirement("R82")
@pytest.mark.parametrize("bodies", [ONE, TWO], ids=["one", "two"])
def test_the_last_download_is_said_to_be_used(new_page: NewPage, send: Send, bodies: Any) -> None:
    """The pressed button stays, since the same press is the same download; what others used up is greyed."""
    sent = send(bodies, download_limit=1)
    names = [name for _, name in bodies]
    label = "Download" if len(names) == 1 else f"Download {names[0]}"
    page = new_page()
    open_and_watch(page, sent.path)
    for other in sent.files[1:]:
        download_file(sent.running, sent.path.removeprefix("/d/"), other)
    press_download(page, names[0], label)
    expect(page.get_by_text("no downloads left")).to_have_count(len(names))
    for name in names[1:]:
        expect(page.get_by_role("button", name=f"Download {name}")).to_be_disabled()
    assert page.evaluate("watched.moved") == []
    press_download(page, names[0], label if len(names) > 1 else "Started")
    assert sent.counted == [1] * len(names)


def test_what_download_all_holds_is_right_afterwards(new_page: NewPage, send: Send) -> None:
    sent = send({**TWO, ("", "c.txt"): b"third"}, download_limit=1)
    page = new_page()
    open_and_watch(page, sent.path)
    press_download(page, "a.txt", "Download a.txt")
    expect(page.get_by_text("2 files, 11 bytes, as one ZIP.")).to_be_visible()


def test_a_press_that_is_refused_shows_the_portals_page(new_page: NewPage, send: Send) -> None:
    """Used up on another device in the meantime: the page says so, as it does without scripts."""
    sent = send(ONE, download_limit=1)
    page = new_page()
    open_and_watch(page, sent.path)
    download_file(sent.running, sent.path.removeprefix("/d/"), sent.files[0])
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No longer available")


def test_a_press_without_a_connection_says_so(new_page: NewPage, send: Send) -> None:
    sent = send(ONE)
    page = new_page()
    open_and_watch(page, sent.path)
    page.context.set_offline(True)
    page.get_by_role("button", name="Download", exact=True).click()
    said = page.get_by_role("status").filter(has_text="did not start")
    expect(said).to_be_visible()
    assert (said.bounding_box() or {})["width"] > 100  # not for screen readers alone
    page.context.set_offline(False)
    press_download(page, "report.pdf", "Try again")
    assert sent.counted == [1]


@pytest.mark.requirement("R82")
def test_staff_are_told_too(signed_in: Callable[..., Page], local: LocalPortal) -> None:
    """The same of one's own files: on the file's page, beside its preview, in the list's menu."""
    client = Client(local.url)
    client.get("/login")
    client.submit("/login", username=STAFF.email, password=STAFF.password)
    path = f"/files/{client.upload('mine.txt', b'of my own')}"
    page = signed_in(STAFF, path)
    said = page.get_by_role("status").filter(has_text="The download of mine.txt is starting.")
    assert press_download(page, "mine.txt").read_bytes() == b"of my own"
    expect(said).to_be_attached()
    page.get_by_role("button", name="Preview").click()
    press_download(page, "mine.txt")
    expect(said).to_be_attached()
    page.goto("/files")
    page.get_by_label("More for mine.txt").click()
    press_download(page, "mine.txt")
    expect(said).to_be_attached()
    expect(page.get_by_role("button", name="Starting…")).to_be_visible()


@pytest.mark.requirement("R50")
def test_a_press_counts_while_the_counts_are_on_their_way(new_page: NewPage, send: Send) -> None:
    """The same press again, before the page knows what is left, is not passed over."""
    sent = send(ONE, download_limit=3)
    page, held = new_page(), list[Route]()
    open_and_watch(page, sent.path)
    page.route(f"**{sent.path}", lambda route: held.append(route))
    press_download(page, "report.pdf")
    expect(page.get_by_role("button", name="Started")).to_be_visible()
    assert held
    press_download(page, "report.pdf", "Started")
