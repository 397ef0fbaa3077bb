"""Looking at files through the front door: who is offered it, what the page lets in, what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.files import File
from tests.builders import Running
from tests.doing import recorded, shared, somebody, state, token_of, uploaded
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls, signed_in

ANA = somebody("Ana Lopes")
BUCKET = "https://portal-files.s3.eu-central-1.amazonaws.com"


@pytest.fixture
def link(portal: Running) -> Callable[..., str]:
    """The path of the link of a new share of files with these names."""

    def made(*names: str, **rules: Any) -> str:
        files: list[File] = [uploaded(portal, ANA, name) for name in names]
        return f"/d/{token_of(portal, shared(portal, ANA, files, **rules))}"

    return made


def press(browser: Browser, path: str, status: int = 200, what: str = "preview", **details: Any) -> Page:
    """Press the first button of this kind on the page that is open."""
    assert browser.page is not None
    form = browser.page.document.all("form", action=f"{path}/{what}")[0]
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    return browser.ask("POST", f"{path}/{what}", status, data=fields, **details)


def policy(page: Page) -> dict[str, str]:
    return dict(each.split(" ", 1) for each in page.headers["Content-Security-Policy"].split("; "))


def test_what_has_a_preview_offers_one(browser: Browser, link: Callable[..., str]) -> None:
    path = link("a.png", "b.html", "c.svg", "d.pdf", "e.zip")
    page = browser.get(path)
    assert len(page.document.all("form", action=f"{path}/preview")) == 2
    assert len(page.document.all("form", action=f"{path}/download")) == 5
    assert "counts as one download" not in page.text
    assert "A preview counts as one download." in browser.get(link("a.png", download_limit=3)).text
    assert "counts as one download" not in browser.get(link("b.html", download_limit=3)).text


@pytest.mark.parametrize(
    ("name", "element"), [("a.png", "img"), ("a.mp3", "audio"), ("a.mp4", "video"), ("a.txt", "iframe")]
)
def test_the_page_lets_in_the_bucket_and_nothing_else(
    browser: Browser, link: Callable[..., str], name: str, element: str
) -> None:
    """R17, R35, R43: a policy of its own; text in a frame that may do nothing."""
    path = link(name)
    browser.get(path)
    page = press(browser, path)
    shown = page.document.one(element)
    assert shown.attributes["src"].startswith(f"{BUCKET}/files/")
    assert path.removeprefix("/d/") not in shown.attributes["src"]
    rules = policy(page)
    script = rules.pop("script-src")
    assert script.startswith("'nonce-")
    assert rules.pop("form-action").startswith(f"'self' {BUCKET}")
    assert rules == {
        "default-src": "'none'", "style-src": "'self'", "img-src": f"'self' {BUCKET}", "media-src": BUCKET,
        "frame-src": BUCKET, "connect-src": f"'self' {BUCKET}", "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }  # fmt: skip
    assert shown.attributes.get("sandbox", "") == ""
    assert ("sandbox" in shown.attributes) == (element == "iframe")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert BUCKET not in policy(browser.get(path))["img-src"]


def test_a_pdf_is_left_to_the_browsers_own_viewer(browser: Browser, link: Callable[..., str]) -> None:
    path = link("a.pdf")
    browser.get(path)
    address = press(browser, path, 303).location
    assert address.startswith(f"{BUCKET}/files/")
    assert "response-content-type=application%2Fpdf" in address


def test_only_a_press_shows_anything(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running, link: Callable[..., str]
) -> None:
    """R14, R42: no GET, and no press without the page's secret."""
    path = link("a.png", download_limit=1)
    browser.get(path)
    before = state(portal)
    assert browser.ask("GET", f"{path}/preview", 303).location == path
    browser.ask("HEAD", f"{path}/preview", 303)
    browser.ask("POST", f"{path}/preview", 400, data={"file_id": "0" * 26, "attempt_id": "0" * 26})
    stranger = new_browser()
    stranger.page = browser.page
    press(stranger, path, 400)
    assert state(portal) == before


