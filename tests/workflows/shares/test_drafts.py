"""Drafts of shares: what they keep, for how long, how many, and what they never keep."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.errors import NotFound
from portal.domain.people.person import Person
from portal.domain.shares.drafts import KEPT_FIELDS, MAX_DRAFTS, Draft
from portal.engine.workflow import run
from portal.queries import drafts as draft_queries
from portal.workflows.files import owned_files
from portal.workflows.shares import drafts
from tests.actions import (
    list_records,
    list_rows,
    make_id,
    make_person,
    make_request,
    reserve_file,
    share_files,
    upload_file,
)
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")


def save_draft(running: Running, who: Person = ANA, **fields: Any) -> drafts.SaveDraft:
    draft = Draft(**{"id": make_id(running), "owner_id": "", "saved_at": running.clock()} | fields)
    return run(
        drafts.SAVE_DRAFT, drafts.SaveDraft(make_request(who, running), draft=draft), running.portal.services
    )


def list_drafts(running: Running, who: Person = ANA) -> list[Draft]:
    return running.portal.services.drafts.list_all(who.id, running.clock())


def throw_away(running: Running, who: Person, draft_id: str) -> None:
    context = drafts.ThrowAway(make_request(who, running), draft_id=draft_id)
    run(drafts.THROW_AWAY, context, running.portal.services)


TYPED = st.text(max_size=60)


@given(
    answers=st.dictionaries(st.sampled_from(KEPT_FIELDS), TYPED),
    by_hand=st.lists(TYPED, max_size=3),
    had_password=st.booleans(),
    step=st.sampled_from(["", "choose", "recipients", "access", "review", "answers"]),
)
@settings(
    max_examples=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_what_goes_in_comes_out(portal: Running, answers: Any, by_hand: Any, **rest: Any) -> None:
    """Whatever was typed, empty or odd; saved again under the same id it is still one."""
    form = "0" * 25 + "1"
    done = save_draft(portal, id=form, answers=answers, by_hand=tuple(by_hand), **rest)
    assert done.result == "saved"
    assert list_drafts(portal) == [done.draft]
    assert (done.draft.answers, done.draft.by_hand) == (answers, tuple(by_hand))


@pytest.mark.requirement("R12")
def test_only_what_a_form_may_keep_is_kept(portal: Running) -> None:
    """No password, no field of nobody's, no file of someone else, none that is neither there nor coming."""
    mine, trashed, theirs = (
        upload_file(portal, ANA),
        upload_file(portal, ANA, "b.pdf"),
        upload_file(portal, BEN),
    )
    pending = reserve_file(portal, ANA)
    away = owned_files.ChangeFile(make_request(ANA, portal), file_id=trashed.id)
    run(owned_files.TRASH, away, portal.portal.services)
    asked = (mine.id, theirs.id, trashed.id, pending.id, "nonsense", make_id(portal))
    answers = {"message": "Hello", "password": "correct horse", "owner_id": BEN.id, "until": "2999-01-01"}
    draft = save_draft(portal, file_ids=asked, answers=answers, groups=("x", make_id(portal))).draft
    assert draft.file_ids == (mine.id, pending.id)  # an upload under way is kept
    assert draft.answers == {"message": "Hello"}
    assert len(draft.groups) == 1
    assert draft.owner_id == ANA.id
    assert "correct horse" not in str(list_rows(portal))


def test_a_draft_ends_after_a_week_and_with_its_sending(portal: Running) -> None:
    """Also while DynamoDB has not removed it yet; each time it is saved the week begins again."""
    first, second = save_draft(portal, step="access").draft, save_draft(portal).draft
    portal.clock.turn(days=6)
    save_draft(portal, id=first.id)
    portal.clock.turn(days=2)
    assert [each.id for each in list_drafts(portal)] == [first.id]
    with pytest.raises(NotFound):
        draft_queries.get_draft(ANA, second.id, portal.clock(), portal.portal.services)
    made = share_files(portal, ANA, [upload_file(portal, ANA)], submission_id=first.id)
    assert list_drafts(portal) == []
    assert save_draft(portal, id=first.id).result == "sent"
    assert list_drafts(portal) == []
    assert draft_queries.find_sent_share(ANA, first.id, portal.portal.services) == made.share


def test_twenty_at_most(portal: Running) -> None:
    """Those there are can still be saved; one that ended makes room."""
    made = [save_draft(portal).draft for _ in range(MAX_DRAFTS)]
    assert save_draft(portal).result == "too_many"
    assert save_draft(portal, id=made[0].id, step="review").result == "saved"
    assert len(list_drafts(portal)) == MAX_DRAFTS
    assert save_draft(portal, BEN).result == "saved"
    portal.clock.turn(seconds=timedelta(days=8).total_seconds())
    assert save_draft(portal).result == "saved"


@pytest.mark.requirement("R11", "I4")
def test_a_draft_is_its_persons_alone(portal: Running) -> None:
    """Nobody else reads it or throws it away; both ends are on record."""
    draft = save_draft(portal).draft
    save_draft(portal, id=draft.id)
    for who, id_ in ((BEN, draft.id), (ANA, "nonsense"), (ANA, make_id(portal))):
        with pytest.raises(NotFound):
            throw_away(portal, who, id_)
    assert len(list_drafts(portal)) == 1
    throw_away(portal, ANA, draft.id)
    assert list_drafts(portal) == []
    assert len(list_records(portal, "draft.begun")) == 1
    assert list_records(portal, "draft.thrown_away")[-1]["outcome"]["S"] == "done"
