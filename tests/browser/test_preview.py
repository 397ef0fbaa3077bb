"""Looking at files without saving them, in a real browser: what shows, what is said where nothing can."""

from __future__ import annotations

import io
import re
import struct
import time
import wave
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from portal.local.people import STAFF
from portal.local.session import LocalPortal
from tests.browser.axe import assert_accessible
from tests.integration.client import Client

NewPage = Callable[..., Page]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + bytes([40, 90 + row % 100, 160]) * width for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def wav(seconds: int, rate: int = 8000) -> bytes:
    """More than Chromium fetches ahead, where the rate is high."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\x00\x10" * rate * seconds)
    return made.getvalue()


def pdf(padding: int = 0) -> bytes:
    """A page that is red all over, in a file with so many bytes more."""
    red = b"1 0 0 rg 0 0 200 200 re f"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(red), red),
        b"<</Length %d>>stream\n%s\nendstream" % (padding, b"x" * padding),
    ]  # fmt: skip
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj%s endobj\n" % (n, each) for n, each in enumerate(parts, 1))
    return body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


FILES = {
    "picture.png": png(900, 500), "sound.wav": wav(4), "paper.pdf": pdf(),
    "notes.md": "# Grüße\n\n<script>document.title = 'run'</script>\n".encode(),
    "old.csv": "Name;Größe\n".encode("cp1252"),
    "long.log": b"line of a log\n" * 50_000,
    "not a picture.png": b"<html><script>alert(1)</script></html>",
}  # fmt: skip


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The whole of it, with a viewer of PDFs."""
    return chromium


@pytest.fixture(scope="module")
def staff(local: LocalPortal) -> Client:
    client = Client(local.url)
    client.get("/login")
    client.submit("/login", username=STAFF.email, password=STAFF.password)
    return client


@pytest.fixture(scope="module")
def ids(staff: Client) -> dict[str, str]:
    return {name: staff.upload(name, body) for name, body in FILES.items()}


@pytest.fixture
def link(staff: Client, ids: dict[str, str]) -> Callable[..., str]:
    """The link of a new share of these files."""

    def made(*names: str, **rules: str) -> str:
        chosen = [ids[name] for name in names]
        staff.get("/shares/new?" + "&".join(f"file={each}" for each in chosen))
        _, fields = staff.fill_form("/shares/new")
        fields.pop("confirm", None)
        answers: dict[str, Any] = fields | {"file": chosen, "recipients": "carol@partner.example"} | rules
        answer = staff.post(f"{staff.url}/shares/new", answers | {"step": "share"})
        page = staff.get(answer.headers["Location"])
        return page.all("input", readonly="")[0].attributes["value"]

    return made


