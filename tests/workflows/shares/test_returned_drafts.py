"""What is refused once the files of a draft have arrived: it stays a draft, and its owner hears of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Invalid, Several, Unavailable
from portal.domain.files.file import FileState
from portal.domain.files.scans import ScanState
from portal.domain.shares.drafts import MAX_DRAFTS, Draft
from portal.engine.workflow import run
from portal.workflows.files.scan_results import close_infected
from portal.workflows.shares import drafts
from portal.workflows.shares.sending import SendState
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import (
    complete_upload,
    list_mails,
    make_id,
    make_request,
    put_object,
    set_policy,
    sign_in_before,
    upload_file,
)
from tests.builders import Running
from tests.workflows.shares.wished import (
    ANA,
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
from tests.workflows.uploads.test_parts import cancel

pytestmark = pytest.mark.requirement("I4")


@pytest.fixture(autouse=True)
def known(portal: Running) -> None:
    sign_in_before(portal, ANA)


def check_returned(portal: Running, draft_id: str, reason: str) -> Draft:
    """Not sent, kept with the reason, and told once."""
    kept = read_draft(portal, draft_id)
    assert kept is not None
    assert kept.returned is not None
    assert (kept.wish, kept.returned.reason) == (None, reason)
    assert list_shares(portal) == []
    sweep(portal.portal.services, lambda: 300.0)
    [mail] = [each for each in list_mails(portal) if f"/send/{draft_id}" in each.body]
    assert ANA.address in str(mail.destinations)
    return kept


def test_a_policy_of_that_moment_counts(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    set_policy(portal, blocked_recipients="example.com")
    portal.clock.turn(minutes=2)
    assert arrive(portal, file) is SendState.RETURNED
    kept = check_returned(portal, draft_id, "domain_blocked")
    assert kept.returned is not None
    assert kept.returned.params == {"addresses": "partner@example.com"}
    assert look(portal, draft_id) is SendState.NOTHING


def test_a_file_deleted_meanwhile_ends_it(portal: Running) -> None:
    draft_id, (first, second) = begin(portal, "a.pdf", "b.pdf")
    arrive(portal, second)
    cancel(portal, first)
    assert look(portal, draft_id) is SendState.RETURNED
    check_returned(portal, draft_id, "file_missing")


def test_an_upload_that_never_comes_ends_it(portal: Running) -> None:
    draft_id, _ = begin(portal)
    tick(portal, hours=1)
    assert read_draft(portal, draft_id)
    for _ in range(2):
        tick(portal, hours=25)
    check_returned(portal, draft_id, "file_missing")


def test_what_was_refused_on_arrival_ends_it(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    put_object(portal, file, b"other bytes, more of them")
    complete_by_event(file.key, portal.portal.services)
    assert look(portal, draft_id) is SendState.RETURNED
    check_returned(portal, draft_id, "file_not_ready")


def test_what_let_the_sender_in_must_still_count(portal: Running) -> None:
    """Whoever signs out everywhere may do so since somebody else pressed Send."""
    draft_id, [file] = begin(portal)
    portal.clock.turn(minutes=1)
    portal.portal.services.people.end_sessions(ANA, portal.clock())
    assert arrive(portal, file) is SendState.RETURNED
    check_returned(portal, draft_id, "sender_shut_out")


def test_malware_found_on_the_way_ends_it(portal: Running) -> None:
    draft_id, [file] = begin(portal)
    put_object(portal, file, BODY)
    done = complete_upload(portal, ANA, file).required_file
    services = portal.portal.services
    assert close_infected(done.key, done.version_id, ["Eicar"], services)
    assert services.files.find(file.id).scan_state is ScanState.THREAT  # type: ignore[union-attr]
    assert look(portal, draft_id) is SendState.RETURNED
    check_returned(portal, draft_id, "file_infected")


def test_what_is_wrong_at_once_is_said_at_once(portal: Running) -> None:
    """As of any share: nothing is kept, and no email is written about it."""
    draft_id = make_id(portal)
    files = announce(portal, draft_id)
    for more in ({"recipients_text": "no address"}, {"download_limit": 0}, {"recipients_text": ""}):
        with pytest.raises((Invalid, Several)):
            press_send(portal, draft_id, files, **more)
    with pytest.raises(Invalid):
        press_send(portal, draft_id, [])
    with pytest.raises(Invalid):
        press_send(portal, draft_id, files, missing=40)
    other = replace(files[0], id=make_id(portal))
    with pytest.raises(Invalid):
        press_send(portal, draft_id, [other])
    assert read_draft(portal, draft_id) is None
    assert list_mails(portal) == []


def test_files_that_were_chosen_and_not_announced_are_waited_for(portal: Running) -> None:
    """The page says how many; it presses again with each that it announced."""
    draft_id = make_id(portal)
    [file] = announce(portal, draft_id)
    press_send(portal, draft_id, [file], missing=1)
    assert arrive(portal, file) is SendState.WAITING
    [second] = announce(portal, draft_id, "b.pdf")
    press_send(portal, draft_id, [file, second])
    assert arrive(portal, second) is SendState.SENT
    assert len(list_shares(portal)[0].first_files) == 2


def test_those_that_are_never_chosen_again_end_it(portal: Running) -> None:
    draft_id = make_id(portal)
    file = upload_file(portal, ANA)
    press_send(portal, draft_id, [file], missing=1)
    tick(portal, days=6)
    assert read_draft(portal, draft_id)
    tick(portal, days=1.1)
    check_returned(portal, draft_id, "file_missing")


@pytest.mark.requirement("R47")
def test_a_password_is_kept_as_its_hash_alone(portal: Running) -> None:
    draft_id, [file] = begin(portal, password="correct horse battery")
    kept = read_draft(portal, draft_id)
    assert kept is not None
    assert "correct horse" not in str(kept)
    arrive(portal, file)
    [share] = list_shares(portal)
    assert kept.wish is not None
    assert share.password_hash == kept.wish.password_hash != ""


def test_many_drafts_do_not_keep_one_from_being_sent(portal: Running) -> None:
    for _ in range(MAX_DRAFTS):
        typed = Draft(make_id(portal), "", portal.clock(), (), {"message": "Hello"})
        run(
            drafts.SAVE_DRAFT,
            drafts.SaveDraft(make_request(ANA, portal), draft=typed),
            portal.portal.services,
        )
    _, [file] = begin(portal)
    assert arrive(portal, file) is SendState.SENT


def test_the_most_files_and_recipients_fit_into_its_transaction(portal: Running) -> None:
    people = ", ".join(f"p{number}@example.com" for number in range(50))
    draft_id, files = begin(portal, *(f"{number}.pdf" for number in range(40)), recipients_text=people)
    for each in files:
        put_object(portal, each, BODY)
        assert complete_by_event(each.key, portal.portal.services)
    assert look(portal, draft_id) is SendState.SENT
    assert len(list_shares(portal)[0].addresses) == 50


def test_an_outage_leaves_it_to_the_schedule(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    draft_id, [file] = begin(portal)
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)

    def fail(*_: Any) -> None:
        raise Unavailable()

    monkeypatch.setattr(portal.portal.services.shares, "create", fail)
    with suppress(Unavailable):
        look(portal, draft_id)
    monkeypatch.undo()
    assert read_draft(portal, draft_id)
    tick(portal, minutes=3)
    assert len(list_shares(portal)) == 1
    assert file.state is FileState.PENDING
