"""Withdrawing a share, or one recipient of it: at once, and for good (R48)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import NotFound
from portal.domain.people.permissions import Permission, require
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow


@dataclass(frozen=True, kw_only=True)
class Withdraw(Context):
    """recipient_id: whom to withdraw it from; empty for all."""

    share_id: str
    recipient_id: str = ""
    share: Share | None = None
    recipient: Recipient | None = None


def find_share(context: Withdraw, services: Services) -> Withdraw:
    found = services.shares.get_with_recipients(context.share_id)
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


def require_owner(context: Withdraw, services: Services) -> Withdraw:
    """Someone else's share is treated as missing; an administrator may withdraw anything."""
    if context.share is None:
        raise NotFound()
    require(context.me, Permission.WITHDRAW, context.share.owner_id)
    return context


def withdraw(context: Withdraw, services: Services) -> Withdraw:
    """Withdrawing what is withdrawn changes nothing (I7)."""
    if context.share:
        if context.recipient:
            services.changes.withdraw_recipient(context.share, context.recipient, context.required_record)
        else:
            services.changes.withdraw(context.share, context.required_record)
    return context


WITHDRAW_SHARE: Workflow[Withdraw] = Workflow(
    "withdraw",
    Action.SHARE_WITHDRAWN,
    {
        Stage.IDENTIFY: (find_share,),
        Stage.AUTHORIZE: (require_owner,),
        Stage.PROCESS: (withdraw,),
    },
)
WITHDRAW_RECIPIENT: Workflow[Withdraw] = Workflow(
    "withdraw_recipient",
    Action.RECIPIENT_WITHDRAWN,
    {
        **WITHDRAW_SHARE.stages,
    },
)
