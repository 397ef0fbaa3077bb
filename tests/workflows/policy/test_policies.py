"""Policies below the pages: two at once, emails and lifetimes by the schedule, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.bootstrap import build
from portal.domain.audit.record import Action, AuditRecord
from portal.domain.files.file import File
from portal.domain.mail.mail_job import MailState
from portal.domain.people.person import Session
from portal.domain.policy.policies import NO_POLICY, Policy, SavePolicyResult, Setting
from portal.engine.owner_limits import get_owner_limits
from portal.engine.workflow import Workflow, run
from portal.workflows.files.owned_files import KEEP, RESTORE, TRASH, ChangeFile
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.mail.reminders import remind_due
from portal.workflows.shares import sharing
from portal.workflows.upkeep.sweep import sweep_files
from tests.actions import (
    link_token,
    list_mails,
    list_records,
    make_person,
    make_request,
    set_policy,
    share_files,
    sign_in_before,
    upload_file,
    visit_link,
)
from tests.builders import Running
from tests.web.signed_in import Calls

BOARD = replace(make_person("Ana Lopes"), groups=frozenset({"board"}))
BEN = make_person("Ben Okoro")


@pytest.mark.requirement("R63", "I4")
def test_of_two_versions_at_once_one_is_saved_with_its_record(portal: Running) -> None:
    policies = portal.portal.services.policies
    actor = make_request(BEN, portal).actor
    record = AuditRecord(portal.clock(), Action.POLICY_CHANGED, actor, "policies")
    results = [policies.save(NO_POLICY, Policy(1, {"trash_days": Setting(days)}), record) for days in (3, 4)]
    assert results == [SavePolicyResult.SAVED, SavePolicyResult.CHANGED_MEANWHILE]
    assert policies.read().for_all["trash_days"].value == 3
    assert len(list_records(portal, "policy.changed")) == 1
    after = Policy(2, {"allowed_recipients": Setting(("a.example",), locked=True)}, changed_by="Ada Minh")
    assert policies.save(policies.read(), after, record) is SavePolicyResult.SAVED
    assert policies.read() == after
    assert [each.version for each in policies.list_versions(None, 10).items] == [2, 1]


@pytest.mark.requirement("R57")
def test_a_block_counts_for_emails_from_then_on(portal: Running) -> None:
    """Of an owner in that group; who has the link already keeps it."""
    sign_in_before(portal, BOARD)
    services = portal.portal.services
    made = share_files(portal, BOARD, [upload_file(portal, BOARD)], recipients_text="a@example.com")
    late = share_files(
        portal,
        BOARD,
        [upload_file(portal, BOARD)],
        recipients_text="b@example.com",
        by_hand=["b@example.com"],
    )
    other = share_files(portal, BEN, [upload_file(portal, BEN)], recipients_text="c@example.com")
    set_policy(portal, "board", blocked_recipients="example.com")
    sent = len(list_mails(portal))
    portal.clock.turn(days=6)
    remind_due(services, lambda: 60.0)
    send_due(services, lambda: 60.0)
    told = [mail.destinations["ToAddresses"][0] for mail in list_mails(portal)[sent:]]
    assert "c@example.com" in told
    assert not {"a@example.com", "b@example.com"} & set(told)
    for each in (made, late, other):
        visit_link(portal, link_token(portal, each))


@pytest.mark.requirement("R57")
def test_an_invitation_that_waits_is_not_sent_to_who_is_blocked(
    portal: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends as failed, and the history says why; another of the share goes out."""
    monkeypatch.setattr(sharing, "send_invitations", lambda *_: 0)  # the time of the request was over
    both = "a@example.com, b@example.com"
    made = share_files(portal, BEN, [upload_file(portal, BEN)], recipients_text=both)
    set_policy(portal, blocked_recipients="a@example.com")
    assert send_due(portal.portal.services, lambda: 60.0) == 1
    found = portal.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    became = {each.address: (each.mail.state, each.mail.problem) for each in found[1]}
    assert became == {"a@example.com": (MailState.FAILED, "blocked"), "b@example.com": (MailState.SENT, "")}
    assert [mail.destinations["ToAddresses"] for mail in list_mails(portal)] == [["b@example.com"]]


def test_the_schedule_goes_by_the_policies_of_the_owner(portal: Running) -> None:
    sign_in_before(portal, BOARD)
    services = portal.portal.services
    set_policy(portal, "board", trash_days="3")
    files = {person: upload_file(portal, person) for person in (BOARD, BEN)}
    portal.clock.turn(days=91)
    sweep_files(services, lambda: 60.0)
    days = {
        person: (services.files.get(person.id, file.id) or file).purge_at for person, file in files.items()
    }
    assert days == {BOARD: portal.clock() + timedelta(days=3), BEN: portal.clock() + timedelta(days=14)}


def test_an_administrator_goes_by_the_policies_of_the_owner(portal: Running) -> None:
    """Whatever their own group may: for the trash, for how long a file is kept, and when it comes back."""
    ada = replace(make_person("Ada Minh", admin=True), groups=frozenset({"admins"}))
    for person in (BOARD, ada):
        sign_in_before(portal, person)
    set_policy(portal, "admins", trash_days="1", file_days="1", max_file_days="2", max_share_days="2",
               default_share_days="1")  # fmt: skip
    file = upload_file(portal, BOARD)

    def change(workflow: Workflow[ChangeFile], days: int = 0) -> File:
        context = ChangeFile(make_request(ada, portal), file_id=file.id, days=days)
        resolved = replace(services, limits=get_owner_limits(ada.id, services))
        run(workflow, context, resolved)
        changed = services.files.find(file.id)
        assert changed is not None
        return changed

    services = portal.portal.services
    assert change(KEEP, days=30).keep_until == portal.clock() + timedelta(days=30)
    assert change(TRASH).purge_at == portal.clock() + timedelta(days=14)
    assert change(RESTORE).keep_until == portal.clock() + timedelta(days=90)


def test_no_page_makes_a_call_for_policies(portal: Running) -> None:
    """The read of a session brings them along, cold or warm; a partner's link needs none."""
    set_policy(portal, max_share_days="30")
    made = share_files(portal, BEN, [upload_file(portal, BEN)])
    sign_in_before(portal, BEN)
    now = portal.clock()
    session = Session(BEN, "secret", now, now, now, now + timedelta(hours=12))
    portal.portal.sessions.create("key", session)
    cold = Running(build(portal.config, portal.clock), portal.clock)
    with Calls(cold) as calls:
        visit_link(cold, link_token(portal, made))
    cold_link = list(calls.names)
    with Calls(cold) as calls:
        assert cold.portal.sessions.get(BEN.id, "key") is not None
        assert cold.portal.services.policies.get_current().for_all["max_share_days"].value == 30
    assert calls.names == ["BatchGetItem"]
    with Calls(portal) as calls:
        visit_link(portal, link_token(portal, made))
    assert calls.names == cold_link
    assert all(not each.startswith("GetItem") for each in cold_link)
