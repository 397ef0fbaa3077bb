"""What is looked at for longer than its address lives, in real Chromium: the addresses are signed, end after
seconds, and embedded AWS refuses those that have ended.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, Route, expect

from portal.engine.workflow import run
from portal.local.session import LocalPortal
from portal.workflows.shares import revoke
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import link_token, make_person, make_request, share_files, upload_file
from tests.browser.short_lived import short_lived
from tests.browser.test_preview import pdf, wait_for_red, wav
from tests.browser.uploading import wait_until
from tests.builders import Running

NewPage = Callable[..., Page]
ANA = make_person("Ana Lopes")
LIVES = 14  # seconds
PIECE = 500_000  # bytes that one answer of the bucket brings: three seconds of sound
SIGNED = re.compile("X-Amz-Signature=")


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The whole of it, with a viewer of PDFs."""
    return chromium


@pytest.fixture
def portal(local: LocalPortal, beside: Running) -> Iterator[Running]:
    with short_lived(local, LIVES) as running:
        yield running


class Watched:
    """A page on which a file is looked at, and what the bucket and the portal answered for it."""

    def __init__(self, page: Page, portal: Running, name: str, body: bytes, **rules: Any) -> None:
        file = upload_file(portal, ANA, name, body)
        self.made = share_files(portal, ANA, [file], **rules)
        self.portal, self.page, self.file = portal, page, file
        self.bucket: list[int] = []
        self.renewals: list[float] = []
        page.on("response", self.note)
        self.path = f"{portal.config.public_url}/d/{link_token(portal, self.made)}"

    def note(self, response: Response) -> None:
        if SIGNED.search(response.url):
            self.bucket.append(response.status)
        elif (
            response.request.method == "POST" and response.url.endswith("/preview") and response.status == 200
        ):
            self.renewals.append(time.monotonic())

    def look(self) -> None:
        self.page.goto(self.path)
        self.page.get_by_role("button", name="Preview").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Preview")
        self.began = time.monotonic()

    @property
    def counted(self) -> int:
        found = self.portal.portal.services.shares.get_with_recipient(
            self.made.about, self.made.recipients[0].id
        )
        assert found is not None
        return found[1].downloads.get(self.file.id, 0)


def withdrawn(portal: Running, made: ShareFiles) -> None:
    asked = make_request(ANA, portal)
    run(revoke.WITHDRAW_SHARE, revoke.Withdraw(asked, share_id=made.about), portal.portal.services)


def answer_in_pieces(route: Route) -> None:
    """The bucket's answers as a store or proxy may give them, a piece at a time: a player must come back."""
    first = int((re.match(r"bytes=(\d+)-", route.request.headers.get("range", "")) or ["", "0"])[1])
    headers = {**route.request.headers, "range": f"bytes={first}-{first + PIECE - 1}"}
    route.continue_(headers=headers)


def playing(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.locator("audio").evaluate(
        "(it) => ({ at: it.currentTime, paused: it.paused, ended: it.ended, rate: it.playbackRate })"
    )
    return found


@pytest.mark.requirement("R79")
def test_a_sound_plays_on_beyond_its_address(new_page: NewPage, portal: Running) -> None:
    """Three addresses long, every second heard, nothing pressed again, one download counted. Its reader was
    quicker than the page's script.
    """
    page, scripts = new_page(), list[Route]()
    page.route("**/player.js*", lambda route: scripts.append(route))
    watched = Watched(page, portal, "sound.wav", wav(60, 88_200), download_limit=1)
    page.context.route(SIGNED, answer_in_pieces)
    watched.look()
    player = page.locator("audio")
    player.evaluate("(it) => it.play()")
    wait_until(page, lambda: bool(scripts))
    scripts[0].continue_()
    page.wait_for_timeout((3 * LIVES + 4) * 1000)
    found = playing(page)
    assert found["at"] > 3 * LIVES - 2, (found, watched.bucket)
    assert not found["paused"]
    assert len(watched.renewals) >= 3
    assert watched.renewals[0] - watched.began < LIVES  # before it ends
    expect(page.get_by_role("alert")).to_be_hidden()
    assert watched.counted == 1


@pytest.mark.requirement("R79")
def test_a_sound_that_was_paused_for_long_plays_on_from_anywhere(new_page: NewPage, portal: Running) -> None:
    """Also where its player has nothing of that place yet, and as fast as it was."""
    page = new_page()
    watched = Watched(page, portal, "sound.wav", wav(60, 88_200), download_limit=1)
    page.context.route(SIGNED, answer_in_pieces)
    watched.look()
    player = page.locator("audio")
    player.evaluate("(it) => { it.playbackRate = 3; return it.play(); }")
    page.wait_for_timeout(1000)
    player.evaluate("(it) => it.pause()")
    page.wait_for_timeout((LIVES + 2) * 1000)
    player.evaluate("(it) => { it.currentTime = 45; it.play().catch(() => {}); }")
    expect(player).to_have_js_property("ended", value=True, timeout=40_000)
    assert playing(page)["rate"] == 3
    assert 403 not in watched.bucket[-3:]
    assert watched.counted == 1


@pytest.mark.requirement("R79")
def test_a_pdf_that_comes_slowly_is_shown_whole(new_page: NewPage, portal: Running) -> None:
    """Broken off half-way, its address over by then: the next brings the rest, and it is counted once."""
    body, answers = pdf(400_000), list[str]()
    page = new_page()
    watched = Watched(page, portal, "paper.pdf", body, download_limit=1)

    def slow(route: Route) -> None:
        answers.append(route.request.headers.get("range", "all"))
        if len(answers) == 1:
            headers = {"Access-Control-Allow-Origin": portal.config.public_url}
            return route.fulfill(status=200, headers=headers, body=body[:200_000])
        if len(answers) == 2:
            time.sleep(LIVES + 1)
        return route.continue_()

    page.context.route(SIGNED, slow)
    watched.look()
    wait_for_red(page)
    assert answers == ["all", "bytes=200000-", "bytes=200000-"]
    assert watched.bucket == [200, 403, 206]
    assert len(watched.renewals) == 1
    page.wait_for_timeout((LIVES + 1) * 1000)
    page.frames[1].goto(page.frames[1].url)  # as by "Reload frame"
    wait_for_red(page)
    assert page.url.startswith(portal.config.public_url)
    assert watched.counted == 1


@pytest.mark.requirement("R48")
def test_a_preview_that_is_withdrawn_ends(new_page: NewPage, portal: Running) -> None:
    """No next address; the page says that it cannot be shown here."""
    page = new_page()
    watched = Watched(page, portal, "sound.wav", wav(60, 88_200))
    page.context.route(SIGNED, answer_in_pieces)
    watched.look()
    page.locator("audio").evaluate("(it) => it.play()")
    withdrawn(portal, watched.made)
    expect(page.get_by_role("alert")).to_be_visible(timeout=(LIVES + 40) * 1000)
    assert watched.renewals == []
