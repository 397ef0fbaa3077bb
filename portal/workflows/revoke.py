"""Withdrawing a share, or one recipient of it: at once, and for good (R48)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit import Action
from portal.domain.errors import NotFound
from portal.domain.ids import is_id
from portal.domain.shares import Recipient, Share
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.services import Services


@dataclass(frozen=True, kw_only=True)
class Withdraw(Context):
    """recipient_id: whom to withdraw it from; empty for all."""

    share_id: str
    recipient_id: str = ""
    share: Share | None = None
    recipient: Recipient | None = None


def the_share(context: Withdraw, services: Services) -> Withdraw:
    found = services.shares.with_recipients(context.share_id) if is_id(context.share_id) else None
    if found is None:
        raise NotFound()
    share, recipients = found
    recipient = next((each for each in recipients if each.id == context.recipient_id), None)
    if context.recipient_id and recipient is None:
        raise NotFound()
    details = (
        {"recipient": recipient.id, "to": recipient.address}
        if recipient
        else {"to": ", ".join(share.addresses)}
    )
    return replace(context, share=share, recipient=recipient, about=share.id, details=details)


def mine(context: Withdraw, services: Services) -> Withdraw:
    """Somebody else's share is as good as none; an administrator may withdraw anything."""
    share = context.share
    if share is None or (share.owner_id != context.me.id and not context.me.is_admin):
        raise NotFound()
    return context


def withdraw(context: Withdraw, services: Services) -> Withdraw:
    """Withdrawing what is withdrawn changes nothing (I7)."""
    if context.share:
        if context.recipient:
            services.changes.withdraw_recipient(context.share, context.recipient, context.made_record)
        else:
            services.changes.withdraw(context.share, context.made_record)
    return context


WITHDRAW_SHARE: Workflow[Withdraw] = Workflow(
    "withdraw",
    Action.SHARE_WITHDRAWN,
    {
        Stage.IDENTIFY: (the_share,),
        Stage.AUTHORIZE: (mine,),
        Stage.AUDIT: (record_with_change("withdraw", Action.SHARE_WITHDRAWN),),
        Stage.PROCESS: (withdraw,),
    },
)
WITHDRAW_RECIPIENT: Workflow[Withdraw] = Workflow(
    "withdraw_recipient",
    Action.RECIPIENT_WITHDRAWN,
    {
        **WITHDRAW_SHARE.stages,
        Stage.AUDIT: (record_with_change("withdraw_recipient", Action.RECIPIENT_WITHDRAWN),),
    },
)
