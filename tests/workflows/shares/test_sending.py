"""Send pressed before all files have arrived: it goes out by itself, once, as it was pressed, under the rules
of that moment; what is refused then stays a draft, and its owner hears of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal.aws.client.writes import put
from portal.aws.tables.drafts_table import item
from portal.domain.errors import Conflict, NotFound
from portal.domain.files.file import FileState
from portal.domain.shares.drafts import Draft, SaveDraftResult
from portal.engine.workflow import run
from portal.workflows.shares import drafts, sending, wishes
from portal.workflows.shares.sending import SendState
from portal.workflows.shares.wishes import OnWish
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import (
    complete_upload,
    list_mails,
    list_records,
    make_id,
    make_request,
    put_object,
    share_files,
    sign_in_before,
)
from tests.builders import Running
from tests.workflows.shares.wished import (
    ANA,
    BEN,
    BODY,
    announce,
    arrive,
    begin,
    list_shares,
    look,
    press_send,
    read_draft,
    tick,
)
from tests.workflows.uploads.test_upload_kills import kill_at

pytestmark = pytest.mark.requirement("I4")


@pytest.fixture(autouse=True)
def known(portal: Running) -> None:
    sign_in_before(portal, ANA)


def test_it_goes_out_with_the_last_file_and_once(portal: Running) -> None:
    draft_id, (first, second) = begin(portal, "a.pdf", "b.pdf")
    assert arrive(portal, first) is SendState.WAITING
    assert list_shares(portal) == []
    assert arrive(portal, second) is SendState.SENT
    assert arrive(portal, second) is SendState.NOTHING
    tick(portal, minutes=3)
    [share] = list_shares(portal)
    assert share.addresses == ("partner@example.com",)
    assert [each.name for each in share.first_files] == ["a.pdf", "b.pdf"]
    assert (share.message, share.owner_name) == ("Hello.", "Ana Lopes")
    assert read_draft(portal, draft_id) is None
    assert len(list_records(portal, "share.created")) == 1
    assert len(list_records(portal, "draft.sending_asked")) == 1


def test_pressed_when_all_have_arrived_it_goes_out_too(portal: Running) -> None:
    """By whoever looks: the page at once, else the schedule."""
    draft_id = make_id(portal)
    [file] = announce(portal, draft_id)
    assert arrive(portal, file) is SendState.NOTHING
    press_send(portal, draft_id, [file])
    tick(portal, minutes=3)
    assert len(list_shares(portal)) == 1


def test_the_schedule_sends_what_nobody_came_to(portal: Running) -> None:
    """Killed between taking the last file in and looking for what waited for it."""
    _, [file] = begin(portal)
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    assert list_shares(portal) == []
    tick(portal, minutes=1)
    assert list_shares(portal) == []
    tick(portal, minutes=2)
    assert len(list_shares(portal)) == 1


def test_days_count_from_the_day_it_is_sent(portal: Running) -> None:
    _, [file] = begin(portal, days=3)
    portal.clock.turn(days=0.5)
    arrive(portal, file)
    portal.clock.turn(days=-0.5)
    [share] = list_shares(portal)
    assert share.expires_at.date() == (portal.clock() + timedelta(days=3.5)).date()


@pytest.mark.requirement("R61")
def test_killed_between_any_two_calls_it_goes_out_once(portal: Running) -> None:
    """The queue brings the event again, or else the schedule looks: there is one share, and no draft."""
    for call in range(60):
        draft_id, [file] = begin(portal, f"{call}.pdf")
        put_object(portal, file, BODY)
        with kill_at(portal, call) as made:
            complete_by_event(file.key, portal.portal.services)
            look(portal, draft_id)
        now = portal.portal.services.files.find(file.id)
        if now and (now.state is FileState.PENDING or call % 2):
            complete_by_event(file.key, portal.portal.services)
            look(portal, draft_id)
        tick(portal, minutes=3)
        assert [each.first_files[0].name for each in list_shares(portal)].count(f"{call}.pdf") == 1
        assert read_draft(portal, draft_id) is None
        if len(made) < call:
            return
    raise AssertionError("it never came to its end")


def test_taken_back_it_stays_a_draft(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    context = OnWish(make_request(ANA, portal), draft_id=draft_id)
    for _ in range(2):  # pressed twice is pressed once
        run(wishes.STOP_SENDING, context, portal.portal.services)
    assert arrive(portal, file) is SendState.NOTHING
    tick(portal, minutes=3)
    assert list_shares(portal) == []
    kept = read_draft(portal, draft_id)
    assert kept is not None
    assert (kept.wish, kept.file_ids) == (None, (file.id,))


def test_what_was_read_before_send_was_taken_back_is_not_sent(portal: Running) -> None:
    """The share is made in the transaction that removes the draft: stopped means stopped."""
    draft_id, [file] = begin(portal)
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    seen = read_draft(portal, draft_id)
    assert seen is not None
    assert seen.wish is not None
    run(wishes.STOP_SENDING, OnWish(make_request(ANA, portal), draft_id=draft_id), portal.portal.services)
    with pytest.raises(Conflict) as refused:
        sending.send(seen, seen.wish, portal.portal.services, "")
    assert refused.value.reason == "not_wished"
    assert list_shares(portal) == []


def test_once_sent_it_cannot_be_taken_back(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    arrive(portal, file)
    with pytest.raises(Conflict):
        run(wishes.STOP_SENDING, OnWish(make_request(ANA, portal), draft_id=draft_id), portal.portal.services)
    nobodys = OnWish(make_request(BEN, portal), draft_id=draft_id)
    with pytest.raises(NotFound):
        run(wishes.STOP_SENDING, nobodys, portal.portal.services)


def test_pressed_anew_the_newest_counts(portal: Running) -> None:
    """In two tabs: what was read of the first press is not sent any more."""
    draft_id, [file] = begin(portal)
    first = read_draft(portal, draft_id)
    press_send(portal, draft_id, [file], recipients_text="other@example.com")
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    assert first is not None
    assert first.wish is not None
    with pytest.raises(Conflict):
        sending.send(first, first.wish, portal.portal.services, "")
    assert look(portal, draft_id) is SendState.SENT
    [share] = list_shares(portal)
    assert share.addresses == ("other@example.com",)


def test_a_tab_that_knows_nothing_of_it_changes_nothing(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    other = Draft(draft_id, "", portal.clock(), (), {"recipients": "wrong@example.com"})
    saved = run(
        drafts.SAVE_DRAFT, drafts.SaveDraft(make_request(ANA, portal), draft=other), portal.portal.services
    )
    assert saved.result is SaveDraftResult.WAITING
    assert arrive(portal, file) is SendState.SENT
    assert list_shares(portal)[0].addresses == ("partner@example.com",)
    assert press_send(portal, draft_id, [file]).result is SaveDraftResult.SENT


def test_shared_from_the_form_meanwhile_it_does_not_go_out_again(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    put_object(portal, file, BODY)
    done = complete_upload(portal, ANA, file).required_file
    kept = read_draft(portal, draft_id)
    share_files(portal, ANA, [done], submission_id=draft_id, recipients_text="other@example.com")
    assert look(portal, draft_id) is SendState.NOTHING
    assert kept is not None
    portal.portal.services.drafts.table.transact([put_back(kept)])  # the form's last step was killed
    assert look(portal, draft_id) is SendState.RETURNED
    assert read_draft(portal, draft_id) is None
    assert len(list_shares(portal)) == 1
    [apart] = portal.portal.services.drafts.list_all(ANA.id, portal.clock())
    assert apart.returned is not None
    assert (apart.returned.reason, apart.file_ids) == ("submission_reused", (file.id,))
    tick(portal, minutes=3)
    assert apart.id in list_mails(portal)[-1].body, "its owner is led to what was not sent"


def put_back(draft: Draft) -> Any:
    return put(item(draft))


def test_thrown_away_it_does_not_go_out(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    context = drafts.ThrowAway(make_request(ANA, portal), draft_id=draft_id)
    run(drafts.THROW_AWAY, context, portal.portal.services)
    assert arrive(portal, file) is SendState.NOTHING
    assert list_shares(portal) == []
