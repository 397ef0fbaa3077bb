"""A large file in a real browser: parts side by side, and everything that may happen to them on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from portal.local.people import COLLEAGUE
from portal.local.session import LocalPortal
from tests.browser.axe import assert_accessible
from tests.browser.uploading import (
    MIB,
    PART,
    PARTS,
    SIZE,
    SignedIn,
    begin,
    expect_arrived,
    make_file,
    stand_between,
    take_out,
    uploads_to_bucket,
    wait_for_completion,
    wait_until,
    watch,
)  # fmt: skip


def test_parts_go_up_side_by_side(signed_in: SignedIn, tmp_path: Path, local: LocalPortal) -> None:
    """Six at once, and their addresses are signed a few at a time."""
    path = make_file(tmp_path / "long.mov", 2 * SIZE - 5 * MIB)
    page = signed_in(COLLEAGUE, "/upload")
    seen = watch(page)
    bucket = stand_between(page, local)
    begin(page, path)
    wait_until(page, lambda: len(bucket.held) == 6)
    expect(page.locator("[data-progress]")).to_have_text("0 bytes of 61.9 MB")
    assert_accessible(page)
    bucket.open()
    wait_for_completion(page, path)
    assert (sorted(seen.parts), seen.at_once) == (list(range(1, 13)), 6)
    assert 2 <= sum("/parts" in asked for asked in seen.portal) <= 6


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
    wait_for_completion(page, film)


def test_a_part_that_stalls_is_sent_again(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    page.clock.install()
    page.reload()
    bucket = stand_between(page, local, passes=4)
    seen = watch(page)
    answered: list[str] = []
    page.on("requestfinished", lambda sent: answered.append(sent.url) if sent.method == "PUT" else None)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == PARTS - 4)
    wait_until(page, lambda: len(answered) == 4)  # else the clock would call these stalled too
    bucket.passes = 1000
    page.clock.fast_forward("00:31")
    wait_for_completion(page, film)
    assert len(seen.parts) == PARTS + (PARTS - 4)


def test_where_connections_break_fewer_are_used_until_parts_arrive_again(
    signed_in: SignedIn, tmp_path: Path, local: LocalPortal
) -> None:
    """Otherwise the parts of a slow line that keeps breaking all begin again, and none is ever done."""
    path = make_file(tmp_path / "long.mov", 2 * SIZE - 5 * MIB)
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local)
    begin(page, path)
    wait_until(page, lambda: len(bucket.held) == 6)
    broken, bucket.held = bucket.held, []
    for route in broken:
        route.abort("connectionreset")
    wait_until(page, lambda: len(bucket.held) == 1)
    page.wait_for_timeout(1500)
    assert len(bucket.held) == 1
    bucket.go(bucket.held.pop())
    wait_until(page, lambda: len(bucket.held) == 2)
    bucket.open()
    wait_for_completion(page, path)


@pytest.mark.requirement("R32")
def test_a_damaged_part_is_refused_and_sent_again(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    """S3 compares each part with the SHA-256 that was signed with its address."""
    page = signed_in(COLLEAGUE, "/upload")
    answers: list[int] = []
    damaged: list[str] = []

    def damage_one(route: Route) -> None:
        if route.request.method == "PUT" and "partNumber=2&" in f"{route.request.url}&" and not damaged:
            damaged.append(route.request.url)
            route.continue_(post_data=b"x" * PART)
        else:
            route.continue_()

    page.route(uploads_to_bucket(local), damage_one)
    page.on("response", lambda got: answers.append(got.status) if got.url in damaged else None)
    seen = watch(page)
    begin(page, film)
    wait_for_completion(page, film)
    assert answers[0] == 400
    assert sorted(seen.parts) == sorted([*range(1, PARTS + 1), 2])


@pytest.mark.requirement("R14", "R33")
def test_an_upload_outlives_its_session(
    signed_in: SignedIn, film: str, local: LocalPortal, tmp_path: Path
) -> None:
    """Its own key carries it; what is new needs signing in, be it in another tab."""
    page = signed_in(COLLEAGUE, "/upload")
    bucket = stand_between(page, local)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == 6)
    page.context.clear_cookies()
    bucket.open()
    expect_arrived(page)
    begin(page, make_file(tmp_path / "notes.txt", 900))
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
    wait_until(
        page, lambda: len(bucket.held) == PARTS - 3 == len(seen.open)
    )  # those let through have arrived
    page.locator(".uppy-StatusBar-actions").get_by_role("button", name="Pause").click()
    wait_until(page, lambda: not seen.open)
    expect(page.locator("[data-progress]")).to_contain_text("Paused")
    assert_accessible(page)
    bucket.held.clear()
    bucket.passes = 1000
    page.wait_for_timeout(700)
    assert len(seen.parts) == PARTS
    page.locator(".uppy-StatusBar-actions").get_by_role("button", name="Resume").click()
    wait_for_completion(page, film)
    assert len(seen.parts) == PARTS + (PARTS - 3)
