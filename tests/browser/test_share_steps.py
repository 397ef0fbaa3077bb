"""Preparing a share by steps in a real browser, with scripts and without, and coming back to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.local.people import STAFF
from portal.local.session import LocalPortal
from tests.browser.test_journey import LINK, SignedIn, assert_usable, read_newest_mail, upload


def go_to_third_step(ana: Page, who: str, also: str) -> None:
    """From the one page to the third step, with a mistake on the way."""
    ana.get_by_role("button", name="Go step by step").click()
    ana.get_by_role("button", name="Continue").last.click()
    ana.get_by_label("To", exact=True).fill("nobody at all")
    ana.get_by_role("button", name="Continue").last.click()
    expect(ana.get_by_role("alert")).to_contain_text("Not an email address")
    ana.get_by_label("To", exact=True).fill(f"{who}, {also}")
    ana.get_by_role("button", name="Continue").last.click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("How they get in")
    ana.get_by_label("Download limit (optional)").fill("7")


@pytest.mark.parametrize(
    ("scripts", "width", "scheme"), [(True, 360, "dark"), (False, 1280, "light"), (True, 1280, "light")]
)
def test_a_share_is_prepared_left_and_sent(
    local: LocalPortal, signed_in: SignedIn, tmp_path: Path, scripts: bool, width: int, scheme: str
) -> None:
    """Each step, a draft that another browser goes on with, a link to pass on; axe finds nothing."""
    (tmp_path / "plan.txt").write_text("a plan")
    which = f"{width}-{scripts}@partner.example".lower()
    who, passed_on = f"ida-{which}", f"joe-{which}"
    look = {"viewport": {"width": width, "height": 800}}
    first = signed_in(STAFF)
    upload(first, [tmp_path / "plan.txt"])
    first.get_by_role("link", name="Share these files").click()
    started = first.url.replace(local.url, "")
    ana = signed_in(STAFF, started, java_script_enabled=scripts, **look)
    go_to_third_step(ana, who, passed_on)
    if scripts:
        assert_usable(ana)
    ana.get_by_role("button", name="Save as draft").click()
    expect(ana.get_by_role("status").first).to_contain_text("Saved as a draft")

    later = signed_in(STAFF, "/shares?drafts=1", java_script_enabled=scripts, **look)
    if scripts:
        assert_usable(later)
    mine = later.get_by_role("row").filter(has_text=who)
    mine.get_by_role("link", name="Continue").click()
    expect(later.get_by_label("Download limit (optional)")).to_have_value("7")
    later.get_by_role("button", name="Review").last.click()
    expect(later.get_by_role("heading", level=1)).to_have_text("Check and share")
    later.get_by_role("checkbox", name="I will send the link myself").last.check()
    if scripts:
        assert_usable(later)
    later.get_by_role("button", name="Share", exact=True).last.click()
    later.wait_for_url(re.compile(r"/shares/[0-9a-z]{26}$"))
    expect(later.get_by_role("row").nth(1)).to_contain_text("This person got no email.")
    assert read_newest_mail(local, who, LINK)
    assert not [mail for mail in local.outbox() if mail["to"] == passed_on]
