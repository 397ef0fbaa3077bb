"""A large file in a real browser: parts side by side, and everything that may happen to them on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from portal.local.people import COLLEAGUE
from portal.local.session import LocalPortal
from tests.browser.axe import assert_accessible
from tests.browser.uploading import (
    MIB,
    SignedIn,
    choose,
    expect_arrived,
    made_file,
    send,
    sha256,
    stand_between,
    take_out,
    uploads_to_bucket,
    wait_until,
    watch,
)  # fmt: skip

PARTS = 7  # of 5 MiB; the last is smaller
SIZE = 32 * MIB


@pytest.fixture
def film(tmp_path: Path) -> str:
    return made_file(tmp_path / "film.mov", SIZE)


def begin(page: Page, path: str) -> None:
    choose(page, [path])
    send(page)


def under_way(page: Page) -> Locator:
    return page.locator("#under-way li:visible").filter(has_text="film.mov")


def completed(page: Page, path: str) -> None:
    """Waits for the end; the portal was told the SHA-256 of exactly these bytes."""
    expect_arrived(page)
    file_id = page.get_by_role("link", name="Share these files").get_attribute("href").partition("file=")[2]
    page.goto(f"/files/{file_id}")
    expect(page.locator("main")).to_contain_text(sha256(path))


def test_parts_go_up_side_by_side(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    seen = watch(page)
    bucket = stand_between(page, local)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == 6)
    expect(page.locator("[data-progress]")).to_have_text("0 bytes of 33.6 MB")
    assert_accessible(page)
    bucket.open()
    completed(page, film)
    assert sorted(seen.parts) == list(range(1, PARTS + 1))
    assert sum("/parts" in asked for asked in seen.portal) <= 2


def test_after_a_reload_only_what_is_missing_is_sent(
    signed_in: SignedIn, film: str, local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    page.on("dialog", lambda dialog: dialog.accept())
    bucket = stand_between(page, local, passes=3)
    seen = watch(page)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == len(seen.open) == PARTS - 3)
    page.reload()
    left = page.locator("#interrupted")
    expect(left).to_contain_text("These uploads were interrupted.")
    expect(left.locator("li")).to_contain_text("film.mov")
    expect(under_way(page)).to_have_count(0)  # said once, above
    assert_accessible(page)
    bucket.open()
    seen = watch(page)
    begin(page, film)
    completed(page, film)
    assert len(seen.parts) == PARTS - 3
    page.goto("/upload")
    expect(page.locator(".uppy-Dashboard-inner")).to_be_visible()
    expect(left).to_be_hidden()


def test_parts_of_other_content_are_sent_again(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    """R32: same name, size and time are not enough; each part is compared by its SHA-256."""
    page = signed_in(COLLEAGUE, "/upload")
    page.on("dialog", lambda dialog: dialog.accept())
    bucket = stand_between(page, local, passes=3)
    seen = watch(page)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == len(seen.open) == PARTS - 3)
    page.reload()
    first = sorted(seen.parts)[0]
    with Path(film).open("r+b") as file:
        file.seek((first - 1) * 5 * MIB)
        file.write(b"other")
    page.evaluate(
        """() => Object.entries(localStorage).forEach(([name, text]) => localStorage.setItem(name,
        text.replace(/"modified":\\d+/, '"modified":MODIFIED')))""".replace("MODIFIED", modified(film))
    )
    bucket.open()
    seen = watch(page)
    begin(page, film)
    completed(page, film)
    assert len(seen.parts) == PARTS - 2


def modified(path: str) -> str:
    return str(int(Path(path).stat().st_mtime * 1000))


def test_offline_it_waits_and_goes_on_by_itself(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local, passes=2)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) >= 4)
    page.context.set_offline(True)
    expect(page.locator("[data-progress]")).to_have_text("Waiting for the connection")
    expect(page.locator("[data-progress-spoken]")).to_have_text("Waiting for the connection")
    for route in bucket.held:
        route.abort("internetdisconnected")
    bucket.held.clear()
    bucket.open()
    page.context.set_offline(False)
    completed(page, film)


def test_a_part_that_stalls_is_sent_again(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    page.clock.install()
    page.reload()
    bucket = stand_between(page, local, passes=4)
    seen = watch(page)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == PARTS - 4)
    bucket.passes = 1000
    page.clock.fast_forward("00:31")
    completed(page, film)
    assert len(seen.parts) == PARTS + (PARTS - 4)


def test_a_damaged_part_is_refused_and_sent_again(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    """R32: S3 compares each part with the SHA-256 that was signed with its address."""
    page = signed_in(COLLEAGUE, "/upload")
    answers: list[int] = []
    damaged: list[str] = []

    def damage_one(route: Route) -> None:
        if route.request.method == "PUT" and "partNumber=2&" in f"{route.request.url}&" and not damaged:
            damaged.append(route.request.url)
            route.continue_(post_data=b"x" * 5 * MIB)
        else:
            route.continue_()

    page.route(uploads_to_bucket(local), damage_one)
    page.on("response", lambda got: answers.append(got.status) if got.url in damaged else None)
    seen = watch(page)
    begin(page, film)
    completed(page, film)
    assert answers[0] == 400
    assert sorted(seen.parts) == sorted([*range(1, PARTS + 1), 2])


def test_an_upload_outlives_its_session(
    signed_in: SignedIn, film: str, local: LocalPortal, tmp_path: Path
) -> None:
    """R14, R33: its own key carries it; what is new needs signing in, be it in another tab."""
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == 6)
    page.context.clear_cookies()
    bucket.open()
    expect_arrived(page)
    begin(page, made_file(tmp_path / "notes.txt", 900))
    expect(page.locator("#not-uploaded li")).to_contain_text("You are no longer signed in.")
    sign_in_elsewhere(page)
    page.locator(".uppy-StatusBar-actionBtn--retry").click()
    expect_arrived(page, "2 files have arrived.")


def sign_in_elsewhere(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/files")
    other.locator("[name=username]").fill(COLLEAGUE.email)
    other.locator("[name=password]").fill(COLLEAGUE.password)
    other.locator("[type=submit]").first.click()
    other.wait_for_url("**/files")
    other.close()


def test_a_file_that_changes_meanwhile_is_not_sent(
    signed_in: SignedIn, film: str, local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == 6)
    with Path(film).open("ab") as file:
        file.write(b"and more")
    with page.expect_response(lambda got: got.request.method == "DELETE") as cancelled:
        for route in bucket.held:
            route.abort()
        bucket.passes = 1000
    assert cancelled.value.status == 204
    expect(page.locator("#not-uploaded li")).to_contain_text("film.mov: The file was changed or moved")
    take_out(page, "film.mov")
    page.reload()
    expect(page.locator(".uppy-Dashboard-inner")).to_be_visible()
    expect(page.locator("#interrupted")).to_be_hidden()


def test_pausing_gives_up_what_is_on_its_way_and_keeps_what_is_there(
    signed_in: SignedIn, film: str, local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local, passes=3)
    seen = watch(page)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == PARTS - 3)
    page.locator(".uppy-StatusBar-actions").get_by_role("button", name="Pause").click()
    wait_until(page, lambda: not seen.open)
    expect(page.locator("[data-progress]")).to_contain_text("Paused")
    assert_accessible(page)
    bucket.held.clear()
    bucket.passes = 1000
    page.wait_for_timeout(700)
    assert len(seen.parts) == PARTS
    page.locator(".uppy-StatusBar-actions").get_by_role("button", name="Resume").click()
    completed(page, film)
    assert len(seen.parts) == PARTS + (PARTS - 3)


def test_cancelling_leaves_nothing_behind(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    """R38: the parts as well; where it was interrupted before, it can be cancelled from the list."""
    page = signed_in(COLLEAGUE, "/upload")
    page.on("dialog", lambda dialog: dialog.accept())
    bucket = stand_between(page, local)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == 6)
    page.reload()
    left = page.locator("#interrupted")
    with page.expect_response(lambda got: got.request.method == "DELETE") as told:
        left.get_by_role("button", name="Cancel: film.mov").click()
    assert told.value.status == 204
    expect(left).to_be_hidden()
    begin(page, film)
    with page.expect_response(lambda got: got.request.method == "DELETE") as told:
        page.get_by_role("button", name="Cancel", exact=True).first.click()
    assert told.value.status == 204


def test_what_is_cancelled_elsewhere_ends_here_too(
    signed_in: SignedIn, film: str, local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == 6)
    other = page.context.new_page()
    other.goto("/upload")
    under_way(other).get_by_role("button").click()
    expect(other.locator("#messages")).to_contain_text("film.mov")
    bucket.open()
    expect(page.locator("#not-uploaded li")).to_contain_text("film.mov: ")
    expect(page.locator("#not-uploaded li")).not_to_contain_text("Try again")
    expect(page.locator("#uploaded")).to_be_hidden()


def test_signing_out_forgets_what_was_interrupted(
    signed_in: SignedIn, tmp_path: Path, local: LocalPortal
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    page.on("dialog", lambda dialog: dialog.accept())
    bucket = stand_between(page, local)
    begin(page, made_file(tmp_path / "left behind.mov", SIZE))
    wait_until(page, lambda: len(bucket.held) == 6)
    page.reload()
    expect(page.locator("#interrupted")).to_be_visible()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda address: "/upload" not in address)
    page.goto("/healthz")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_two_tabs_do_not_take_each_others_upload(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == 6)
    other = page.context.new_page()
    other.goto("/upload")
    expect(other.locator(".uppy-Dashboard-inner")).to_be_visible()
    expect(other.locator("#interrupted")).to_be_hidden()
    expect(under_way(other)).to_have_count(1)
    begin(other, film)
    expect_arrived(other)
    bucket.open()
    completed(page, film)
