"""How many calls of AWS each page makes. One more fails here, and the message says which calls there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import pytest

from benchmarks.trace import Call, Trace, trace_calls
from portal.aws.client import read_ahead
from portal.aws.client.table import Table
from portal.aws.client.writes import put
from portal.aws.tables.following_table import note_seen
from portal.aws.tables.share_items import recipient_item, share_item
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.shares.share import AccessRequest, Recipient, Share, derive_recipient_id
from portal.workflows.shares.access_requests import MAX_PENDING
from tests.actions import link_token, read_mailed_code, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.sharing import NEW
from tests.web.signed_in import sign_in

READS = {"dynamodb.GetItem", "dynamodb.BatchGetItem", "dynamodb.TransactGetItems"}


class Scene(NamedTuple):
    """Ana's browser, with three files of which one is shared, by a link that asks for a code and one that
    does not; and a partner's.
    """

    portal: Running
    browser: Browser
    partner: Browser
    paths: dict[str, str]


@pytest.fixture
def scene(portal: Running, browser: Browser, new_browser: Callable[[], Browser]) -> Scene:
    ana = sign_in(browser)
    files = [upload_file(portal, ana, f"Report {number}.txt") for number in range(3)]
    made = share_files(portal, ana, files[:1])
    asking = share_files(portal, ana, files[:1], confirm=True)
    browser.get("/send")  # what a process reads once
    ids = {"shared": files[0].id, "plain": files[1].id, "share": made.about}
    links = {"link": link_token(portal, made), "closed": link_token(portal, asking)}
    return Scene(portal, browser, new_browser(), ids | links)


PAGES = {
    "/files": 2, "/files?sort=name": 2, "/files?trash=1": 2, "/files?q=report": 3, "/upload": 2, "/send": 2,
    "/shares": 3, "/shares?drafts=1": 2, "/shared-with-me": 2, "/groups": 2, "/account": 2,
    "/account/addresses": 2, "/files/{plain}": 3, "/files/{shared}": 6, "/shares/{share}": 3,
    "/shares/new": 2, "/shares/new?file={plain}": 3,
}  # fmt: skip


def list_read_twice(trace: Trace) -> list[str]:
    """The items that were read more than once."""
    counted = Counter(chain.from_iterable(list_keys(each) for each in trace if each.operation in READS))
    return [key for key, times in counted.items() if times > 1]


def list_keys(call: Call) -> list[str]:
    asked = call.parameters.get("RequestItems", {})
    keys = [key for each in asked.values() for key in each["Keys"]]
    return [str(key) for key in [*keys, *filter(None, [call.parameters.get("Key")])]]


def assert_cheap(trace: Trace, most: int) -> None:
    assert len(trace) <= most, f"{len(trace)} calls, not {most}:\n{trace}"
    assert not list_read_twice(trace), f"{list_read_twice(trace)} twice:\n{trace}"


@pytest.mark.requirement("R62")
def test_no_page_gains_a_call_or_reads_an_item_twice(scene: Scene) -> None:
    for path, most in PAGES.items():
        with trace_calls() as trace:
            scene.browser.get(path.format(**scene.paths))
        assert_cheap(trace, most)


def press(browser: Browser, path: str, most: int, **values: str) -> Page:
    """A press of a button within so many calls; where its answer leads is another page."""
    with trace_calls() as trace:
        answer = browser.submit(path, **values)
    assert_cheap(trace, most)
    return answer


@pytest.mark.requirement("R51", "R62")
def test_preparing_and_sending_a_share_makes_few_calls(scene: Scene) -> None:
    """The review's form, which makes a draft and then keeps it again, its page, and Share with one email; the
    second share goes to a domain that is known by then.
    """
    for _ in range(2):
        scene.browser.get(f"{NEW}?file={scene.paths['plain']}")
        for _ in range(2):
            answer = press(scene.browser, NEW, 4, recipients="carol@partner.example", step="review")
        with trace_calls() as trace:
            scene.browser.follow(answer)
        assert_cheap(trace, 2)
        press(scene.browser, NEW, 5, step="share")


@pytest.mark.requirement("R44", "R62")
def test_opening_a_link_and_downloading_makes_few_calls(scene: Scene) -> None:
    """A code is asked for and typed: two of its calls count how often that is done, one sends the email."""
    partner, paths = scene.partner, scene.paths
    partner.get(f"/d/{paths['closed']}")
    press(partner, f"/d/{paths['closed']}/code", 6)
    partner.get(f"/d/{paths['closed']}")
    press(partner, f"/d/{paths['closed']}/confirm", 6, code=read_mailed_code(scene.portal))
    for link in ("closed", "link"):
        for most in (3, 2):  # that it was opened is noted once an hour
            with trace_calls() as trace:
                partner.get(f"/d/{paths[link]}")
            assert_cheap(trace, most)
        press(partner, f"/d/{paths[link]}/download", 2, file_id=paths["shared"])


@pytest.mark.requirement("R62")
@pytest.mark.parametrize("asked", ["", "?sort=seen", "?state=opened", "?after={last}"])
def test_a_share_with_500_people_is_read_in_two_calls(scene: Scene, asked: str) -> None:
    """A page of 50 below 60 kB, whatever order and filter, and how far all of them are."""
    share, people = add_many_people(scene.portal, scene.paths["share"], 500)
    path = f"/shares/{share.id}{asked.format(last=people[-51].id)}"
    scene.browser.get("/account")  # a session that is noted as used
    with trace_calls() as trace:
        page = scene.browser.get(path)
    assert_cheap(trace, 2)
    assert len(page.document.all("a", **{"class": "person-link"})) == 50
    assert len(page.answer.data) < 60_000
    assert "500 people: 100 have everything, 400 opened" in page.text


@pytest.mark.requirement("R62")
@pytest.mark.parametrize("asked", ["", "?state=complete", "?state=withdrawn", "?after={last}"])
def test_who_asks_for_more_is_on_top_of_every_page_of_500_people(scene: Scene, asked: str) -> None:
    """Be they on that page of the list or not, and in the same two calls."""
    share, people = add_many_people(scene.portal, scene.paths["share"], 500, asking=MAX_PENDING)
    scene.browser.get("/account")
    with trace_calls() as trace:
        page = scene.browser.get(f"/shares/{share.id}{asked.format(last=people[-51].id)}")
    assert_cheap(trace, 2)
    cards = page.document.all("section", **{"class": "card asking"})
    assert {each.attributes["id"] for each in cards} == {f"asks-{each.id}" for each in people[:MAX_PENDING]}


def add_many_people(
    portal: Running, share_id: str, count: int, asking: int = 0
) -> tuple[Share, list[Recipient]]:
    """A share with so many people, of whom all opened it, every fifth has everything, and the first ask for
    more.
    """
    shares = portal.portal.services.shares
    table: Table = shares.table  # type: ignore[attr-defined]
    made = shares.get(share_id)
    assert made is not None
    addresses = tuple(f"somebody.or.other.{number:03}@partner.example" for number in range(count))
    people = [Recipient(derive_recipient_id(share_id, each), share_id, each, mail=MailJob(MailState.SENT))
              for each in addresses]  # fmt: skip
    people[:asking] = [replace(each, asking=AccessRequest(portal.clock())) for each in people[:asking]]
    share = replace(
        made, addresses=addresses, has_copies=False, complete=frozenset(each.id for each in people[::5]),
        askers=frozenset(each.id for each in people[:asking]),
    )  # fmt: skip
    table.write(put(share_item(share)))
    for each in people:
        table.write(put(recipient_item(share, each)))
        actor = Actor("recipient", each.id, each.address)
        record = AuditRecord(portal.clock(), Action.LINK_OPENED, actor, share_id, once=each.id,
                             details={"recipient": each.id})  # fmt: skip
        (noted,) = note_seen(record)
        table.write(noted)
    return share, people


def test_a_budget_that_is_exceeded_tells_of_each_call(scene: Scene) -> None:
    with trace_calls() as trace:
        scene.browser.get("/files")
    with pytest.raises(
        AssertionError, match=r"2 calls, not 1:\n *1\. dynamodb\.BatchGetItem *PERSON/SESSION"
    ):
        assert_cheap(trace, 1)


def test_what_was_read_ahead_ends_with_its_request(scene: Scene) -> None:
    """Of a page that came to nothing, too, which used none of it."""
    with trace_calls() as trace:
        scene.browser.get(f"/send/{scene.paths['plain']}", 404)
    assert {"PERSON/USAGE", "ORGANISATION/GROUPS"} <= set(trace[0].items)
    assert not read_ahead.current().items
