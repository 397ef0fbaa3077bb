"""The acts on single recipients of a share."""

from __future__ import annotations

from portal.workflows.shares import adding, correcting, recipients, revoke
from tests.aws.acts import Act, act, do, share_one_file
from tests.builders import Running


@act
def withdraw_recipient(running: Running) -> Act:
    made = share_one_file(running)
    yield
    do(running, revoke.WITHDRAW_RECIPIENT, revoke.Withdraw, share_id=made.about,
       recipient_id=made.recipients[0].id)  # fmt: skip


@act
def add_recipients(running: Running) -> Act:
    made = share_one_file(running)
    yield
    do(running, adding.ADD_RECIPIENTS, recipients.AddRecipients, share_id=made.about,
       recipients_text="second@example.com")  # fmt: skip


@act
def correct_address(running: Running) -> Act:
    made = share_one_file(running)
    yield
    do(running, correcting.CORRECT_ADDRESS, correcting.CorrectAddress, share_id=made.about,
       recipient_id=made.recipients[0].id, recipients_text="right@example.com")  # fmt: skip


@act
def send_again(running: Running) -> Act:
    made = share_one_file(running)
    found = running.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    [each] = found[1]
    yield
    do(running, recipients.SEND_AGAIN, recipients.SendAgain, share_id=made.about, recipient_id=each.id,
       seen=each.mail.message_id)  # fmt: skip
