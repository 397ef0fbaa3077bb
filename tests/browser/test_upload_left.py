"""An upload that is left: by a reload, in another tab, cancelled here or elsewhere, and by signing out."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.local.people import COLLEAGUE
from portal.local.session import LocalPortal
from tests.browser.axe import assert_accessible
from tests.browser.uploading import (
    PART,
    PARTS,
    SIZE,
    Bucket,
    SignedIn,
    Traffic,
    begin,
    expect_arrived,
    find_under_way,
    make_file,
    stand_between,
    wait_for_completion,
    wait_until,
    watch,
)  # fmt: skip


def interrupt_upload(signed_in: SignedIn, film: str, local: LocalPortal) -> tuple[Page, Bucket, Traffic]:
    """A page that was reloaded when three parts had gone up and the others were on their way."""
    page = signed_in(COLLEAGUE, "/upload")
    page.on("dialog", lambda dialog: dialog.accept())
    bucket = stand_between(page, local, passes=3)
    seen = watch(page)
    begin(page, film)
    wait_until(page, lambda: len(bucket.held) == len(seen.open) == PARTS - 3)
    page.reload()
    return page, bucket, seen


def test_after_a_reload_only_what_is_missing_is_sent(
    signed_in: SignedIn, film: str, local: LocalPortal
) -> None:
    page, bucket, _ = interrupt_upload(signed_in, film, local)
    left = page.locator("#interrupted")
    expect(left).to_contain_text("These uploads were interrupted.")
    expect(left.locator("li")).to_contain_text("film.mov")
    expect(find_under_way(page)).to_have_count(0)  # said once, above
    assert_accessible(page)
    bucket.open()
    seen = watch(page)
    begin(page, film)
    wait_for_completion(page, film)
    assert len(seen.parts) == PARTS - 3
    page.goto("/upload")
    expect(page.locator(".uppy-Dashboard-inner")).to_be_visible()
    expect(left).to_be_hidden()


@pytest.mark.requirement("R32")
def test_parts_of_other_content_are_sent_again(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    """Same name, size and time are not enough; each part is compared by its SHA-256."""
    page, bucket, seen = interrupt_upload(signed_in, film, local)
    first = sorted(seen.parts)[0]
    with Path(film).open("r+b") as file:
        file.seek((first - 1) * PART)
        file.write(b"other")
    page.evaluate(
        """() => Object.entries(localStorage).forEach(([name, text]) => localStorage.setItem(name,
        text.replace(/"modified":\\d+/, '"modified":MODIFIED')))""".replace(
            "MODIFIED", read_modified_at(film)
        )
    )
    bucket.open()
    seen = watch(page)
    begin(page, film)
    wait_for_completion(page, film)
    assert len(seen.parts) == PARTS - 2


def read_modified_at(path: str) -> str:
    return str(int(Path(path).stat().st_mtime * 1000))


@pytest.mark.requirement("R38")
def test_cancelling_leaves_nothing_behind(signed_in: SignedIn, film: str, local: LocalPortal) -> None:
    """The parts as well; where it was interrupted before, it can be cancelled from the list."""
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
    find_under_way(other).get_by_role("button").click()
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
    begin(page, make_file(tmp_path / "left behind.mov", SIZE))
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
    expect(find_under_way(other)).to_have_count(1)
    begin(other, film)
    expect_arrived(other)
    bucket.open()
    wait_for_completion(page, film)
