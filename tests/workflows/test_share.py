"""Sharing and downloading by link: within the rules, exactly once, and not after (R41-R51)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import queries
from portal.domain.errors import Conflict, Invalid, NotFound, Refusal, Several
from portal.domain.ids import sortable_id
from portal.domain.shares import MailState
from portal.queries.received import received, received_link
from portal.workflows import opening, revoke, share
from portal.workflows.engine import run
from tests.builders import Running
from tests.doing import (
    asked_by,
    downloaded,
    mails,
    new_id,
    opened,
    recorded,
    reserved,
    rows,
    shared,
    somebody,
    state,
    token_of,
    uploaded,
)

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")


def test_a_share_has_its_files_and_a_mail_for_each_recipient(portal: Running) -> None:
    """I2, R52: sent means that the mail service gave a message id."""
    files = [uploaded(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = shared(portal, ANA, files, recipients_text="x@example.com, y@example.com")
    view = queries.share(ANA, made.about, portal.portal.services)
    assert [file.name for file in view.share.files] == ["a.pdf", "b.pdf"]
    assert {each.recipient.mail.state for each in view.recipients} == {MailState.SENT}
    assert all(each.recipient.mail.message_id for each in view.recipients)
    assert sorted(mail.destinations["ToAddresses"][0] for mail in mails(portal)) == [
        "x@example.com",
        "y@example.com",
    ]


def test_one_submission_is_one_share(portal: Running) -> None:
    """R51: sent again it is the same share, and no second mail; with other answers it is refused."""
    file, form = uploaded(portal, ANA), new_id(portal)
    first = shared(portal, ANA, [file], submission_id=form)
    before = state(portal)
    again = shared(portal, ANA, [file], submission_id=form)
    assert again.again
    assert again.about == first.about
    assert len(mails(portal)) == 1
    with pytest.raises(Conflict):
        shared(portal, ANA, [file], submission_id=form, message="other words")
    assert state(portal) == before
    assert shared(portal, BEN, [uploaded(portal, BEN)], submission_id=form).about != first.about


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
    file = uploaded(portal, ANA)
    before = state(portal)
    with pytest.raises(Refusal) as caught:
        shared(portal, ANA, [file], **asked)
    assert caught.value.reason == reason
    assert state(portal) == before
    assert mails(portal) == []


def test_everything_wrong_is_named_at_once(portal: Running) -> None:
    with pytest.raises(Several) as caught:
        shared(portal, ANA, [], recipients_text="x", download_limit=0)
    assert {each.field for each in caught.value.refusals} == {"files", "recipients", "download_limit"}


@pytest.mark.parametrize("days", [-1, 91, 4_000_000 // 2])
def test_days_past_or_beyond_policy_are_refused(portal: Running, days: int) -> None:
    """R47."""
    file = uploaded(portal, ANA)
    with pytest.raises(Invalid):
        shared(portal, ANA, [file], expires_on=portal.clock().date() + timedelta(days=days))


def test_only_ready_files_of_ones_own_are_shared(portal: Running) -> None:
    """R11: somebody else's file is as missing as an unknown one."""
    for file, reason in ((uploaded(portal, BEN), "file_missing"), (reserved(portal, ANA), "file_not_ready")):
        with pytest.raises(Invalid) as caught:
            shared(portal, ANA, [file])
        assert caught.value.reason == reason


def test_the_table_holds_no_link(portal: Running) -> None:
    """I6, R41: neither the token nor its proof, anywhere."""
    made = shared(portal, ANA, [uploaded(portal, ANA)])
    token = token_of(portal, made)
    opened(portal, token)
    assert token[-43:] not in str(rows(portal))
    assert token[-43:] in str(mails(portal)[0].body)


