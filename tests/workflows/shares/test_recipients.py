"""Recipients after the share was sent: adding some, and sending one of them the email again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.errors import Conflict, Invalid, NotFound, Refusal, TooMany
from portal.domain.files.file import File
from portal.domain.mail.mail_job import MailState
from portal.domain.shares.share import Recipient
from portal.engine.workflow import run
from portal.workflows.links import link_access
from portal.workflows.mail import mail_jobs
from portal.workflows.shares import adding, change, recipients
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    download_file,
    list_mails,
    list_records,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
    visit_link,
    withdraw_share,
)
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
ADMIN = make_person("Cleo Adams", admin=True)


@pytest.fixture
def file(portal: Running) -> File:
    return upload_file(portal, ANA)


@pytest.fixture
def made(portal: Running, file: File) -> ShareFiles:
    return share_files(portal, ANA, [file], recipients_text="x@example.com", download_limit=2)


def add_recipients(portal: Running, made: ShareFiles, text: str, who: Any = ANA) -> recipients.AddRecipients:
    context = recipients.AddRecipients(make_request(who, portal), share_id=made.about, recipients_text=text)
    return run(adding.ADD_RECIPIENTS, context, portal.portal.services)


def find_recipient(portal: Running, made: ShareFiles, address: str) -> Recipient:
    found = portal.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    return next(each for each in found[1] if each.address == address)


def token(portal: Running, each: Recipient) -> str:
    return portal.portal.services.links.token(each.share_id, each.id, each.generation, each.key_id)


def withdrawn(portal: Running, made: ShareFiles, each: Recipient | None = None) -> None:
    withdraw_share(portal, ANA, made.about, each.id if each else "")


def send_again(portal: Running, made: ShareFiles, who: Any = ANA, **asked: str) -> recipients.SendAgain:
    each = find_recipient(portal, made, "x@example.com")
    fields = {"recipient_id": each.id, "seen": each.mail.message_id} | asked
    context = recipients.SendAgain(make_request(who, portal), share_id=made.about, **fields)
    return run(recipients.SEND_AGAIN, context, portal.portal.services)


@pytest.mark.requirement("R51", "I2", "I4", "I7")
def test_who_is_added_gets_a_mail_and_the_same_files(portal: Running, made: ShareFiles, file: File) -> None:
    """Who is there already is named and gets none; twice is the same as once."""
    done = add_recipients(portal, made, "y@example.com, X@example.com, y@example.com")
    assert [each.address for each in done.added] == ["y@example.com"]
    assert done.known == ("x@example.com",)
    assert download_file(portal, token(portal, find_recipient(portal, made, "y@example.com")), file)
    assert find_recipient(portal, made, "y@example.com").mail.state is MailState.SENT
    share = portal.portal.services.shares.get(made.about)
    assert share is not None
    assert share.addresses == ("x@example.com", "y@example.com")
    before = read_state(portal)
    assert add_recipients(portal, made, "y@example.com").added == ()
    assert read_state(portal) == before
    assert len(list_mails(portal)) == 2
    [record] = list_records(portal, "recipient.added")
    assert record["details"]["M"]["to"]["S"] == "y@example.com"


@pytest.mark.requirement("I1", "I5")
def test_who_was_withdrawn_comes_back_with_another_link(
    portal: Running, made: ShareFiles, file: File
) -> None:
    """The old link stays dead, as it was said to be; what was downloaded stays counted."""
    before = find_recipient(portal, made, "x@example.com")
    download_file(portal, token(portal, before), file)
    withdrawn(portal, made, before)
    add_recipients(portal, made, "x@example.com")
    after = find_recipient(portal, made, "x@example.com")
    assert (after.generation, after.withdrawn_at, after.download_count) == (2, None, 1)
    with pytest.raises(NotFound):
        visit_link(portal, token(portal, before))
    assert download_file(portal, token(portal, after), file)
    with pytest.raises(link_access.DownloadsUsedUp):
        download_file(portal, token(portal, after), file)
    assert token(portal, after)[-43:] in str(list_mails(portal)[-1].body)


@pytest.mark.requirement("R11", "R51", "R57")
def test_adding_keeps_to_the_rules_of_sharing(portal: Running, made: ShareFiles) -> None:
    """The owner, email addresses, the most a share may have; in an open share."""
    crowd = "\n".join(f"p{n}@example.com" for n in range(500))
    for text, who, reason in (
        ("nobody", ANA, "bad_address"), ("", ANA, "no_recipients"), (crowd, ANA, "too_many_recipients"),
        ("y@example.com", BEN, "not_found"), ("y@example.com", ADMIN, "not_found"),
    ):  # fmt: skip
        before = read_state(portal)
        with pytest.raises(Refusal) as caught:
            add_recipients(portal, made, text, who)
        assert caught.value.reason == reason
        assert read_state(portal) == before


@pytest.mark.requirement("R47", "R48")
@pytest.mark.parametrize(("expired", "reason"), [(True, "expired"), (False, "withdrawn")])
def test_nobody_is_added_to_or_mailed_from_a_closed_share(
    portal: Running, made: ShareFiles, expired: bool, reason: str
) -> None:
    if expired:
        portal.clock.turn(days=20)
    else:
        withdrawn(portal, made)
    for act in (lambda: add_recipients(portal, made, "y@example.com"), lambda: send_again(portal, made)):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.reason == reason
    assert len(list_mails(portal)) == 1


def known_domains_only(context: ShareFiles, services: Any) -> ShareFiles:
    if any(not address.endswith("@example.com") for address in context.addresses):
        raise Invalid("Partners are at example.com.", field="recipients", reason="partner_domain")
    return context


def test_a_deployers_rule_of_sharing_holds_for_adding(portal: Running, made: ShareFiles) -> None:
    """design.md, section 3: a rule of who may be shared with is not passed by adding them afterwards."""
    extra = {"share": {"authorize": (known_domains_only,)}}
    strict = replace(
        portal, portal=replace(portal.portal, services=replace(portal.portal.services, extra_steps=extra))
    )
    add_recipients(strict, made, "y@example.com")
    with pytest.raises(Invalid):
        add_recipients(strict, made, "z@elsewhere.example")


@pytest.mark.requirement("R52", "I7")
def test_a_mail_is_sent_again_with_the_same_link(portal: Running, made: ShareFiles) -> None:
    """And with what the share says by now. The form sent twice is one mail."""
    first = find_recipient(portal, made, "x@example.com").mail.message_id
    send_again(portal, made)
    after = find_recipient(portal, made, "x@example.com")
    assert after.mail.state is MailState.SENT
    assert after.mail.message_id != first
    assert send_again(portal, made, seen=first).again
    link = token(portal, after)[-43:]
    assert [link in str(each.body) for each in list_mails(portal)] == [True, True]
    assert len(list_records(portal, "mail.again")) == 1


@pytest.mark.requirement("R57")
def test_five_times_a_day_are_enough(portal: Running, made: ShareFiles) -> None:
    """For each recipient; told when over, with the time to wait; the next day it goes again."""
    for _ in range(5):
        send_again(portal, made)
    with pytest.raises(TooMany) as caught:
        send_again(portal, made)
    assert 0 < (caught.value.retry_after_seconds or 0) <= 24 * 3600 + 1
    assert len(list_mails(portal)) == 6
    portal.clock.turn(seconds=caught.value.retry_after_seconds or 0)
    send_again(portal, made)


@pytest.mark.requirement("R55")
def test_no_mail_goes_where_one_came_back(portal: Running, made: ShareFiles) -> None:
    """And none to whom it was withdrawn from."""
    each = find_recipient(portal, made, "x@example.com")
    mail_jobs.record_feedback(
        portal.portal.services, "bounce", each.mail.message_id, portal.clock(), "no such user"
    )
    with pytest.raises(Conflict) as caught:
        send_again(portal, made)
    assert caught.value.reason == "mail_stopped"
    withdrawn(portal, made, each)
    with pytest.raises(Conflict) as caught:
        send_again(portal, made)
    assert caught.value.reason == "withdrawn"


@pytest.mark.requirement("R11")
def test_only_the_owner_has_mails_sent(portal: Running, made: ShareFiles) -> None:
    for who in (BEN, ADMIN):
        with pytest.raises(NotFound):
            send_again(portal, made, who)
    with pytest.raises(NotFound):
        send_again(portal, made, recipient_id="nobody")


def test_who_is_added_gets_what_was_changed(portal: Running, made: ShareFiles, file: File) -> None:
    share = portal.portal.services.shares.get(made.about)
    assert share is not None
    day = (portal.clock() + timedelta(days=30)).date()
    context = change.ChangeShare(make_request(ANA, portal), share_id=share.id, version=1, expires_on=day,
                                 download_limit=1, message="New")  # fmt: skip
    run(change.CHANGE_SHARE, context, portal.portal.services)
    add_recipients(portal, made, "ben.okoro@example.org")
    [(copy, _)] = portal.portal.services.shares.list_for_address(BEN.address, None, 10).items
    assert (copy.expires_at.date(), copy.download_limit, copy.message) == (day, 1, "New")
