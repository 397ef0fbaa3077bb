"""The main job, whole, in a real browser: sign in, upload, share, download, follow, withdraw."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.local.people import ADMIN, COLLEAGUE, STAFF
from portal.local.session import LocalPortal
from tests.browser.axe import assert_accessible

SignedIn = Callable[..., Page]
NewPage = Callable[..., Page]


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The whole of it, with all that people have."""
    return chromium


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files to send: a picture of some size, and a name with letters of many kinds."""
    made = {"photo.png": bytes(range(256)) * 4000, "Übersicht 2026 – Entwurf.pdf": b"%PDF-1.7 not quite"}
    for name, body in made.items():
        (tmp_path / name).write_bytes(body)
    return [tmp_path / name for name in made]


def upload(page: Page, files: list[Path]) -> None:
    """Choose files on the upload page; the next step is offered once they have arrived."""
    page.goto("/upload")
    page.locator(".uppy-Dashboard-input").first.set_input_files([str(file) for file in files])
    share = page.get_by_role("link", name="Share these files")
    start = page.locator(".uppy-StatusBar-actionBtn--upload")
    expect(start.or_(share).first).to_be_visible()
    if start.is_visible():
        start.click()
    expect(share).to_be_visible()


def share(page: Page, recipients: str, message: str = "", limit: str = "") -> str:
    """From the form to the share's page; returns its path."""
    page.get_by_label("To", exact=True).fill(recipients)
    page.get_by_label("Message (optional)").fill(message)
    page.get_by_label("Download limit (optional)").fill(limit)
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and share")
    page.get_by_role("button", name="Share", exact=True).click()
    page.wait_for_url(re.compile(r"/shares/[0-9a-z]{26}$"))
    return page.url


LINK = re.compile(r"http://[^\s\"<]+/d/[\w-]+")
CODE = re.compile(r"\b[0-9]{6}\b")


