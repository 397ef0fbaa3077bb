"""Looking at files through the front door: who is offered it, what the page lets in, what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.files.file import File
from tests.actions import link_token, list_records, make_person, read_state, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls, sign_in

ANA = make_person("Ana Lopes")
BUCKET = "https://portal-files.s3.eu-central-1.amazonaws.com"


@pytest.fixture
def link(portal: Running) -> Callable[..., str]:
    """The path of the link of a new share of files with these names."""

    def made(*names: str, **rules: Any) -> str:
        files: list[File] = [upload_file(portal, ANA, name) for name in names]
        return f"/d/{link_token(portal, share_files(portal, ANA, files, **rules))}"

    return made


def press(browser: Browser, path: str, status: int = 303, what: str = "preview", **details: Any) -> Page:
    """Press the first button of this kind on the page that is open."""
    assert browser.page is not None
    form = browser.page.document.all("form", action=f"{path}/{what}")[0]
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    return browser.ask("POST", f"{path}/{what}", status, data=fields, **details)


def look(browser: Browser, path: str) -> Page:
    """Press Preview; the page it leads to."""
    return browser.follow(press(browser, path, 303))


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


@pytest.mark.requirement("R17", "R35", "R43")
@pytest.mark.parametrize(
    ("name", "element"), [("a.png", "img"), ("a.mp3", "audio"), ("a.mp4", "video"), ("a.txt", "iframe")]
)
def test_the_page_lets_in_the_bucket_and_nothing_else(
    browser: Browser, link: Callable[..., str], name: str, element: str
) -> None:
    """A policy of its own; text in a frame that may do nothing."""
    path = link(name)
    browser.get(path)
    page = look(browser, path)
    shown = page.document.one(element)
    assert shown.attributes["src"].startswith(f"{BUCKET}/files/")
    assert path.removeprefix("/d/") not in shown.attributes["src"]
    rules = policy(page)
    script = rules.pop("script-src")
    assert script.startswith("'nonce-")
    assert {"'self'", BUCKET} <= set(rules.pop("form-action").split())
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


@pytest.mark.requirement("R17")
def test_a_pdf_is_shown_in_a_frame_of_the_page(browser: Browser, link: Callable[..., str]) -> None:
    """Not sandboxed, since Chromium's viewer runs in no sandbox."""
    path = link("a.pdf")
    browser.get(path)
    page = look(browser, path)
    framed, plain = page.document.all("iframe")
    assert "src" not in framed.attributes
    assert "response-content-type=application%2Fpdf" in plain.attributes["src"]
    assert "sandbox" not in framed.attributes | plain.attributes
    assert policy(page)["frame-src"] == f"{BUCKET} blob:"


@pytest.mark.requirement("R14", "R42")
def test_only_a_press_shows_anything(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running, link: Callable[..., str]
) -> None:
    """No GET, and no press without the page's secret."""
    path = link("a.png", download_limit=1)
    browser.get(path)
    before = read_state(portal)
    assert browser.ask("GET", f"{path}/preview", 303).location == path
    browser.ask("HEAD", f"{path}/preview", 303)
    browser.ask("POST", f"{path}/preview", 400, data={"file_id": "0" * 26, "attempt_id": "0" * 26})
    stranger = new_browser()
    stranger.page = browser.page
    press(stranger, path, 400)
    assert read_state(portal) == before


@pytest.mark.parametrize("name", ["a.png", "a.mp3", "a.mp4", "a.txt", "a.pdf"])
def test_a_preview_can_be_come_back_to(
    browser: Browser, portal: Running, link: Callable[..., str], name: str
) -> None:
    """A press leads on to an address that a browser may load again: the same press, counted once."""
    path = link(name, download_limit=1)
    browser.get(path)
    shown = press(browser, path, 303).location
    for _ in range(3):
        assert browser.ask("GET", shown, 200).heading == "Preview"
        portal.clock.turn(minutes=5)
    portal.clock.turn(days=1, minutes=1)
    assert browser.ask("GET", shown, 303).location == path
    portal.clock.turn(days=9)
    browser.ask("GET", shown, 410)


