"""Correcting a recipient's address: the link to the wrong one dies, and the right one gets a link of its own,
in one transaction. Nobody is without a link in between, and never do both have one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid, NotFound, Unavailable
from portal.domain.mail.mail_job import MailState
from portal.domain.people.permissions import Privilege
from portal.domain.shares.share import Recipient, RecipientState
from portal.engine.services import Services
from portal.engine.workflow import Stage, Workflow
from portal.workflows.policy.mail_policy import send_within_quota
from portal.workflows.shares import recipients
from portal.workflows.shares.adding import MAX_ATTEMPTS
from portal.workflows.shares.recipients import AddRecipients


@dataclass(frozen=True, kw_only=True)
class CorrectAddress(AddRecipients):
    """recipients_text: the right address; recipient_id: who has the wrong one. again: it is corrected
    already.
    """

    recipient_id: str
    wrong: Recipient | None = None
    again: bool = False

    @property
    def required_wrong(self) -> Recipient:
        if self.wrong is None:
            raise RuntimeError("the recipient is found first")
        return self.wrong


def check_one(context: CorrectAddress, services: Services) -> CorrectAddress:
    if len(context.addresses) != 1:
        raise Invalid(N_("Enter one address."), field="recipients", reason="one_address")
    return context


def find_wrong(context: CorrectAddress, services: Services) -> CorrectAddress:
    """Who had no email by the wrong address gets none by the right one."""
    wrong = next((each for each in context.recipients if each.id == context.recipient_id), None)
    if wrong is None:
        raise NotFound()
    return replace(context, wrong=wrong, by_hand=wrong.mail.state is MailState.BY_HAND)


def draft_right(context: CorrectAddress, services: Services) -> CorrectAddress:
    context, wrong = recipients.draft_recipients(context, services), context.required_wrong
    again = wrong.state is RecipientState.WITHDRAWN and bool(context.known)
    details = {"recipient": wrong.id, "wrong": wrong.address, "to": context.addresses[0], "recipients": "1"}
    details |= {"by_hand": context.addresses[0]} if context.by_hand else {}
    return replace(context, again=again, details=details)


def require_another(context: CorrectAddress, services: Services) -> CorrectAddress:
    if context.again:
        return context
    if context.required_wrong.state is RecipientState.WITHDRAWN:
        raise Conflict(
            N_("This person's link was withdrawn. Add the right address as a new recipient."),
            reason="withdrawn",
        )
    if context.known:
        raise Invalid(
            N_("%(address)s has this share already. If the other address is wrong, withdraw its link."),
            field="recipients", reason="known_recipient", params={"address": context.known[0]},
        )  # fmt: skip
    return context


def correct(context: CorrectAddress, services: Services) -> CorrectAddress:
    """Where something beside it moved in the meantime, everything is asked again first."""
    for _ in range(MAX_ATTEMPTS):
        if context.again:
            return context
        mails = 0 if context.by_hand else 1
        write = partial(
            services.changes.add, context.required_share, context.added, context.required_record,
            services.limits.max_mails_a_day, context.required_wrong,
        )  # fmt: skip
        if send_within_quota(context.required_share.owner_id, mails, context.now, services, write):
            return context
        context = find_wrong(recipients.find_share(context, services), services)
        context = require_another(draft_right(context, services), services)
        context = recipients.require_open_share(context, services)
        if not context.again:
            context = recipients.check_recipient_limit(context, services)
            context = recipients.check_sharing_rules(context, services)
    raise Unavailable()


def send(context: CorrectAddress, services: Services) -> CorrectAddress:
    return context if context.again else recipients.send(context, services)


CORRECT_ADDRESS: Workflow[CorrectAddress] = Workflow(
    "correct_address",
    Action.ADDRESS_CORRECTED,
    {
        Stage.VALIDATE: (recipients.parse_recipients, check_one),
        Stage.IDENTIFY: (recipients.find_share, find_wrong, draft_right),
        Stage.AUTHORIZE: (
            recipients.require_owner,
            recipients.require_open_share,
            require_another,
            recipients.check_recipient_limit,
            recipients.check_recipients,
            recipients.check_sharing_rules,
        ),
        Stage.PROCESS: (correct,),
        Stage.NOTIFY: (recipients.remember, send),
    },
    needs=Privilege.SHARE,
)
