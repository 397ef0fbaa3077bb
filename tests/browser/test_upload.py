"""Uploading in a real browser: Uppy, presigned POST, cancel, retry, and the same without scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from portal.local.people import COLLEAGUE
from portal.local.session import LocalPortal
from tests.browser.axe import assert_accessible
from tests.browser.uploading import SignedIn, choose, expect_arrived, send, take_out, uploads_to_bucket


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    made = {"Quarterly report.pdf": 300_000, "Zoë's site plan 😀.png": 120_000, "figures.csv": 900}
    for name, size in made.items():
        (tmp_path / name).write_bytes(b"x" * size)
    return [str(tmp_path / name) for name in made]


def test_several_files_go_up_and_the_next_step_is_sharing_them(signed_in: SignedIn, files: list[str]) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    choose(page, files)
    send(page)
    done = page.locator("#uploaded")
    expect(done).to_contain_text("3 files have arrived.")
    assert_accessible(page)
    done.get_by_role("link", name="Share these files").click()
    expect(page).to_have_url(
        re.compile(r"/shares/new\?file=[0-9a-z]{26}&file=[0-9a-z]{26}&file=[0-9a-z]{26}")
    )
    page.goto("/files")
    for path in files:
        expect(page.get_by_title(Path(path).name, exact=True).first).to_be_visible()


def test_a_connection_that_breaks_is_taken_up_again_by_itself(
    signed_in: SignedIn, files: list[str], local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    broken: list[str] = []

    def break_twice(route: Route) -> None:
        if route.request.method == "POST" and len(broken) < 2:
            broken.append(route.request.url)
            route.abort() if len(broken) == 1 else route.fulfill(status=503, body="<Error/>")
        else:
            route.continue_()

    page.route(uploads_to_bucket(local), break_twice)
    choose(page, files[:1])
    send(page)
    expect_arrived(page)
    assert len(broken) == 2


@pytest.mark.requirement("R33")
def test_a_form_that_is_too_old_is_signed_anew(
    signed_in: SignedIn, files: list[str], local: LocalPortal
) -> None:
    """S3 refuses a policy past its time; the file goes up with another."""
    page = signed_in(COLLEAGUE, "/upload")
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if route.request.method == "POST" and not refused:
            refused.append(route.request.url)
            route.fulfill(status=403, body="<Error><Code>AccessDenied</Code></Error>")
        else:
            route.continue_()

    page.route(uploads_to_bucket(local), refuse_once)
    choose(page, files[:1])
    with page.expect_response("**/v1/uploads/*/form") as asked:
        send(page)
    assert asked.value.status == 200
    expect_arrived(page)
    assert refused


def test_what_stays_refused_is_said_and_can_be_tried_again(
    signed_in: SignedIn, files: list[str], local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    page.clock.install()
    page.reload()
    page.route(uploads_to_bucket(local), lambda route: route.fulfill(status=403, body="<Error/>"))
    choose(page, files[:1])
    send(page)
    for _ in range(5):
        page.wait_for_timeout(300)
        page.clock.fast_forward("00:30")
    expect(page.locator("#not-uploaded li")).to_contain_text("The upload took too long to start.")
    expect(page.locator("#uploaded")).to_be_hidden()
    page.unroute(uploads_to_bucket(local))
    page.locator(".uppy-StatusBar-actionBtn--retry").click()
    page.clock.fast_forward("00:30")
    expect_arrived(page)


def test_what_the_portal_refuses_is_shown_in_its_words(signed_in: SignedIn, files: list[str]) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    said = '{"detail": "This portal is full.", "reason": "full"}'
    page.route("**/v1/uploads", lambda route: route.fulfill(status=409, body=said))
    choose(page, files[:1])
    send(page)
    expect(page.locator("#not-uploaded")).to_have_text(
        re.compile(r"Quarterly report\.pdf: This portal is full\.")
    )
    take_out(page, "Quarterly report.pdf")
    expect(page.locator("#not-uploaded")).to_be_hidden()


@pytest.mark.requirement("R38")
def test_cancelling_forgets_what_was_announced(
    signed_in: SignedIn, files: list[str], local: LocalPortal
) -> None:
    """Nothing of a cancelled upload stays."""
    page = signed_in(COLLEAGUE, "/upload")
    held: list[Route] = []
    page.route(uploads_to_bucket(local), lambda route: held.append(route))
    choose(page, files[:1])
    with page.expect_response("**/v1/uploads") as announced:
        send(page)
    file_id = announced.value.json()["uploads"][0]["file_id"]
    with page.expect_response(f"**/v1/uploads/{file_id}") as told:
        page.get_by_role("button", name="Cancel", exact=True).first.click()
    assert (told.value.request.method, told.value.status) == ("DELETE", 204)
    answer = page.goto(f"/files/{file_id}")
    assert answer is not None
    assert answer.status == 404


def test_leaving_while_something_is_under_way_asks_first(
    signed_in: SignedIn, files: list[str], local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    held: list[Route] = []
    asked: list[str] = []
    page.route(uploads_to_bucket(local), lambda route: held.append(route))
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    choose(page, files[:1])
    with page.expect_response("**/v1/uploads"):
        send(page)
    page.goto("/files")
    assert asked == ["beforeunload"]


@pytest.mark.requirement("R33")
def test_a_long_upload_keeps_its_session_awake(
    signed_in: SignedIn, files: list[str], local: LocalPortal
) -> None:
    """A session that nothing is asked of for half an hour ends, and an upload may take hours."""
    page = signed_in(COLLEAGUE, "/upload")
    held: list[Route] = []
    page.route(uploads_to_bucket(local), lambda route: held.append(route))
    page.clock.install()
    page.reload()
    choose(page, files[:1])
    with page.expect_response("**/v1/uploads"):
        send(page)
    with page.expect_response("**/v1/session") as asked:
        page.clock.fast_forward("11:00")
    assert asked.value.status == 200


def test_without_scripts_one_file_goes_up_in_two_steps(signed_in: SignedIn, files: list[str]) -> None:
    """The form posts to S3 itself, which leads back to us; pressing Finish takes the file in."""
    page = signed_in(COLLEAGUE, "/upload", java_script_enabled=False)
    page.get_by_label("Name of the file").fill("By hand.pdf")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("File", exact=True).set_input_files(files[0])
    page.locator("main").get_by_role("button", name="Upload").click()
    expect(page).to_have_url(re.compile(r"/upload/[0-9a-z]{26}/done"))
    if page.get_by_role("button", name="Finish").count():  # the bucket's event may have been quicker
        page.get_by_role("button", name="Finish").click()
    expect(page.locator("h1")).to_have_text("Your file has arrived")
    page.get_by_role("link", name="Go to files").click()
    expect(page.get_by_title("By hand.pdf", exact=True)).to_be_visible()


def test_choosing_rows_shows_what_can_be_done_and_deleting_can_be_undone(
    signed_in: SignedIn, files: list[str]
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    choose(page, files[2:])
    send(page)
    expect(page.locator("#uploaded")).to_be_visible()
    page.goto("/files")
    bar = page.locator("[data-selection-bar]")
    expect(bar).to_be_hidden()
    page.get_by_label("Choose figures.csv").first.check()
    expect(bar).to_contain_text("Chosen files: 1")
    bar.get_by_role("button", name="Delete").click()
    expect(page.locator("#messages")).to_contain_text("1 file is in the trash.")
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("1 file is back.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_about_files_are_accessible_and_fit(
    signed_in: SignedIn, files: list[str], scheme: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = signed_in(COLLEAGUE, "/upload", color_scheme=scheme, viewport=size)
    page.locator(".uppy-Dashboard-inner").wait_for()
    assert_accessible(page)
    choose(page, files[:2])
    send(page)
    expect(page.locator("#uploaded")).to_be_visible()
    for path in ("/files", "/files?q=figures", "/files?q=nowhere", "/files?trash=1", "/upload?plain=1"):
        page.goto(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto("/files")
    page.locator(".cell-main a").first.click()
    expect(page.locator("h2").first).to_have_text("About this file")
    assert_accessible(page)


def test_uppy_speaks_the_pages_language(signed_in: SignedIn, files: list[str]) -> None:
    page = signed_in(COLLEAGUE, "/upload", locale="de-DE")
    expect(page.locator(".uppy-Dashboard-AddFiles-title")).to_contain_text(re.compile("ablegen|Dateien"))
    choose(page, files[:1])
    expect(page.get_by_role("button", name="Mehr hinzufügen")).to_be_visible()
    assert_accessible(page)
