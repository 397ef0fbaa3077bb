"""Opening a link: whose it is, whether it still gives out its files, and what its browser has to show first
(R42-R45).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TypeVar

from portal.domain import links, proofs
from portal.domain.audit import Action
from portal.domain.errors import Forbidden, Gone, NotFound, Refusal, words
from portal.domain.proofs import Proof
from portal.domain.shares import Asking, Recipient, RecipientState, Share, ShareState
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.services import Services

OPENINGS = 8  # records of a link's opening, an hour and recipient

# A malformed link is looked up like any other, so that it takes as long (R45).
NOBODY = links.Token("0" * 26, "0" * 26, "0" * 43)


class Over(Gone):
    """Withdrawn, expired or used up. askable: its recipient may ask for more; asking: when they did last."""

    askable = False
    asking: Asking | None = None

    def of(self, recipient: Recipient) -> Over:
        self.askable, self.asking = True, recipient.asking
        return self


class Withdrawn(Over):
    reason = "withdrawn"
    words = words("The sender has withdrawn this share. Ask the sender if you still need the files.")


class Expired(Over):
    reason = "expired"
    words = words("This share has expired. Ask the sender if you still need the files.")


class Spent(Over):
    reason = "spent"
    words = words("All downloads of this file have been used.")


class ProofNeeded(Refusal):
    """The link is right, but this browser has not shown yet whose it is. step: what it has to show next."""

    status = 403
    reason = "unconfirmed"
    words = words("Confirm first that this link is yours.")

    def __init__(self, share: Share, recipient: Recipient, step: str) -> None:
        super().__init__()
        self.share, self.recipient, self.step = share, recipient, step


@dataclass(frozen=True, kw_only=True)
class Open(Context):
    """A link as it came, what its browser has shown, and what it opens."""

    token: str
    proof: Proof | None = None
    share: Share | None = None
    recipient: Recipient | None = None

    @property
    def opened(self) -> tuple[Share, Recipient]:
        if self.share is None or self.recipient is None:
            raise RuntimeError("the link is opened first")
        return self.share, self.recipient


Opened = TypeVar("Opened", bound=Open)


def open_link(context: Opened, services: Services) -> Opened:
    """Unknown, malformed and wrong links look alike: there is nothing at this address (R45)."""
    token = links.parse(context.token) or NOBODY
    found = services.shares.with_recipient(token.share_id, token.recipient_id)
    if found is None or not services.links.opens(token, found[1].generation):
        raise NotFound()
    return known(context, *found)


def known(context: Opened, share: Share, recipient: Recipient) -> Opened:
    actor = replace(context.actor, kind="recipient", id=recipient.id, name=recipient.address)
    details = {"recipient": recipient.id, "to": recipient.address}
    return replace(context, share=share, recipient=recipient, actor=actor, about=share.id, details=details)


def still_open(context: Opened, services: Services) -> Opened:
    not_withdrawn(context, services)
    share, recipient = context.opened
    if not share.is_open(context.now):
        raise Expired().of(recipient)
    return context


def not_withdrawn(context: Opened, services: Services) -> Opened:
    share, recipient = context.opened
    if share.state is ShareState.WITHDRAWN or recipient.state is RecipientState.WITHDRAWN:
        raise Withdrawn()
    return context


def something_left(context: Opened, services: Services) -> Opened:
    """A link with nothing left to download says so instead of showing what cannot be had (R45)."""
    share, recipient = context.opened
    if recipient.is_spent(share):
        raise Spent(words("All downloads of this link have been used. Ask the sender if you need more.")).of(
            recipient
        )
    return context


def proven(context: Opened, services: Services) -> Opened:
    """Whoever has the link must also be the one it was made for, where the sender wants that (R44).

    A sender who is signed in is never asked: no code would come to them.
    """
    share, recipient = context.opened
    step = proofs.lacking(share, recipient, context.person, context.proof, context.now)
    if step and context.person and context.person.id == share.owner_id:
        raise Forbidden(words("This link is for its recipient alone. You find your own files under Files."))
    if step:
        raise ProofNeeded(share, recipient, step)
    return context


def proven_or_mine(context: Open, services: Services) -> Open:
    """A sender may look at what they sent."""
    mine = context.person is not None and context.person.id == context.opened[0].owner_id
    return context if mine else proven(context, services)


def note_opening(context: Open, services: Services) -> Open:
    """An audit record and nothing else: opening a page changes no state, whoever opens it, however often
    (R16, R42). A sender who looks at what they sent is not told that it was opened.

    Each device is noted once an hour, and no more than OPENINGS of them: whoever holds a link must not be
    able to fill the audit log by calling themselves another browser each time.
    """
    share, recipient = context.opened
    if context.person and context.person.id == share.owner_id:
        return context
    device = f"{context.actor.source_ip}/{context.actor.device}"
    place = int.from_bytes(hashlib.sha256(device.encode()).digest()[:4], "big") % OPENINGS
    record = replace(context.made_record, once=f"{recipient.id}/{place}")
    services.shares.opened(share, recipient, record)
    return context


OPEN: Workflow[Open] = Workflow(
    "open_link",
    Action.LINK_OPENED,
    {
        Stage.IDENTIFY: (open_link,),
        Stage.AUTHORIZE: (still_open, something_left, proven_or_mine),
        Stage.AUDIT: (record_with_change("open_link", Action.LINK_OPENED),),
        Stage.NOTIFY: (note_opening,),
    },
)
