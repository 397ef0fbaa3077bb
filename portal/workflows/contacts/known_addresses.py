"""Addresses someone shared with, kept for suggesting them again, and forgetting them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.contacts.mailboxes import normalize
from portal.domain.errors import NotFound
from portal.domain.mail.mail_job import MailState
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow

NOT_ARRIVED = {MailState.FAILED, MailState.BOUNCED, MailState.COMPLAINED, MailState.HELD}


@dataclass(frozen=True, kw_only=True)
class Forget(Context):
    """address: which one; None for all of them."""

    address: str | None = None


def remember_recipients(share: Share, recipients: Iterable[Recipient], services: Services) -> None:
    """After the share is made, in a write of its own: its transaction has no room for 50 more items, and a
    suggestion that is missing costs nobody anything.
    """
    addresses = [each.address for each in recipients]
    services.known.remember(share.owner_id, share.id, addresses, services.clock())


def note_mail(share: Share, recipient: Recipient, state: MailState, services: Services) -> None:
    """Mark an address whose invitation did not arrive, so that its suggestion says so."""
    if state in NOT_ARRIVED:
        services.known.mark_bounced(share.owner_id, share.id, recipient.address)


def check_address(context: Forget, services: Services) -> Forget:
    if context.address is not None and normalize(context.address) is None:
        raise NotFound()
    return replace(context, about=context.me.id, details={"to": context.address} if context.address else {})


def forget(context: Forget, services: Services) -> Forget:
    services.known.forget(context.me.id, context.address)
    return context


FORGET_ADDRESSES: Workflow[Forget] = Workflow(
    "forget_addresses",
    Action.ADDRESSES_FORGOTTEN,
    {
        Stage.IDENTIFY: (check_address,),
        Stage.PROCESS: (forget,),
    },
    Audit.BEFORE_CHANGE,
)
