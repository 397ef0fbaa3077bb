"""`/shares`: everything that somebody shared, and how far it came."""

from __future__ import annotations

import pytest

from portal.domain.people.person import Person
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import ask_for_more, download_file, link_token, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import Calls


def test_the_list_says_how_many_have_everything(browser: Browser, portal: Running, ana: Person) -> None:
    """Of those it was not withdrawn from; and whose request waits."""
    files = [upload_file(portal, ana, name) for name in ("a.pdf", "b.pdf")]
    made = share_files(
        portal, ana, files, recipients_text="a@x.example, b@x.example, c@x.example", download_limit=1
    )
    alone = share_files(portal, ana, files[:1], recipients_text="a@x.example")

    def row(share: ShareFiles) -> str:
        [found] = [each for each in browser.get("/shares").document.all("tr") if share.about in str(each)]
        return found.text

    assert "0 of 3 people have all 2 files" in row(made)
    assert "not yet" in row(alone)
    first, *_, last = (link_token(portal, made, place) for place in range(3))
    for file in files:
        download_file(portal, first, file)
    download_file(portal, last, files[0])
    download_file(portal, link_token(portal, alone), files[0])
    assert "1 of 3 people have all 2 files" in row(made)
    assert " the file " in row(alone)
    assert "request" not in row(made)
    ask_for_more(portal, first)
    assert "1 request" in row(made)
    browser.get(f"/shares/{made.about}?person={made.recipients[1].id}")
    browser.submit(f"/shares/{made.about}/recipients/{made.recipients[1].id}/withdraw")
    assert "1 of 2 people have all 2 files" in row(made)


@pytest.mark.requirement("R62")
def test_lists_go_on_by_cursor_in_three_calls(browser: Browser, portal: Running, ana: Person) -> None:
    """Every share once; a cursor that is not this list's is refused."""
    file = upload_file(portal, ana)
    for _ in range(31):
        portal.clock.turn(seconds=1)
        share_files(portal, ana, [file])
    with Calls(portal) as calls:
        first = browser.get("/shares")
    assert len(calls.names) <= 3
    second = browser.get(first.links["Next"])
    rows = [len(each.document.all("tr")) - 1 for each in (first, second)]
    assert rows == [30, 1]
    browser.get("/shares?cursor=AAAA", 400)
