"""Each part of the conditions on drafts refuses, by itself, what was overtaken since."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.trace import trace_calls
from portal.aws.client.keys import draft_count_key
from portal.domain.shares.drafts import Draft, SaveDraftResult
from tests.actions import make_id
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, record, services

CASES = Cases()
MOST = 3


def a_draft(portal: Running) -> Draft:
    return Draft(id=make_id(portal), owner_id=ANA.id, saved_at=portal.clock())


def read_count(portal: Running) -> Any:
    """What says how many drafts were begun."""
    return services(portal).drafts.table.get(draft_count_key(ANA.id))


def begin(portal: Running, draft: Draft, seen: Any = None) -> Any:
    count = seen or read_count(portal)
    return services(portal).drafts.begin(draft, count, "no-share", MOST, record(portal, draft.id))


@pytest.mark.parametrize("begun", [1, MOST - 1])
def test_of_two_drafts_begun_at_once_the_second_counts_again(portal: Running, begun: int) -> None:
    """Else both could be the last that there is room for."""
    assert all(begin(portal, a_draft(portal)) is SaveDraftResult.SAVED for _ in range(begun))
    seen = read_count(portal)
    assert begin(portal, a_draft(portal), seen) is SaveDraftResult.SAVED
    assert begin(portal, a_draft(portal), seen) is None
    assert len(services(portal).drafts.list_all(ANA.id, portal.clock())) == begun + 1


def test_no_more_are_begun_than_there_may_be(portal: Running) -> None:
    """They are listed only once so many were begun, and what was thrown away has made room."""
    for _ in range(MOST):
        with trace_calls() as trace:
            assert begin(portal, last := a_draft(portal)) is SaveDraftResult.SAVED
        assert "dynamodb.Query" not in {call.operation for call in trace}
    assert begin(portal, a_draft(portal)) is SaveDraftResult.TOO_MANY
    assert services(portal).drafts.remove(ANA.id, last.id, record(portal, last.id))
    assert begin(portal, a_draft(portal)) is SaveDraftResult.SAVED
    assert begin(portal, a_draft(portal)) is SaveDraftResult.TOO_MANY


@CASES.expect(False)
def draft_thrown_away_twice(portal: Running) -> Write:
    draft = a_draft(portal)
    begin(portal, draft)
    assert services(portal).drafts.remove(ANA.id, draft.id, record(portal, draft.id))
    return lambda: services(portal).drafts.remove(ANA.id, draft.id, record(portal, draft.id))


@CASES.expect(None)
def draft_saved_over_one_that_is_gone(portal: Running) -> Write:
    draft = a_draft(portal)
    return lambda: services(portal).drafts.save_again(draft, draft, "no-share", record(portal, draft.id))


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)
