"""The answer to an announcement is lost: it is made once all the same, and cancelled it leaves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from portal.local.people import COLLEAGUE
from tests.browser.uploading import MIB, SignedIn, begin, expect_arrived, make_file, wait_until


@dataclass
class Losing:
    """Lets announcements through to the portal and loses so many of its answers."""

    loses: int
    keys: list[str] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)

    def meet(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        self.keys.append(route.request.headers["idempotency-key"])
        answer = route.fetch()
        told = answer.json()
        self.told += told.get("uploads", [told])
        if len(self.keys) <= self.loses:
            route.abort("connectionreset")
        else:
            route.fulfill(response=answer)

    @property
    def ids(self) -> set[str]:
        return {each["file_id"] for each in self.told}


def losing(page: Page, loses: int) -> Losing:
    made = Losing(loses)
    page.route("**/v1/uploads", made.meet)
    return made


def list_under_way(page: Page) -> set[str]:
    return {each["file_id"] for each in page.request.get("/v1/uploads").json()["uploads"]}


@pytest.mark.parametrize("size", [900, 11 * MIB], ids=["small", "large"])
def test_a_lost_answer_is_asked_for_again(signed_in: SignedIn, tmp_path: Path, size: int) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    portal = losing(page, 2)
    begin(page, make_file(tmp_path / "lost answer.bin", size))
    expect_arrived(page)
    assert (len(portal.keys), len(set(portal.keys)), len(portal.ids)) == (3, 1, 1)
    assert not portal.ids & list_under_way(page)


@pytest.mark.parametrize("size", [900, 11 * MIB], ids=["small", "large"])
def test_what_is_cancelled_before_the_answer_comes_is_taken_back(
    signed_in: SignedIn, tmp_path: Path, size: int
) -> None:
    page = signed_in(COLLEAGUE, "/upload")
    portal = losing(page, 1)
    begin(page, make_file(tmp_path / "cancelled.bin", size))
    wait_until(page, lambda: len(portal.told) == 1)
    with page.expect_response(lambda got: got.request.method == "DELETE") as taken_back:
        page.get_by_role("button", name="Cancel", exact=True).first.click()
    assert taken_back.value.status == 204
    assert not portal.ids & list_under_way(page)
    expect(page.locator("#uploaded")).to_be_hidden()