def read_newest_mail(local: LocalPortal, address: str, what: re.Pattern[str]) -> str:
    """The link or the code in the newest email to an address that brings one, once there is one."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        found = [what.findall(mail["text"]) for mail in local.outbox() if mail["to"] == address]
        if any(found):
            (newest,) = set([each for each in found if each][-1])
            return newest
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address} with {what.pattern}")


def come_in(page: Page, local: LocalPortal, link: str, address: str, password: str = "") -> None:
    """Open a link for the first time: a code comes to its address, and is typed on the page; then the
    password, if one was set.
    """
    page.goto(link)
    page.get_by_role("button", name="Send me a code").click()
    field = page.get_by_label("Code", exact=True)
    expect(field).to_be_focused()
    field.fill(read_newest_mail(local, address, CODE))
    page.get_by_role("button", name="Continue").click()
    if password:
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        assert_usable(page)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Download").first).to_be_visible()


def download(page: Page, name: str = "Download") -> tuple[str, bytes]:
    """Press the button; the name the browser saves under, and the bytes."""
    with page.expect_download() as started:
        page.get_by_role("button", name=name, exact=name == "Download").click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def assert_usable(page: Page) -> None:
    assert_accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url


def status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


@pytest.mark.requirement("R42", "R48", "R49")
def test_two_files_reach_two_people(
    local: LocalPortal, signed_in: SignedIn, new_page: NewPage, files: list[Path]
) -> None:
    """Upload, share, download, follow and withdraw, each as a person does it."""
    ana = signed_in(STAFF)
    upload(ana, files)
    ana.get_by_role("link", name="Share these files").click()
    shared = share(ana, "carol@partner.example, dave@partner.example", "Two files, as agreed.", "2")
    links = [read_newest_mail(local, f"{name}@partner.example", LINK) for name in ("carol", "dave")]
    assert links[0] != links[1]

    carol = new_page(viewport={"width": 360, "height": 740})
    come_in(carol, local, links[0], "carol@partner.example")
    expect(carol.get_by_role("heading", level=1)).to_have_text("Staff member sent you 2 files")
    for file in files:
        assert download(carol, f"Download {file.name}") == (file.name, file.read_bytes())
    carol.reload()
    expect(carol.get_by_text("1 download left")).to_have_count(2)

    ana.goto(shared)
    row = ana.get_by_role("row").filter(has_text="carol@partner.example")
    expect(row).to_contain_text("Has everything")
    expect(row).to_contain_text("2 of 2")
    row.get_by_role("link", name="carol@partner.example").click()
    card = ana.get_by_role("article", name="carol@partner.example")
    expect(card).to_contain_text("1 of 2")
    card.get_by_role("button", name="Withdraw").click()
    ana.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(ana.get_by_role("status").first).to_contain_text("Withdrawn from carol@partner.example")
    assert status(carol, links[0]) == 410
    assert status(new_page(), links[1]) == 200


@pytest.mark.requirement("R45")
def test_a_colleague_without_scripts(
    local: LocalPortal, signed_in: SignedIn, files: list[Path], new_page: NewPage
) -> None:
    """What was shared is found when signed in, and fetched without JavaScript; a used link says so."""
    ana = signed_in(STAFF)
    upload(ana, files[:1])
    ana.get_by_role("link", name="Share these files").click()
    share(ana, COLLEAGUE.email, limit="1")
    ben = signed_in(COLLEAGUE, "/shared-with-me", java_script_enabled=False)
    ben.get_by_role("link", name="Open photo.png").first.click()
    ben.wait_for_url("**/d/*")
    link = ben.url
    assert download(ben) == ("photo.png", files[0].read_bytes())
    assert status(ben, link) == 410
    expect(ben.locator("main")).to_contain_text("All downloads of this link have been used")


@pytest.mark.requirement("R42", "R44")
def test_a_partner_without_scripts(
    local: LocalPortal, signed_in: SignedIn, new_page: NewPage, files: list[Path]
) -> None:
    """Code, password and download without JavaScript; an email passed on opens nothing; a browser
    that runs scripts and waits sends no code.
    """
    ana, frank = signed_in(STAFF), "frank@partner.example"
    upload(ana, files[:1])
    ana.get_by_role("link", name="Share these files").click()
    ana.get_by_label("Password (optional)").fill("correct horse")
    share(ana, frank)
    link, partner = read_newest_mail(local, frank, LINK), new_page(java_script_enabled=False)
    waiting = new_page()
    waiting.goto(link)
    waiting.wait_for_timeout(3000)
    assert len([mail for mail in local.outbox() if mail["to"] == frank]) == 1
    partner.goto(link)
    partner.get_by_role("button", name="Send me a code").click()
    partner.get_by_label("Code", exact=True).fill(read_newest_mail(local, frank, CODE))
    partner.get_by_role("button", name="Continue").click()
    partner.get_by_label("Password", exact=True).fill("correct horse")
    partner.get_by_role("button", name="Continue").click()
    assert download(partner) == ("photo.png", files[0].read_bytes())
    waiting.reload()
    expect(waiting.get_by_role("button", name="Send me a code")).to_be_visible()


@pytest.mark.requirement("R47", "R48", "R52")
def test_the_sender_stays_in_control_without_scripts(
    local: LocalPortal, signed_in: SignedIn, new_page: NewPage, files: list[Path]
) -> None:
    """Change the share, add someone, send an email again, and read what happened."""
    ana = signed_in(STAFF)
    upload(ana, files[:1])
    ana.get_by_role("link", name="Share these files").click()
    shared = share(ana, "hana@partner.example", limit="1")
    quiet = signed_in(STAFF, shared.replace(local.url, ""), java_script_enabled=False)
    quiet.get_by_role("link", name="Change").click()
    quiet.get_by_label("Download limit").fill("4")
    quiet.get_by_role("button", name="Save").click()
    expect(quiet.get_by_role("status")).to_contain_text("The share is changed.")
    quiet.get_by_role("link", name="Add recipients").click()
    quiet.get_by_label("To", exact=True).fill("grace@partner.example")
    quiet.get_by_role("button", name="Add and send").click()
    expect(quiet.get_by_role("status")).to_contain_text("1 person was added.")
    grace = new_page()
    come_in(grace, local, read_newest_mail(local, "grace@partner.example", LINK), "grace@partner.example")
    expect(grace.get_by_text("4 downloads left")).to_be_visible()
    quiet.get_by_role("link", name="hana@partner.example").click()
    card = quiet.get_by_role("article", name="hana@partner.example")
    card.get_by_role("button", name="Send the email again").click()
    expect(quiet.get_by_role("status")).to_contain_text("with the same link")
    expect(card.get_by_text("Accepted by the email service")).to_have_count(2)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_everybody_can_use_these_pages(
    local: LocalPortal, signed_in: SignedIn, new_page: NewPage, files: list[Path], width: int, scheme: str
) -> None:
    """axe finds nothing, and nothing scrolls sideways, from a phone in the dark to a desk in the light."""
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    ada = signed_in(ADMIN, "/files", **look)
    upload(ada, files)
    ada.get_by_role("link", name="Share these files").click()
    expect(ada.get_by_role("button", name="Review")).to_be_visible()  # no press waits for the next page
    assert_usable(ada)
    ada.get_by_role("button", name="Review").click()
    expect(ada.get_by_role("alert")).to_be_visible()
    assert_usable(ada)
    ada.get_by_label("Password (optional)").fill("correct horse")
    shared = share(ada, f"erin-{width}@partner.example", "Hello,\n\nhere they are.", "3")
    partner, erin = new_page(**look), f"erin-{width}@partner.example"
    link = read_newest_mail(local, erin, LINK)
    partner.goto(link)
    assert_usable(partner)
    partner.get_by_role("button", name="Send me a code").click()
    partner.get_by_label("Code", exact=True).fill("none")
    partner.get_by_role("button", name="Continue").click()
    expect(partner.get_by_role("alert")).to_be_visible()
    assert_usable(partner)
    inside = new_page(**look)
    come_in(inside, local, link, erin, "correct horse")
    assert_usable(inside)
    ada.get_by_role("button", name="Withdraw from all").click()
    assert_usable(ada)
    ours = (shared, f"{shared}/edit", f"{shared}/recipients")
    for path in (*ours, "/shares", "/shares/new", "/shared-with-me", "/account", "/admin"):
        ada.goto(path)
        assert_usable(ada)


def test_what_was_asked_for_is_where_one_lands(signed_in: SignedIn) -> None:
    page = signed_in(STAFF, "/shares?cursor=")
    expect(page.get_by_role("heading", level=1)).to_have_text("Shares")


@pytest.mark.requirement("R10")
def test_signing_out_everywhere(signed_in: SignedIn) -> None:
    """The other browser is asked to sign in at its next step."""
    here, there = signed_in(COLLEAGUE, "/account"), signed_in(COLLEAGUE, "/shares")
    here.get_by_role("button", name="Sign out everywhere").click()
    here.wait_for_url("**/")
    there.reload()
    expect(there.locator("[name=username]")).to_be_visible()


def test_an_admin_sees_what_happened(signed_in: SignedIn) -> None:
    page = signed_in(ADMIN, "/admin")
    expect(page.get_by_role("table", name="Recent activity")).to_contain_text("Admin signed in.")
    expect(page.get_by_text("Downloads", exact=True).first).to_be_visible()
