"""How far the people of a share are, and which of them a page shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.files.file import SharedFile
from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.shares.following import (
    ROWS,
    Order,
    Reached,
    Seen,
    Summary,
    arrange,
    cut_page,
    list_followed,
    look_closer,
)
from portal.domain.shares.share import Recipient, RecipientState, Share, derive_recipient_id
from tests.moments import BEGINS

SHARE_ID = "0" * 26
IDS = [derive_recipient_id(SHARE_ID, f"{name}@x.example") for name in "abcd"]
FILES = tuple(
    SharedFile(
        id=f"file{n}", key=f"k{n}", name=f"{n}.pdf", size=1, content_type="application/pdf", version_id="v"
    )
    for n in (1, 2)
)
SHARE = Share(
    SHARE_ID, "owner", "Ana", "ana@example.org", FILES, "", BEGINS, BEGINS + timedelta(days=7),
    addresses=("d@x.example", "b@x.example", "a@x.example", "c@x.example"), is_followed=True,
    complete=frozenset({IDS[0], IDS[3]}), gone=frozenset({IDS[3]}),
)  # fmt: skip
SEEN = Seen({IDS[1]: BEGINS, IDS[0]: BEGINS}, {IDS[1]: BEGINS + timedelta(hours=1), IDS[0]: BEGINS})


def test_everyone_is_so_far() -> None:
    people = list_followed(SHARE, SEEN)
    assert [each.address[0] for each in people] == ["a", "b", "c", "d"]
    assert [each.reached for each in people] == [
        Reached.COMPLETE, Reached.OPENED, Reached.NOT_YET, Reached.WITHDRAWN
    ]  # fmt: skip
    assert Summary.from_people(people) == Summary(3, 1, 1, 1, 1)


def test_people_are_chosen_and_ordered() -> None:
    people = list_followed(SHARE, SEEN)
    assert [each.id for each in arrange(people, Reached.OPENED, Order.ADDRESS)] == [IDS[1]]
    assert [each.id for each in arrange(people, None, Order.SEEN)] == [IDS[1], IDS[0], IDS[2], IDS[3]]


@pytest.mark.requirement("R62")
@pytest.mark.parametrize("count", [0, 1, ROWS, ROWS + 1, 3 * ROWS])
def test_pages_have_everyone_once(count: int) -> None:
    share = replace(SHARE, addresses=tuple(f"{n:03}@x.example" for n in range(count)))
    people, shown, after = list_followed(share, Seen()), [], ""
    while True:
        page, after = cut_page(people, after)
        assert len(page) <= ROWS
        shown += page
        if not after:
            break
    assert shown == people


def test_a_page_behind_nobody_is_the_first() -> None:
    people = list_followed(SHARE, SEEN)
    assert cut_page(people, "nobody") == (people, "")


@pytest.mark.parametrize(
    ("opened_after", "again_after", "downloads", "expected"),
    [
        (5, 5, {}, Reached.NOT_YET),  # a scanner
        (5, 60, {}, Reached.OPENED),
        (25, 25, {}, Reached.OPENED),
        (5, 5, {"file1": 1}, Reached.OPENED),
        (5, 5, {"file1": 1, "file2": 3}, Reached.COMPLETE),
        (25, 25, {"file1": 1, "file2": 0}, Reached.OPENED),  # given back
    ],
)
def test_a_recipients_own_item_knows_it_exactly(
    opened_after: int, again_after: int, downloads: dict[str, int], expected: Reached
) -> None:
    job = MailJob(MailState.SENT, message_id="m", changed_at=BEGINS)
    last = BEGINS + timedelta(minutes=9) if downloads else None
    recipient = Recipient(
        IDS[2], SHARE_ID, "c@x.example", downloads=downloads, mail=job, last_download_at=last
    )
    first, again = (BEGINS + timedelta(seconds=each) for each in (opened_after, again_after))
    known = next(
        each for each in list_followed(SHARE, Seen({IDS[2]: first}, {IDS[2]: again})) if each.id == IDS[2]
    )
    assert look_closer(SHARE, known, recipient).reached is expected
    gone = replace(recipient, state=RecipientState.WITHDRAWN)
    assert look_closer(SHARE, known, gone).reached is Reached.WITHDRAWN
