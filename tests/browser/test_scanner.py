"""Mail scanners: programs and whole browsers that open a link before its reader does, and wait, and look at
all it leads to. Afterwards nothing is as if someone had been there but the note that it was opened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page

from portal.local.outbox import Mail
from portal.local.session import LocalPortal
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import link_token, make_id, make_person, share_files, upload_file
from tests.builders import Running

Item = dict[str, Any]
Key = tuple[str, str]

pytestmark = pytest.mark.requirement("R42")

ANA = make_person()
AGENTS = (
    "Mozilla/5.0 (compatible; SafeLinks)", "Barracuda Sentinel", "python-requests/2.32", "",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
)  # fmt: skip
FIGURES = {"USED", "TOPS"}  # of use, by day
AS_A_SCANNER_WAITS = "00:40"  # longer than the half minute that some of them give a page


def read_traces(local: LocalPortal, made: ShareFiles) -> tuple[dict[Key, Item], list[Mail]]:
    """Every fact and email that names the share, one of its files or its recipient. Audit records do not
    count, nor the time of an opening that is noted with them, nor figures of use, which are counted from them
    within minutes, nor when the schedule looks at an item again by itself, which is a write of its own. What
    other tests left goes its own way.
    """
    pages = local.aws.session().client("dynamodb").get_paginator("scan")
    items = [
        item for page in pages.paginate(TableName=local.environment["PORTAL_TABLE"]) for item in page["Items"]
    ]
    [recipient] = made.recipients
    ours = (made.about, recipient.id, recipient.address, *made.file_ids)
    kept = {
        (item["pk"]["S"], item["sk"]["S"]): {
            name: value for name, value in item.items() if not name.startswith("due_") and name != "write_id"
        }
        for item in items
        if any(each in str(item) for each in ours)
        and item["sk"]["S"] not in FIGURES
        and not item["pk"]["S"].startswith("SEEN#")
    }
    return kept, [mail for mail in local.outbox() if recipient.address in str(mail)]


def find_changes(before: dict[Key, Item], after: dict[Key, Item]) -> dict[Key, tuple[object, object]]:
    """Each item that is not as it was: what differed of it before, and does now."""
    changes = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key, {}), after.get(key, {})
        names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        if names:
            changes[key] = tuple({name: item.get(name) for name in names} for item in (old, new))
    return changes


def look_about(page: Page, address: str) -> list[str]:
    """Open a link as a browser does, with its scripts, wait, and open all of our own that the page links."""
    page.clock.install()
    page.goto(address)
    page.clock.fast_forward(AS_A_SCANNER_WAITS)
    page.wait_for_timeout(3_000)
    found = page.locator("a[href]").evaluate_all("links => links.map(link => link.href)")
    here = [each for each in found if urlsplit(each).netloc == urlsplit(address).netloc]
    for each in here:
        page.goto(each)
        page.clock.fast_forward(AS_A_SCANNER_WAITS)
    return here


@pytest.mark.parametrize(
    "rules", [{}, {"confirm": True}, {"password": "green apples", "download_limit": 1}], ids=str
)
def test_scanners_change_nothing(
    local: LocalPortal, beside: Running, new_page: Callable[..., Page], rules: dict[str, object]
) -> None:
    """HEAD, thirty GETs, prefetches, a browser that runs scripts and waits: no count, no code, no mail."""
    files = [upload_file(beside, ANA), upload_file(beside, ANA, "plan.txt")]
    address = f"scanned-{make_id(beside)}@example.com"
    made = share_files(beside, ANA, files, recipients_text=address, **rules)
    link = f"{local.url}/d/{link_token(beside, made)}"
    before = read_traces(local, made)
    assert len(before[0]) > len(files)
    assert len(before[1]) == 1
    assert requests.head(link, timeout=20).status_code in {200, 403}
    for turn in range(30):
        agent = {"User-Agent": AGENTS[turn % len(AGENTS)]}
        more = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"} if turn % 7 == 0 else {}
        assert requests.get(link, headers=agent | more, timeout=20).status_code in {200, 403}
    look_about(new_page(), link)
    after = read_traces(local, made)
    assert find_changes(before[0], after[0]) == {}
    assert after[1] == before[1]
