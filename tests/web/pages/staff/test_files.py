"""`/files`: the list, the trash, one file's page, and what each button does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote, urlencode

import pytest

from benchmarks.trace import trace_calls
from portal.domain.files.file import File
from portal.domain.people.person import Person
from tests.actions import (
    download_file,
    link_token,
    list_records,
    make_id,
    put_object,
    read_state,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.lists import file_names
from tests.web.provider import make_account

pytestmark = pytest.mark.requirement("R11", "R18", "R24", "R34", "R62")

HOSTILE = [
    "<script>alert(1)</script>.pdf", "\"><img src=x onerror=alert(1)>.pdf", "{{7*7}}.txt", "{% raw %}.txt",
    "{0.__class__}%s%n.txt", "\x1b[31mred\x1b[0m.txt", "gpj.\u202efdp.exe", "a\u0000b\ufeffc.txt",
    "e" + "\u0301" * 60 + ".txt", "../../etc/passwd", "..\\..\\windows\\system.ini", "CON", "aux.txt",
    "name.", "a:b|c?.txt", "Bericht für Zoë 😀.tar.gz",
]  # fmt: skip


def test_deleting_can_be_undone_from_the_next_page(browser: Browser, ana: Person, portal: Running) -> None:
    file = upload_file(portal, ana, "plan.pdf")
    browser.get("/files?sort=name")
    after = browser.follow(press(browser, "/files/trash", file, back="/files?sort=name"))
    assert after.path == "/files?sort=name"
    assert "1 file is in the trash." in after.text
    assert file_names(browser) == []
    back = browser.follow(browser.submit("/files/restore"))
    assert "1 file is back." in back.text
    assert file_names(browser) == ["plan.pdf"]


def press(browser: Browser, action: str, *files: File, back: str = "/files", **values: str) -> object:
    """Press a button of the bar over the list, with these files chosen."""
    assert browser.page is not None
    secret = browser.page.document.all("input", name="csrf_token")[0].attributes["value"]
    data = {"csrf_token": secret, "back": back, "file": [each.id for each in files], **values}
    return browser.ask("POST", action, data=data)


def test_many_are_changed_at_once_and_what_cannot_be_is_named(
    browser: Browser, ana: Person, portal: Running
) -> None:
    files = [upload_file(portal, ana, f"{each}.txt") for each in "abc"]
    gone = upload_file(portal, ana, "gone.txt")
    browser.get("/files")
    press(browser, "/files/trash", gone)
    press(browser, "/files/purge", gone, sure="1")
    after = browser.follow(press(browser, "/files/trash", *files, gone))
    assert "3 files are in the trash." in after.text
    assert "1 file was left as it was" in after.text
    restored = browser.follow(press(browser, "/files/restore", *files, back="/files?trash=1"))
    assert "3 files are back." in restored.text


def test_nothing_chosen_is_said_and_changes_nothing(browser: Browser, ana: Person, portal: Running) -> None:
    upload_file(portal, ana)
    browser.get("/files")
    before = read_state(portal)
    for action in ("/files/trash", "/files/restore", "/files/purge", "/files/share"):
        assert "Choose a file first" in browser.follow(press(browser, action)).text
    assert read_state(portal) == before


def test_deleting_for_good_asks_first_and_names_what_goes(
    browser: Browser, ana: Person, portal: Running
) -> None:
    file = upload_file(portal, ana, "plan.pdf")
    browser.get("/files")
    press(browser, "/files/trash", file)
    trash = browser.get("/files?trash=1")
    assert "Gone for good" in trash.text
    asked = press(browser, "/files/purge", file, back="/files?trash=1")
    assert (asked.status, asked.heading) == (200, "Delete for good?")
    assert asked.document.all("span", title="plan.pdf")
    browser.page = asked
    after = browser.follow(browser.submit("/files/purge"))
    assert "1 file is gone for good." in after.text
    browser.get(f"/files/{file.id}", 404)


def test_sharing_goes_on_with_the_chosen_files(browser: Browser, ana: Person, portal: Running) -> None:
    files = [upload_file(portal, ana, f"{each}.txt") for each in "ab"]
    browser.get("/files")
    answer = press(browser, "/files/share", *files)
    assert answer.location == f"/shares/new?file={files[0].id}&file={files[1].id}"


@pytest.mark.dates
def test_a_file_page_says_everything(browser: Browser, ana: Person, portal: Running) -> None:
    file = upload_file(portal, ana, "plan.pdf", b"x" * 1234)
    share_files(portal, ana, [file], recipients_text="partner@example.com")
    page = browser.get(f"/files/{file.id}")
    assert page.heading == "plan.pdf"
    for words in ("1.2 kB (1,234 bytes)", "application/pdf", "Kept until", "partner@example.com", "Ready"):
        assert words in page.text.replace("\N{NO-BREAK SPACE}", " "), words
    assert "plan.pdf arrived complete." in page.text
    assert page.document.all("a", href=f"/shares/new?file={file.id}")


def test_what_s3_has_of_a_file_is_asked_for_by_hand(browser: Browser, ana: Person, portal: Running) -> None:
    """Not on every look; with a second version, one of the two is the file's."""
    file = upload_file(portal, ana, "plan.pdf")
    put_object(portal, file, b"twelve bytes and more")
    with trace_calls() as trace:
        page = browser.get(f"/files/{file.id}")
    assert {call.operation.partition(".")[0] for call in trace} == {"dynamodb"}
    shown = browser.get(page.links["Show what is stored"])
    assert "12 bytes (the one that is shared)" in shown.text
    assert "21 bytes" in shown.text
    assert "Show what is stored" not in shown.links