def test_a_preview_uses_up_the_last_download(browser: Browser, link: Callable[..., str]) -> None:
    """R49, T17."""
    path = link("a.png", download_limit=1)
    browser.get(path)
    page = press(browser, path)
    assert not page.document.all("form", action=f"{path}/download"), "there is no download left to offer"
    for what in ("download", "preview"):
        form = {"attempt_id": "0" * 26}
        assert browser.page is not None
        fields = browser.page.fields(f"{path}/{what}") | form
        browser.ask("POST", f"{path}/{what}", 410, data=fields)


def test_a_player_asks_for_its_next_address(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """R48, R50: with the press that its page carries."""
    path = link("a.mp4", download_limit=1)
    browser.get(path)
    page = press(browser, path)
    portal.clock.turn(minutes=5)
    fields = page.fields(f"{path}/preview")
    answer = browser.ask("POST", f"{path}/preview", 200, data=fields, headers={"Accept": "application/json"})
    assert answer.answer.json["address"].startswith(f"{BUCKET}/files/")
    portal.clock.turn(days=9)
    browser.ask("POST", f"{path}/preview", 410, data=fields, headers={"Accept": "application/json"})


def test_a_link_of_nobody_shows_nothing(browser: Browser, link: Callable[..., str]) -> None:
    """R45: unknown links look alike; a foreign file is none of the share's."""
    path, other = link("a.png"), link("a.png")
    form = browser.get(other).fields(f"{other}/preview")
    browser.get(path)
    texts = set()
    for each in ("/d/x", "/d/" + "0" * 95, other[:-1] + ("A" if other[-1] != "A" else "E")):
        texts.add(browser.ask("POST", f"{each}/preview", 404, data=form).text)
    assert len(texts) == 1
    browser.ask("POST", f"{path}/preview", 404, data=form)


def test_two_calls(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    path = link("a.png")
    browser.get(path)
    with Calls(portal) as calls:
        press(browser, path)
    assert calls.names == ["BatchGetItem", "TransactWriteItems"]


def test_the_sender_reads_that_it_was_looked_at(browser: Browser, portal: Running) -> None:
    """In the recipient's timeline, the share's history and the file's; as what it was."""
    me = signed_in(browser)
    file = uploaded(portal, me, "a.png")
    made = shared(portal, me, [file])
    path = f"/d/{token_of(portal, made)}"
    browser.get(path)
    browser.ask("GET", "/account", 200)
    visitor = Browser(portal)
    visitor.get(path)
    press(visitor, path)
    page = browser.get(f"/shares/{made.about}")
    assert "a.png was looked at" in page.text
    assert "Download of a.png started" not in page.text
    assert "a.png was looked at with the link of" in browser.get(f"/files/{file.id}").text


def test_an_owner_looks_at_their_own(browser: Browser, portal: Running) -> None:
    """R11, R16: by a press; with a record of its own; not at what has no preview."""
    me = signed_in(browser)
    picture, page_file = uploaded(portal, me, "a.png"), uploaded(portal, me, "a.html")
    path = f"/files/{picture.id}"
    listed = browser.get("/files")
    offered = [each.attributes.get("action", "") for each in listed.document.all("form")]
    assert [each for each in offered if each.endswith("/preview")] == [f"{path}/preview"]
    browser.get(path)
    page = press(browser, path)
    assert page.document.one("img").attributes["src"].startswith(f"{BUCKET}/files/")
    assert policy(page)["default-src"] == "'none'"
    assert len(recorded(portal, "file.previewed")) == 1
    assert "Ana Lopes looked at a.png." in browser.get(path).text
    assert browser.ask("GET", f"{path}/preview", 303).location == path
    fields = page.fields(f"{path}/download")
    browser.ask("POST", f"/files/{page_file.id}/preview", 403, data=fields)
    browser.ask("POST", f"/files/{'0' * 26}/preview", 404, data=fields)
