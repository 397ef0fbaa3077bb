"""Each part of the conditions on emails and shares refuses, by itself, what was overtaken since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.mail.mail_job import MailJob, MailState, ResendResult
from portal.domain.shares.share import Recipient, Share
from portal.engine.workflow import run
from portal.workflows.shares import adding, recipients
from tests.actions import make_request, share_files, upload_file, withdraw_share
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, make_share, read, record, services
from tests.workflows.shares.test_change import change_share

CASES = Cases()
LEASE = 60


def withdraw(portal: Running, share: Share, recipient: Recipient | None = None) -> None:
    withdraw_share(portal, ANA, share.id, recipient.id if recipient else "")


def add(portal: Running, share: Share, address: str) -> None:
    context = recipients.AddRecipients(make_request(ANA, portal), share_id=share.id, recipients_text=address)
    run(adding.ADD_RECIPIENTS, context, services(portal))


def queue_again_unsent(portal: Running) -> tuple[Share, Recipient]:
    """A share whose email waits once more, as if nobody had sent it."""
    share, recipient = make_share(portal)
    job = MailJob(due_at=portal.clock(), changed_at=portal.clock())
    assert services(portal).outbox.settle(recipient, job, None, claimed=recipient.mail.tries)
    return read(portal, share.id, recipient.id)


def claim_mail(portal: Running, recipient: Recipient) -> Recipient:
    """The recipient as it is after one more worker has claimed the mail."""
    assert services(portal).outbox.claim(recipient, portal.clock(), LEASE)
    return read(portal, recipient.share_id, recipient.id)[1]


def settle(portal: Running, recipient: Recipient, became: MailState, claimed: int) -> Any:
    job = MailJob(became, tries=claimed, changed_at=portal.clock())
    return services(portal).outbox.settle(recipient, job, None, claimed=claimed)


@CASES.expect(False)
def mail_claimed_since(portal: Running) -> Write:
    _, recipient = queue_again_unsent(portal)
    portal.clock.turn(seconds=1)
    claim_mail(portal, recipient)
    return lambda: services(portal).outbox.claim(recipient, portal.clock(), LEASE)


@CASES.expect(False)
def mail_of_somebody_withdrawn_since(portal: Running) -> Write:
    share, recipient = queue_again_unsent(portal)
    withdraw(portal, share, recipient)
    return lambda: services(portal).outbox.claim(recipient, portal.clock(), LEASE)


@CASES.expect(False)
def mail_settled_by_the_next_worker(portal: Running) -> Write:
    """Tried no oftener than before: only what became of it tells."""
    _, recipient = queue_again_unsent(portal)
    assert settle(portal, claim_mail(portal, recipient), MailState.SENT, 1)
    return lambda: settle(portal, recipient, MailState.FAILED, 1)


@CASES.expect(False)
def mail_under_way_with_the_next_worker(portal: Running) -> Write:
    _, recipient = queue_again_unsent(portal)
    first = claim_mail(portal, recipient)
    portal.clock.turn(seconds=2 * LEASE)
    claim_mail(portal, first)
    return lambda: settle(portal, recipient, MailState.FAILED, 1)


def fail_mail(portal: Running) -> tuple[Share, Recipient]:
    share, recipient = queue_again_unsent(portal)
    assert settle(portal, claim_mail(portal, recipient), MailState.FAILED, 1)
    return read(portal, share.id, recipient.id)


def queue_again(portal: Running, recipient: Recipient) -> Write:
    outbox = services(portal).outbox
    return lambda: outbox.queue_again(recipient, portal.clock(), record(portal, recipient.share_id))


@CASES.expect(False)
def failed_mail_queued_since(portal: Running) -> Write:
    _, recipient = fail_mail(portal)
    assert queue_again(portal, recipient)()
    return queue_again(portal, recipient)


@CASES.expect(False)
def failed_mail_failed_again_since(portal: Running) -> Write:
    share, recipient = fail_mail(portal)
    assert queue_again(portal, recipient)()
    again = claim_mail(portal, read(portal, share.id, recipient.id)[1])
    assert settle(portal, again, MailState.FAILED, 2)
    return queue_again(portal, recipient)


@CASES.expect(False)
def failed_mail_of_somebody_withdrawn_since(portal: Running) -> Write:
    share, recipient = fail_mail(portal)
    withdraw(portal, share, recipient)
    return queue_again(portal, recipient)


def send_again(portal: Running, share: Share, recipient: Recipient) -> Write:
    changes = services(portal).changes
    return lambda: changes.send_again(
        share, recipient, recipient.mail.message_id, 5, record(portal, share.id), 100
    )


def send_mail(portal: Running) -> tuple[Share, Recipient]:
    share, recipient = queue_again_unsent(portal)
    job = MailJob(MailState.SENT, tries=1, message_id="one", changed_at=portal.clock())
    assert services(portal).outbox.settle(claim_mail(portal, recipient), job, None, claimed=1)
    return read(portal, share.id, recipient.id)


@CASES.expect(ResendResult.REPEATED)
def sent_again_to_somebody_withdrawn_since(portal: Running) -> Write:
    share, recipient = send_mail(portal)
    withdraw(portal, share, recipient)
    return send_again(portal, share, recipient)


@CASES.expect(ResendResult.REPEATED)
def sent_again_while_the_first_mail_waits(portal: Running) -> Write:
    """Neither has a message id yet."""
    return send_again(portal, *queue_again_unsent(portal))


@CASES.expect(ResendResult.SHARE_CLOSED)
def sent_again_from_a_share_withdrawn_since(portal: Running) -> Write:
    share, recipient = send_mail(portal)
    withdraw(portal, share)
    return send_again(portal, share, recipient)


@CASES.expect(ResendResult.SHARE_CLOSED)
def sent_again_from_a_share_that_ends_this_moment(portal: Running) -> Write:
    share, recipient = send_mail(portal)
    portal.clock.now = share.expires_at
    return send_again(portal, share, recipient)


def change(portal: Running, share: Share, *people: Recipient) -> Write:
    changes, after = services(portal).changes, replace(share, message="changed")
    return lambda: changes.change(share, after, people, [], record(portal, share.id))


@CASES.expect(False)
def share_changed_since(portal: Running) -> Write:
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    share, recipient = read(portal, made.about, made.recipients[0].id)
    change_share(portal, made, message="first")
    return change(portal, share, recipient)


@CASES.expect(False)
def share_that_got_a_recipient_since(portal: Running) -> Write:
    """Whose copy of the share would be missed."""
    share, recipient = make_share(portal)
    add(portal, share, "second@example.com")
    return change(portal, share, recipient)


@CASES.expect(False)
def withdrawing_what_got_a_recipient_since(portal: Running) -> Write:
    share, recipient = make_share(portal)
    add(portal, share, "second@example.com")
    return lambda: services(portal).changes.close(share, [recipient], record(portal, share.id))


def add_to(portal: Running, share: Share, recipient: Recipient) -> Write:
    changes = services(portal).changes
    return lambda: changes.add(share, [recipient], record(portal, share.id), 100)


def another(recipient: Recipient) -> Recipient:
    return replace(recipient, id="another", address="another@example.com")


@CASES.expect(False)
def adding_to_what_was_changed_since(portal: Running) -> Write:
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    share, recipient = read(portal, made.about, made.recipients[0].id)
    change_share(portal, made, message="first")
    return add_to(portal, share, another(recipient))


@CASES.expect(False)
def adding_to_what_ends_this_moment(portal: Running) -> Write:
    share, recipient = make_share(portal)
    portal.clock.now = share.expires_at
    return add_to(portal, share, another(recipient))


@CASES.expect(False)
def adding_to_what_got_a_recipient_since(portal: Running) -> Write:
    share, recipient = make_share(portal)
    add(portal, share, "second@example.com")
    return add_to(portal, share, another(recipient))


@CASES.expect(False)
def bringing_back_who_came_and_went_since(portal: Running) -> Write:
    share, recipient = make_share(portal)
    withdraw(portal, share, recipient)
    add(portal, share, recipient.address)
    withdraw(portal, share, recipient)
    now = read(portal, share.id, recipient.id)[0]
    mail = MailJob.first(portal.clock())
    back = replace(recipient, generation=recipient.generation + 1, mail=mail)
    return add_to(portal, now, back)


@CASES.expect(None)
def reminded_of_an_end_moved_since(portal: Running) -> Write:
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    share, _ = read(portal, made.about, made.recipients[0].id)
    change_share(portal, made, expires_on=(portal.clock() + timedelta(days=40)).date())
    return lambda: services(portal).shares.set_next_reminder(share, None)


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)
