"""What a recipient can still get: one answer for the link, and one for each file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from portal.domain.files.file import ANY_VERSION, File, FileState
from portal.domain.links.availability import Closed, file_closed, offer
from portal.domain.shares.share import Recipient, RecipientState, Share, ShareState

ENDS = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
FILES = {
    name: File(name, "owner", f"{name}.pdf", 12, "application/pdf", FileState.READY, ENDS, version_id="v")
    for name in ("one", "two")
}
SHARE = Share(
    "share", "owner", "Ana Lopes", "ana@example.org", tuple(each.pinned for each in FILES.values()), "", ENDS,
    ENDS,
)  # fmt: skip
BEN = Recipient("ben", "share", "ben@example.com")
GONE: dict[str, File] = {}


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        (FILES["one"], None),
        (None, Closed.REMOVED),
        (replace(FILES["one"], version_id="w"), Closed.REMOVED),
        *((replace(FILES["one"], state=each), Closed.REMOVED) for each in FileState if each != "ready"),
        (replace(FILES["one"], threats=frozenset({"v"})), Closed.INFECTED),
        (replace(FILES["one"], threats=frozenset({ANY_VERSION})), Closed.INFECTED),
        (replace(FILES["one"], threats=frozenset({"w"})), None),
        (replace(FILES["one"], threats=frozenset({"v"}), state=FileState.TRASHED), Closed.INFECTED),
    ],
)
def test_a_file_is_had_in_the_version_that_was_shared(now: File | None, closed: Closed | None) -> None:
    assert file_closed(FILES["one"].pinned, now) is closed


def test_a_link_ends_at_its_moment_or_when_it_is_withdrawn() -> None:
    withdrawn, away = replace(SHARE, state=ShareState.WITHDRAWN), replace(BEN, state=RecipientState.WITHDRAWN)
    for share, recipient, now in product((SHARE, withdrawn), (BEN, away, None), (ENDS - MOMENT, ENDS)):
        is_withdrawn = share is withdrawn or recipient is away
        wanted = Closed.WITHDRAWN if is_withdrawn else Closed.EXPIRED if now == ENDS else None
        found = offer(share, recipient, FILES, now)
        assert found.closed is wanted
        assert [each.id for each in found.open_files] == ([] if wanted else ["one", "two"])
        assert found.left_in_all == (0 if wanted else None)
        assert not found.is_emptied
        assert not found.is_spent


@pytest.mark.parametrize(
    ("limit", "spent", "extra", "left"),
    [
        (None, {"one": 9}, 0, (None, None)), (2, {}, 0, (2, 2)), (2, {"one": 1}, 0, (1, 2)),
        (2, {"one": 2}, 0, (0, 2)), (2, {"one": 3}, 0, (0, 2)), (2, {"one": 2, "two": 2}, 0, (0, 0)),
        (2, {"one": 2, "two": 2}, 1, (1, 1)), (1, {"one": 1, "two": 2}, 1, (1, 0)),
    ],
)  # fmt: skip
def test_each_file_has_its_own_limit(
    limit: int | None, spent: dict[str, int], extra: int, left: tuple[int | None, int | None]
) -> None:
    found = offer(
        replace(SHARE, download_limit=limit), replace(BEN, downloads=spent, extra_downloads=extra), FILES,
        ENDS - MOMENT,
    )  # fmt: skip
    assert tuple(found.for_file(name).left for name in ("one", "two")) == left
    assert [each.id for each in found.open_files] == [
        name for name in FILES if found.for_file(name).left != 0
    ]
    assert found.is_spent == (found.closed is Closed.SPENT) == (left == (0, 0))
    assert found.left_in_all == (None if limit is None else sum(each or 0 for each in left))


SPENT, INFECTED, REMOVED = Closed.SPENT, Closed.INFECTED, Closed.REMOVED


@pytest.mark.parametrize(
    ("one", "two", "closed", "is_emptied"),
    [
        (None, REMOVED, None, False), (SPENT, None, None, False), (SPENT, REMOVED, SPENT, False),
        (INFECTED, SPENT, SPENT, False), (INFECTED, REMOVED, INFECTED, True), (INFECTED, None, None, False),
        (REMOVED, REMOVED, REMOVED, True),
    ],
)  # fmt: skip
def test_a_link_says_why_nothing_is_left(
    one: Closed | None, two: Closed | None, closed: Closed | None, is_emptied: bool
) -> None:
    """Where one could come back by asking for more, that."""
    reasons = {"one": one, "two": two}
    files = {
        name: replace(each, threats=frozenset({"v"} if reasons[name] is INFECTED else ()))
        for name, each in FILES.items()
        if reasons[name] is not REMOVED
    }
    spent = {name: 1 for name, reason in reasons.items() if reason is SPENT}
    found = offer(replace(SHARE, download_limit=1), replace(BEN, downloads=spent), files, ENDS - MOMENT)
    assert (found.closed, found.is_emptied) == (closed, is_emptied)
    assert [found.for_file(name).closed for name in reasons] == [one, two]
    assert found.left_in_all == sum(reason is None for reason in reasons.values())
    assert offer(SHARE, None, GONE, ENDS).is_emptied
