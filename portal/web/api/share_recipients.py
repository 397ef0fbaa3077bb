"""The recipients of a share: added, withdrawn, sent the email again, answered when they ask for more."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.clock import start_countdown
from portal.domain.errors import NotFound, Refusal, Unavailable
from portal.domain.shares.share import Recipient, RecipientState
from portal.engine.workflow import run
from portal.queries.shares import ShareView
from portal.web.api.fields import MAX_ADDRESSES, Asked, Flag, Text, Told, id_text, length, list_of
from portal.web.api.operations import operation
from portal.web.api.shares import ShareTold, read_share
from portal.web.current import services
from portal.web.identity.access import staff_request
from portal.web.wording.i18n import translate_refusal
from portal.workflows.shares.access_requests import APPROVE_REQUEST, DECLINE_REQUEST, AnswerRequest
from portal.workflows.shares.adding import ADD_RECIPIENTS
from portal.workflows.shares.correcting import CORRECT_ADDRESS, CorrectAddress
from portal.workflows.shares.recipients import SEND_AGAIN, AddRecipients, SendAgain
from portal.workflows.shares.revoke import WITHDRAW_RECIPIENT, Withdraw

SECONDS = 15.0  # what one call spends on reminding


class AddAsked(Asked):
    share_with = list_of(Text(validate=length(1, 320)), MAX_ADDRESSES, load_default=list)
    group_ids = list_of(id_text(), MAX_ADDRESSES, load_default=list)
    by_hand = Flag(load_default=False, metadata={"description": "no email is sent: you pass the links on"})


class CorrectAsked(Asked):
    address = Text(required=True, validate=length(1, 320))


class RemindedTold(Told):
    address = Text(required=True)
    sent = Flag(required=True)
    reason = Text(required=True, metadata={"description": "why not; empty where it was"})
    detail = Text(required=True)


class RemindersTold(Told):
    reminded = fields.List(fields.Nested(RemindedTold), required=True)


@operation("Give a share to more people", body=AddAsked, answer=ShareTold, has_etag=True)
def add(share_id: str, body: dict[str, Any]) -> ShareView:
    """Who has it already keeps it as it is, so that twice is the same as once."""
    context = AddRecipients(
        staff_request(), share_id=share_id, recipients_text="\n".join(body["share_with"]),
        group_ids=body["group_ids"], by_hand=body["by_hand"],
    )  # fmt: skip
    run(ADD_RECIPIENTS, context, services())
    return read_share(share_id)


@operation("Withdraw a share from one person", answer=ShareTold, has_etag=True)
def withdraw(share_id: str, recipient_id: str) -> ShareView:
    context = Withdraw(staff_request(), share_id=share_id, recipient_id=recipient_id)
    run(WITHDRAW_RECIPIENT, context, services())
    return read_share(share_id)


@operation("Correct a person's address: the old link stops working, and the right address gets a new one",
           body=CorrectAsked, answer=ShareTold, has_etag=True)  # fmt: skip
def correct(share_id: str, recipient_id: str, body: dict[str, Any]) -> ShareView:
    """Twice is the same as once."""
    context = CorrectAddress(
        staff_request(), share_id=share_id, recipient_id=recipient_id, recipients_text=body["address"]
    )
    run(CORRECT_ADDRESS, context, services())
    return read_share(share_id)


@operation("Send one person the email again", answer=ShareTold, has_etag=True)
def send_again(share_id: str, recipient_id: str) -> ShareView:
    send_email(share_id, find_recipient(read_share(share_id), recipient_id))
    return read_share(share_id)


def find_recipient(view: ShareView, recipient_id: str) -> Recipient:
    found = [each.recipient for each in view.recipients if each.recipient.id == recipient_id]
    if not found:
        raise NotFound
    return found[0]


def send_email(share_id: str, recipient: Recipient) -> None:
    context = SendAgain(
        staff_request(), share_id=share_id, recipient_id=recipient.id, seen=recipient.mail.message_id
    )
    run(SEND_AGAIN, context, services())


@operation("Remind whoever has not downloaded anything yet", answer=RemindersTold)
def remind(share_id: str) -> dict[str, Any]:
    """Each gets the email again; what keeps it from one keeps it from no other."""
    waiting = [
        each.recipient
        for each in read_share(share_id).recipients
        if each.recipient.state is RecipientState.OPEN and not each.recipient.download_count
    ]
    seconds_left, told = start_countdown(services().clock, SECONDS), []
    for each in waiting:
        told.append(remind_one(share_id, each) if seconds_left() > 0 else tell(each, Unavailable()))
    return {"reminded": told}


def remind_one(share_id: str, recipient: Recipient) -> dict[str, Any]:
    try:
        send_email(share_id, recipient)
    except Refusal as refusal:
        return tell(recipient, refusal)
    return {"address": recipient.address, "sent": True, "reason": "", "detail": ""}


def tell(recipient: Recipient, refusal: Refusal) -> dict[str, Any]:
    words = {"reason": refusal.reason, "detail": translate_refusal(refusal)}
    return {"address": recipient.address, "sent": False, **words}


@operation("Give a recipient more, who has asked for it", answer=ShareTold, has_etag=True)
def approve(share_id: str, recipient_id: str) -> ShareView:
    context = AnswerRequest(staff_request(), share_id=share_id, recipient_id=recipient_id)
    run(APPROVE_REQUEST, context, services())
    return read_share(share_id)


@operation("Decline a recipient's request for more", answer=ShareTold, has_etag=True)
def decline(share_id: str, recipient_id: str) -> ShareView:
    context = AnswerRequest(staff_request(), share_id=share_id, recipient_id=recipient_id)
    run(DECLINE_REQUEST, context, services())
    return read_share(share_id)
