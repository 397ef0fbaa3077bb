"""Sharing and downloading by link: within the rules, exactly once, and not after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.errors import Conflict, Invalid, NotFound, Refusal, Several
from portal.domain.ids import make_sortable_id
from portal.domain.mail.mail_job import MailState
from portal.engine.workflow import run
from portal.queries.received import list_received, make_received_link
from portal.queries.shares import get_share
from portal.workflows.links import link_access
from portal.workflows.shares import revoke, sharing
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    list_records,
    list_rows,
    make_id,
    make_person,
    make_request,
    read_state,
    reserve_file,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement(
    "R41", "R42", "R43", "R44", "R45", "R46", "R47", "R48", "R49", "R50", "R51"
)

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")


@pytest.mark.requirement("R52", "I2")
def test_a_share_has_its_files_and_a_mail_for_each_recipient(portal: Running) -> None:
    """Sent means that the mail service gave a message id."""
    files = [upload_file(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = share_files(portal, ANA, files, recipients_text="x@example.com, y@example.com")
    view = get_share(ANA, made.about, portal.portal.services)
    assert [file.name for file in view.share.first_files] == ["a.pdf", "b.pdf"]
    assert {each.recipient.mail.state for each in view.recipients} == {MailState.SENT}
    assert all(each.recipient.mail.message_id for each in view.recipients)
    assert sorted(mail.destinations["ToAddresses"][0] for mail in list_mails(portal)) == [
        "x@example.com",
        "y@example.com",
    ]


def test_one_submission_is_one_share(portal: Running) -> None:
    """Sent again it is the same share, and no second email; with other answers it is refused."""
    file, form = upload_file(portal, ANA), make_id(portal)
    first = share_files(portal, ANA, [file], submission_id=form)
    before = read_state(portal)
    again = share_files(portal, ANA, [file], submission_id=form)
    assert again.again
    assert again.about == first.about
    assert len(list_mails(portal)) == 1
    with pytest.raises(Conflict):
        share_files(portal, ANA, [file], submission_id=form, message="other words")
    assert read_state(portal) == before
    assert share_files(portal, BEN, [upload_file(portal, BEN)], submission_id=form).about != first.about


BAD: list[tuple[dict[str, Any], str]] = [
    ({"recipients_text": ""}, "no_recipients"),
    ({"recipients_text": "ana"}, "bad_address"),
    ({"recipients_text": "\n".join(f"p{n}@example.com" for n in range(10_000))}, "too_many_recipients"),
    ({"file_ids": []}, "no_files"),
    ({"file_ids": ["nonsense"]}, "file_missing"),
    ({"file_ids": [str(n) for n in range(41)]}, "too_many_files"),
    ({"message": "x" * 2001}, "message_long"),
    ({"download_limit": 0}, "limit_range"),
    ({"download_limit": -1}, "limit_range"),
    ({"download_limit": 101}, "limit_range"),
    ({"submission_id": "x"}, "submission"),
]


@pytest.mark.parametrize(("asked", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_bad_input_is_named_and_nothing_is_made(portal: Running, asked: dict[str, Any], reason: str) -> None:
    file = upload_file(portal, ANA)
    before = read_state(portal)
    with pytest.raises(Refusal) as caught:
        share_files(portal, ANA, [file], **asked)
    assert caught.value.reason == reason
    assert read_state(portal) == before
    assert list_mails(portal) == []


def test_everything_wrong_is_named_at_once(portal: Running) -> None:
    with pytest.raises(Several) as caught:
        share_files(portal, ANA, [], recipients_text="x", download_limit=0)
    assert {each.field for each in caught.value.refusals} == {"files", "recipients", "download_limit"}


@pytest.mark.parametrize("days", [-1, 91, 4_000_000 // 2])
@pytest.mark.dates
def test_days_past_or_beyond_policy_are_refused(portal: Running, days: int) -> None:
    file = upload_file(portal, ANA)
    with pytest.raises(Invalid):
        share_files(portal, ANA, [file], expires_on=portal.clock().date() + timedelta(days=days))


@pytest.mark.requirement("R11")
def test_only_ready_files_of_ones_own_are_shared(portal: Running) -> None:
    """Someone else's file is as missing as an unknown one."""
    for file, reason in (
        (upload_file(portal, BEN), "file_missing"),
        (reserve_file(portal, ANA), "file_not_ready"),
    ):
        with pytest.raises(Invalid) as caught:
            share_files(portal, ANA, [file])
        assert caught.value.reason == reason