@pytest.mark.requirement("R42")
def test_opening_the_page_of_a_preview_is_no_press(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """With the ids of a button that nobody pressed, or another's, it leads to what was sent."""
    path, other = link("a.png", download_limit=1), link("a.png")
    form = browser.get(path).fields(f"{path}/preview")
    wanted = f"file_id={form['file_id']}&attempt_id={form['attempt_id']}"
    before = read_state(portal)
    for query in (wanted, "attempt_id=x&file_id=y", f"file_id={form['file_id']}"):
        assert browser.ask("GET", f"{path}/preview?{query}", 303).location == path
    browser.ask("GET", f"{other}/preview?{wanted}", 404)
    assert read_state(portal) == before


@pytest.mark.requirement("R49", "T17")
def test_a_preview_uses_up_the_last_download(browser: Browser, link: Callable[..., str]) -> None:
    path = link("a.png", download_limit=1)
    card = browser.get(path)
    page = look(browser, path)
    assert not page.document.all("form", action=f"{path}/download"), "there is no download left to offer"
    for what in ("download", "preview"):
        fields = card.fields(f"{path}/{what}") | {"attempt_id": "0" * 26}
        browser.ask("POST", f"{path}/{what}", 410, data=fields)


@pytest.mark.requirement("R48", "R50")
def test_a_player_asks_for_its_next_address(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """With the press that its page carries."""
    path = link("a.mp4", download_limit=1)
    browser.get(path)
    page = look(browser, path)
    portal.clock.turn(minutes=5)
    fields = page.fields(f"{path}/preview")
    answer = browser.ask("POST", f"{path}/preview", 200, data=fields, headers={"Accept": "application/json"})
    assert answer.answer.json["address"].startswith(f"{BUCKET}/files/")
    portal.clock.turn(days=9)
    browser.ask("POST", f"{path}/preview", 410, data=fields, headers={"Accept": "application/json"})


@pytest.mark.requirement("R45")
def test_a_link_of_nobody_shows_nothing(browser: Browser, link: Callable[..., str]) -> None:
    """Unknown links look alike; a foreign file is none of the share's."""
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
        page = press(browser, path, 303)
    assert calls.names == ["BatchGetItem", "TransactWriteItems"]
    with Calls(portal) as calls:
        browser.follow(page)
    assert calls.names == ["BatchGetItem", "TransactWriteItems"]


def test_the_sender_reads_that_it_was_looked_at(browser: Browser, portal: Running) -> None:
    """In the recipient's timeline, the share's history and the file's; as what it was."""
    me = sign_in(browser)
    file = upload_file(portal, me, "a.png")
    made = share_files(portal, me, [file])
    path = f"/d/{link_token(portal, made)}"
    browser.get(path)
    browser.ask("GET", "/account", 200)
    visitor = Browser(portal)
    visitor.get(path)
    look(visitor, path)
    page = browser.get(f"/shares/{made.about}")
    assert "a.png was looked at" in page.text
    assert "Download of a.png started" not in page.text
    assert "a.png was looked at with the link of" in browser.get(f"/files/{file.id}").text


@pytest.mark.requirement("R11", "R16")
def test_an_owner_looks_at_their_own(browser: Browser, portal: Running) -> None:
    """By a press; with a record of its own; not at what has no preview."""
    me = sign_in(browser)
    picture, page_file = upload_file(portal, me, "a.png"), upload_file(portal, me, "a.html")
    path = f"/files/{picture.id}"
    listed = browser.get("/files")
    menus = [each.attributes for each in listed.document.all("a") if "data-menu" in each.attributes]
    lacking = {each["data-menu"]: each["data-lacks"] for each in menus}
    assert lacking == {picture.id: "", page_file.id: "preview"}
    browser.get(path)
    page = look(browser, path)
    assert page.document.one("img").attributes["src"].startswith(f"{BUCKET}/files/")
    assert policy(page)["default-src"] == "'none'"
    assert len(list_records(portal, "file.previewed")) == 1
    assert "Ana Lopes looked at a.png." in browser.get(path).text
    assert browser.ask("GET", f"{path}/preview", 303).location == path
    fields = page.fields(f"{path}/download")
    browser.ask("POST", f"/files/{page_file.id}/preview", 403, data=fields)
    browser.ask("POST", f"/files/{'0' * 26}/preview", 404, data=fields)