def test_a_file_page_tells_what_happened_in_its_shares(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """To whom it went and who fetched it; nothing of another file of the same share."""
    plan, other = upload_file(portal, ana, "plan.pdf"), upload_file(portal, ana, "other.pdf")
    token = link_token(portal, share_files(portal, ana, [plan, other]))
    download_file(portal, token, other)
    page = browser.get(f"/files/{plan.id}")
    assert "shared" in page.text
    assert "was downloaded with the link of partner@example.com" not in page.text
    download_file(portal, token, plan)
    assert "plan.pdf was downloaded with the link of" in browser.get(f"/files/{plan.id}").text


def test_renaming_keeps_what_was_typed_when_it_cannot_be(
    browser: Browser, ana: Person, portal: Running
) -> None:
    file = upload_file(portal, ana, "plan.pdf")
    browser.get(f"/files/{file.id}")
    wrong = browser.submit(f"/files/{file.id}/rename", 400, name=" .. ")
    assert "Enter a name for the file." in wrong.text
    assert wrong.fields(f"/files/{file.id}/rename")["name"] == " .. "
    after = browser.follow(browser.submit(f"/files/{file.id}/rename", name="../New plan.pdf"))
    assert after.heading == "New plan.pdf"
    assert "Ana Lopes renamed plan.pdf to New plan.pdf." in after.text


@pytest.mark.dates
def test_the_lifetime_can_be_changed_but_not_below_an_open_share(
    browser: Browser, ana: Person, portal: Running
) -> None:
    file = upload_file(portal, ana)
    share_files(portal, ana, [file], expires_on=(portal.clock() + timedelta(days=20)).date())
    keep = f"/files/{file.id}/keep"
    browser.get(f"/files/{file.id}")
    assert "Choose one of the offered retention periods." in browser.submit(keep, 400, days="12345").text
    assert "A share of this file expires later." in browser.submit(keep, 409, days="7").text
    assert browser.submit(keep, days="30").status == 303


def test_copying_twice_with_one_form_makes_one_copy(browser: Browser, ana: Person, portal: Running) -> None:
    file = upload_file(portal, ana, "plan.pdf")
    browser.get(f"/files/{file.id}")
    first, again = (browser.submit(f"/files/{file.id}/copy") for _ in range(2))
    assert first.location == again.location
    assert browser.follow(first).heading == "plan (copy).pdf"
    browser.get("/files")
    assert sorted(file_names(browser)) == ["plan (copy).pdf", "plan.pdf"]


@pytest.mark.requirement("R35", "I4")
def test_the_owner_downloads_from_s3_under_the_right_name(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """The address saves and never shows; the download has its record."""
    file = upload_file(portal, ana, "Bericht für Zoë.html")
    browser.get(f"/files/{file.id}")
    answer = browser.submit(f"/files/{file.id}/download")
    address = unquote(answer.location)
    assert f"x-request={answer.headers['X-Request-Id']}&" in address
    assert address.startswith("https://portal-files.s3.eu-central-1.amazonaws.com/files/")
    assert "response-content-type=application/octet-stream" in address.casefold()
    assert "attachment; filename=" in address
    assert len(list_records(portal, "file.downloaded")) == 1


def test_files_of_somebody_else_are_not_there(
    browser: Browser, ana: Person, portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """A foreign id, an unknown one and nonsense look alike, on every page and button."""
    file = upload_file(portal, ana)
    ben = new_browser()
    ben.sign_in(make_account("Ben Okoro"))
    ben.get("/upload")
    before = read_state(portal)
    unknown = make_id(portal)
    for file_id in (file.id, unknown, "x" * 26, "nonsense"):
        ben.get(f"/files/{file_id}", 404)
        for change in ("rename", "keep", "copy", "download"):
            values = {"name": "mine.pdf", "days": "30", "submission_id": unknown}
            assert press(ben, f"/files/{file_id}/{change}", **values).status == 404, (file_id, change)
    for action in ("trash", "restore", "purge"):
        assert press(ben, f"/files/{action}", file, sure="1").status == 404
    assert read_state(portal) == before


def test_the_way_back_is_one_of_our_pages(browser: Browser, ana: Person, portal: Running) -> None:
    file = upload_file(portal, ana)
    browser.get("/files")
    for back in ("//evil.example", "https://evil.example", "/\\evil", "javascript:alert(1)", "/nowhere", ""):
        assert press(browser, "/files/trash", file, back=back).location == "/files"


def test_hostile_names_are_shown_as_text(browser: Browser, ana: Person, portal: Running) -> None:
    """In the list, in searches and on each file's page; nothing of it runs."""
    files = [upload_file(portal, ana, name) for name in HOSTILE]
    pages = [browser.get("/files"), *(browser.get(f"/files/{file.id}") for file in files)]
    pages += [browser.get("/files?" + urlencode({"q": name})) for name in HOSTILE if "\x00" not in name]
    for page in pages:
        assert not page.document.all("img", src="x")
        assert "<script>alert(1)" not in page.answer.text
        assert not {"\x1b", "\u202e", "\x00", "\ufeff"} & set(page.answer.text.partition("<main")[2])
    assert [page.heading for page in pages[1 : len(files) + 1]] == [file.name for file in files]