def look_at(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Preview {name}").click()


def assert_usable(page: Page) -> None:
    assert_accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url


@pytest.mark.requirement("R17", "R24")
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_partner_looks_at_each_kind(
    new_page: NewPage, link: Callable[..., str], width: int, scheme: str
) -> None:
    """A picture, text as text, a sound; axe finds nothing, and nothing scrolls sideways."""
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    address = link(*FILES, message="Have a look.")
    page.goto(address)
    assert_usable(page)
    look_at(page, "picture.png")
    picture = page.get_by_role("img", name="The picture picture.png")
    expect(picture).to_be_visible()
    expect(page.locator(".viewer img")).to_have_js_property("naturalWidth", 900)
    assert_usable(page)
    page.get_by_role("link", name="Back to what was sent").click()
    look_at(page, "notes.md")
    expect(page.get_by_role("region", name="notes.md")).to_have_text(FILES["notes.md"].decode())
    assert page.title().startswith("Preview")
    assert_usable(page)
    page.goto(address)
    look_at(page, "sound.wav")
    expect(page.locator("audio")).to_have_js_property("duration", 4)
    assert_usable(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    assert saved.value.suggested_filename == "sound.wav"


def test_text_of_other_kinds_and_lengths(new_page: NewPage, link: Callable[..., str]) -> None:
    """The first 512 KiB, and it says so; old encodings are read too; nothing else is fetched."""
    page = new_page()
    address = link(*FILES)
    page.goto(address)
    look_at(page, "old.csv")
    expect(page.get_by_role("region", name="old.csv")).to_have_text("Name;Größe\n")
    expect(page.get_by_text("It is shown as Windows-1252; some letters may be wrong.")).to_be_visible()
    page.goto(address)
    with page.expect_response(lambda each: "X-Amz-Signature" in each.url) as asked:
        look_at(page, "long.log")
    expect(page.get_by_text("This is only the beginning.")).to_be_visible()
    assert asked.value.status == 206
    shown = page.get_by_role("region", name="long.log").text_content() or ""
    assert len(shown) == 512 * 1024


@pytest.mark.requirement("R35")
def test_what_cannot_be_shown_says_so(new_page: NewPage, link: Callable[..., str]) -> None:
    """A page that calls itself a picture is a picture that cannot be drawn."""
    page = new_page()
    page.goto(link(*FILES))
    look_at(page, "not a picture.png")
    expect(page.get_by_role("alert")).to_contain_text("This cannot be shown here.")


def reddish(page: Page) -> int:
    """How much of what is seen is the PDF's page: pixels of its red."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return sum(n for n, (r, g, b) in picture.getcolors(1 << 24) or [] if r > 240 and g < 20 and b < 20)


def wait_for_red(page: Page) -> None:
    ends = time.monotonic() + 60
    while reddish(page) < 10_000:
        assert time.monotonic() < ends, "the PDF is not seen"
        page.wait_for_timeout(200)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_pdf_is_shown_on_the_page(
    new_page: NewPage, link: Callable[..., str], width: int, scheme: str
) -> None:
    """By the browser's own viewer in a frame; the address stays the portal's, and can be loaded again."""
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(link(*FILES))
    with page.expect_response(lambda each: "X-Amz-Signature" in each.url) as asked:
        look_at(page, "paper.pdf")
    assert asked.value.headers["content-type"] == "application/pdf"
    wait_for_red(page)
    assert re.fullmatch(r".*/d/[\w-]+/preview\?.*", page.url)
    assert_usable(page)
    page.reload()
    wait_for_red(page)
    page.get_by_role("link", name="Back to what was sent").click()
    expect(page.get_by_role("button", name="Preview paper.pdf")).to_be_visible()
    page.go_back()
    wait_for_red(page)


@pytest.mark.parametrize("name", ["picture.png", "notes.md", "sound.wav"])
def test_the_way_back_leads_to_the_preview(new_page: NewPage, link: Callable[..., str], name: str) -> None:
    """No browser asks there whether to send a form again."""
    page = new_page()
    page.goto(link(*FILES))
    look_at(page, name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Preview")
    page.get_by_role("link", name="Back to what was sent").click()
    expect(page.get_by_role("button", name=f"Preview {name}")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Preview")
    expect(page.locator(".viewer > :is(img, pre, audio)")).to_be_visible()


@pytest.mark.requirement("R48", "R50")
def test_a_sound_goes_on_when_its_address_has_ended(new_page: NewPage, link: Callable[..., str]) -> None:
    """The player asks for the next one with the press that began it; one download is counted."""
    page = new_page()
    address = link("sound.wav", download_limit="1")
    page.goto(address)
    expect(page.get_by_text("A preview counts as one download.")).to_be_visible()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("audio")).to_have_js_property("duration", 4)
    page.clock.install()
    player = page.locator("audio")
    player.evaluate("(player) => { player.currentTime = 2; }")
    page.clock.fast_forward(61_000)
    player.dispatch_event("error")
    expect(player).to_have_js_property("currentTime", 2)
    page.clock.fast_forward(61_000)
    player.evaluate("(player) => { player.src = player.src.replace(/Signature=.*/, 'Signature=ended'); }")
    expect(player).to_have_attribute("src", re.compile("X-Amz-Signature=[0-9a-f]{64}"))
    expect(player).to_have_js_property("duration", 4)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.goto(address)
    expect(page.get_by_text("All downloads of this link have been used.")).to_be_visible()


def test_a_partner_without_scripts(new_page: NewPage, link: Callable[..., str]) -> None:
    page = new_page(java_script_enabled=False)
    address = link(*FILES)
    page.goto(address)
    look_at(page, "picture.png")
    expect(page.get_by_role("img", name="The picture picture.png")).to_be_visible()
    page.get_by_role("link", name="Back to what was sent").click()
    look_at(page, "notes.md")
    frame = page.frame_locator("iframe[title='notes.md']")
    expect(frame.locator("body")).to_contain_text("<script>document.title = 'run'</script>")
    page.goto(address)
    look_at(page, "long.log")
    expect(page.locator("noscript .notice")).to_be_visible()
    page.goto(address)
    look_at(page, "sound.wav")
    page.locator("noscript button").click()
    expect(page.locator("audio")).to_be_visible()


def test_an_owner_looks_at_a_file(signed_in: Callable[..., Page], ids: dict[str, str]) -> None:
    page = signed_in(STAFF, f"/files/{ids['picture.png']}")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("img", name="The picture picture.png")).to_be_visible()
    expect(page.locator(".viewer img")).to_have_js_property("naturalWidth", 900)
    assert_usable(page)
    page.get_by_role("link", name="About this file").click()
    expect(page.get_by_text("looked at picture.png.")).to_be_visible()
    page.goto("/files")
    page.get_by_label("More for picture.png").click()
    page.get_by_role("button", name="Preview").first.click()
    expect(page.get_by_role("img", name="The picture picture.png")).to_be_visible()