@pytest.mark.requirement("I6")
def test_the_table_holds_no_link(portal: Running) -> None:
    """Neither the token nor its proof, anywhere."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    token = link_token(portal, made)
    visit_link(portal, token)
    assert token[-43:] not in str(list_rows(portal))
    assert token[-43:] in str(list_mails(portal)[0].body)


@pytest.mark.requirement("I5", "I7")
@pytest.mark.parametrize("whole", [True, False])
def test_withdrawing_works_at_once_and_for_good(portal: Running, whole: bool) -> None:
    """Twice is the same as once."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text="x@example.com, y@example.com")
    who = "" if whole else made.recipients[0].id
    workflow = revoke.WITHDRAW_SHARE if whole else revoke.WITHDRAW_RECIPIENT
    context = revoke.Withdraw(make_request(ANA, portal), share_id=made.about, recipient_id=who)
    for _ in range(2):
        run(workflow, context, portal.portal.services)
    with pytest.raises(link_access.Withdrawn):
        visit_link(portal, link_token(portal, made, 0))
    with pytest.raises(link_access.Withdrawn):
        download_file(portal, link_token(portal, made, 0), file)
    if not whole:
        assert download_file(portal, link_token(portal, made, 1), file)


@pytest.mark.requirement("R11")
def test_only_the_owner_and_admins_withdraw(portal: Running) -> None:
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    with pytest.raises(NotFound):
        run(
            revoke.WITHDRAW_SHARE,
            revoke.Withdraw(make_request(BEN, portal), share_id=made.about),
            portal.portal.services,
        )
    admin = make_person("Cleo Adams", admin=True)
    context = revoke.Withdraw(make_request(admin, portal), share_id=made.about)
    assert run(revoke.WITHDRAW_SHARE, context, portal.portal.services).share is not None


def test_strange_links_look_alike_and_leave_nothing(portal: Running) -> None:
    """Unknown, malformed, of another generation, of another recipient; strangers fill no log."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    token, services = link_token(portal, made), portal.portal.services
    other = make_sortable_id(portal.clock())
    strange = [
        "x", "", token[:-1], token[:26] + other + token[52:], other + token[26:],
        services.links.token(made.about, made.recipients[0].id, 2, services.links.current_id),
    ]  # fmt: skip
    before = list_rows(portal)
    for each in strange:
        with pytest.raises(NotFound) as caught:
            visit_link(portal, each)
        assert str(caught.value) == NotFound.message
    assert list_rows(portal) == before


def test_a_file_of_another_share_is_not_there(portal: Running) -> None:
    file, secret = upload_file(portal, ANA), upload_file(portal, ANA, "secret.pdf")
    token = link_token(portal, share_files(portal, ANA, [file]))
    share_files(portal, ANA, [secret])
    with pytest.raises(NotFound):
        download_file(portal, token, secret)


def test_a_colleague_finds_what_was_shared_with_them(portal: Running) -> None:
    made = share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="BEN.okoro@example.org")
    services = portal.portal.services
    [found] = list_received(BEN, services).page.items
    assert (found.share.id, found.recipient.id) == (made.about, made.recipients[0].id)
    assert make_received_link(BEN, made.about, services).endswith(link_token(portal, made))
    for stranger in (ANA, replace(BEN, address_verified=False)):
        assert list_received(stranger, services).page.items == ()
        with pytest.raises(NotFound):
            make_received_link(stranger, made.about, services)


def partner_domains_only(context: sharing.ShareFiles, services: Any) -> sharing.ShareFiles:
    if any(not address.endswith("@example.com") for address in context.addresses):
        raise Invalid("Partners are at example.com.", field="recipients", reason="partner_domain")
    return context


def test_a_deployers_step_has_its_say(portal: Running) -> None:
    """design.md, section 3: after our own steps of its stage; a refusal of its is recorded like ours."""
    extra = {"share": {"authorize": (partner_domains_only,)}}
    running = replace(
        portal, portal=replace(portal.portal, services=replace(portal.portal.services, extra_steps=extra))
    )
    file = upload_file(running, ANA)
    share_files(running, ANA, [file])
    with pytest.raises(Invalid):
        share_files(running, ANA, [file], recipients_text="x@elsewhere.example")
    refused = [each for each in list_records(running, "share.created") if each["outcome"]["S"] == "refused"]
    assert [each["step"]["S"] for each in refused] == ["partner_domains_only"]
