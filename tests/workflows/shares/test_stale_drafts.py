"""Each part of the conditions on drafts refuses, by itself, what was overtaken since."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.shares.drafts import Draft, SaveDraftResult
from tests.actions import make_id
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, record, services

CASES = Cases()


def a_draft(portal: Running) -> Draft:
    return Draft(id=make_id(portal), owner_id=ANA.id, saved_at=portal.clock())


def begin(portal: Running, draft: Draft) -> Any:
    return services(portal).drafts.begin(draft, "no-share", 5, record(portal, draft.id))


@pytest.mark.parametrize("begun", [0, 1])
def test_of_two_drafts_begun_at_once_the_second_counts_again(
    portal: Running, monkeypatch: pytest.MonkeyPatch, begun: int
) -> None:
    """Else both could be the last that there is room for."""
    assert all(begin(portal, a_draft(portal)) is SaveDraftResult.SAVED for _ in range(begun))
    drafts, listed = services(portal).drafts, services(portal).drafts.list_all

    def list_and_begin(*asked: Any) -> list[Draft]:
        found: list[Draft] = listed(*asked)
        monkeypatch.undo()
        assert begin(portal, a_draft(portal)) is SaveDraftResult.SAVED
        return found

    monkeypatch.setattr(drafts, "list_all", list_and_begin)
    assert begin(portal, a_draft(portal)) is None
    assert len(listed(ANA.id, portal.clock())) == begun + 1


@CASES.expect(False)
def draft_thrown_away_twice(portal: Running) -> Write:
    draft = a_draft(portal)
    begin(portal, draft)
    assert services(portal).drafts.remove(ANA.id, draft.id, None)
    return lambda: services(portal).drafts.remove(ANA.id, draft.id, record(portal, draft.id))


@CASES.expect(None)
def draft_saved_over_one_that_is_gone(portal: Running) -> Write:
    draft = a_draft(portal)
    return lambda: services(portal).drafts.save_again(draft, "no-share", record(portal, draft.id))


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)