@pytest.mark.parametrize("whole", [True, False])
def test_withdrawing_works_at_once_and_for_good(portal: Running, whole: bool) -> None:
    """R48, I5; twice is the same as once (I7)."""
    file = uploaded(portal, ANA)
    made = shared(portal, ANA, [file], recipients_text="x@example.com, y@example.com")
    who = "" if whole else made.recipients[0].id
    workflow = revoke.WITHDRAW_SHARE if whole else revoke.WITHDRAW_RECIPIENT
    context = revoke.Withdraw(**asked_by(ANA, portal), share_id=made.about, recipient_id=who)
    for _ in range(2):
        run(workflow, context, portal.portal.services)
    with pytest.raises(opening.Withdrawn):
        opened(portal, token_of(portal, made, 0))
    with pytest.raises(opening.Withdrawn):
        downloaded(portal, token_of(portal, made, 0), file)
    if not whole:
        assert downloaded(portal, token_of(portal, made, 1), file)


def test_only_the_owner_and_admins_withdraw(portal: Running) -> None:
    """R11."""
    made = shared(portal, ANA, [uploaded(portal, ANA)])
    with pytest.raises(NotFound):
        run(
            revoke.WITHDRAW_SHARE,
            revoke.Withdraw(**asked_by(BEN, portal), share_id=made.about),
            portal.portal.services,
        )
    admin = somebody("Cleo Adams", admin=True)
    context = revoke.Withdraw(**asked_by(admin, portal), share_id=made.about)
    assert run(revoke.WITHDRAW_SHARE, context, portal.portal.services).share is not None


def test_strange_links_look_alike_and_leave_nothing(portal: Running) -> None:
    """R45: unknown, malformed, of another generation, of another recipient; strangers fill no log."""
    made = shared(portal, ANA, [uploaded(portal, ANA)])
    token, services = token_of(portal, made), portal.portal.services
    other = sortable_id(portal.clock())
    strange = [
        "x", "", token[:-1], token[:26] + other + token[52:], other + token[26:],
        services.links.token(made.about, made.recipients[0].id, 2, services.links.current_id),
    ]  # fmt: skip
    before = rows(portal)
    for each in strange:
        with pytest.raises(NotFound) as caught:
            opened(portal, each)
        assert str(caught.value) == NotFound.words
    assert rows(portal) == before


def test_a_file_of_another_share_is_not_there(portal: Running) -> None:
    file, secret = uploaded(portal, ANA), uploaded(portal, ANA, "secret.pdf")
    token = token_of(portal, shared(portal, ANA, [file]))
    shared(portal, ANA, [secret])
    with pytest.raises(NotFound):
        downloaded(portal, token, secret)


def test_a_colleague_finds_what_was_shared_with_them(portal: Running) -> None:
    made = shared(portal, ANA, [uploaded(portal, ANA)], recipients_text="BEN.okoro@example.org")
    services = portal.portal.services
    [(found, recipient)] = received(BEN, services).page.items
    assert (found.id, recipient.id) == (made.about, made.recipients[0].id)
    assert received_link(BEN, made.about, services).endswith(token_of(portal, made))
    for stranger in (ANA, replace(BEN, address_verified=False)):
        assert received(stranger, services).page.items == ()
        with pytest.raises(NotFound):
            received_link(stranger, made.about, services)


def partner_domains_only(context: share.ShareFiles, services: Any) -> share.ShareFiles:
    if any(not address.endswith("@example.com") for address in context.addresses):
        raise Invalid("Partners are at example.com.", field="recipients", reason="partner_domain")
    return context


def test_a_deployers_step_has_its_say(portal: Running) -> None:
    """design.md, section 3: after our own steps of its stage; a refusal of its is recorded like ours."""
    extra = {"share": {"authorize": (partner_domains_only,)}}
    running = replace(
        portal, portal=replace(portal.portal, services=replace(portal.portal.services, extra_steps=extra))
    )
    file = uploaded(running, ANA)
    shared(running, ANA, [file])
    with pytest.raises(Invalid):
        shared(running, ANA, [file], recipients_text="x@elsewhere.example")
    refused = [each for each in recorded(running, "share.created") if each["outcome"]["S"] == "refused"]
    assert [each["step"]["S"] for each in refused] == ["partner_domains_only"]
