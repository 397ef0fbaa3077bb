"""Opening a link: whose it is, whether it still gives out its files, and what its browser has to show first
(R42-R45).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TypeVar

from portal import deadline
from portal.domain.audit.record import Action
from portal.domain.errors import N_, Forbidden, Gone, NotFound, Refusal
from portal.domain.links import proofs, tokens
from portal.domain.links.availability import Closed, Offer, offer
from portal.domain.links.proofs import Proof
from portal.domain.people.permissions import Permission, may
from portal.domain.shares.share import AccessRequest, Recipient, RecipientState, Share, ShareState
from portal.engine.services import Services
from portal.engine.workflow import NOTE_SECONDS, Context, Stage, Workflow

OPENINGS = 8  # records of a link's opening, an hour and recipient

# A malformed link is looked up like any other, so that it takes as long (R45).
NOBODY = tokens.Token("0" * 26, "0" * 26, "0" * 43)


class LinkClosed(Gone):
    """Withdrawn, expired or used up. askable: its recipient may ask for more; asking: when they did last."""

    askable = False
    asking: AccessRequest | None = None

    def for_recipient(self, recipient: Recipient) -> LinkClosed:
        self.askable, self.asking = True, recipient.asking
        return self


class Withdrawn(LinkClosed):
    reason = "withdrawn"
    message = N_("The sender has withdrawn this share. Ask the sender if you still need the files.")


class Expired(LinkClosed):
    reason = "expired"
    message = N_("This share has expired. Ask the sender if you still need the files.")


class DownloadsUsedUp(LinkClosed):
    reason = "spent"
    message = N_("All downloads of this file have been used.")


class FilesRemoved(LinkClosed):
    """While their files are in the trash they may come back, and then the link gives them out again."""

    reason = "removed"
    message = N_("The sender has removed the files of this link. Ask the sender if you still need them.")


class FilesInfected(LinkClosed):
    reason = "infected"
    message = N_("Malware was found in the files of this link, so it is closed. Please tell the sender.")


class FilesUnscanned(LinkClosed):
    """An administrator may let them pass, and then the link gives them out."""

    reason = "unscanned"
    message = N_(
        "The files of this link could not be checked for malware, so they are not given out. Please tell the "
        "sender."
    )


class ProofNeeded(Refusal):
    """The link is right, but this browser has not shown yet whose it is. step: what it has to show next."""

    status = 403
    reason = "unconfirmed"
    message = N_("First confirm that this link is yours.")

    def __init__(self, share: Share, recipient: Recipient, step: str) -> None:
        super().__init__()
        self.share, self.recipient, self.step = share, recipient, step


class OwnLink(Forbidden):
    """The sender presses a button of a link they sent."""

    message = N_("This link is for its recipient alone. Your own files are under Files.")

    def __init__(self, share_id: str) -> None:
        super().__init__()
        self.share_id = share_id


@dataclass(frozen=True, kw_only=True)
class LinkContext(Context):
    """A link as it came, what its browser has shown, what it opens, and what that still gives out."""

    token: str
    proof: Proof | None = None
    share: Share | None = None
    recipient: Recipient | None = None
    offer: Offer | None = None

    @property
    def share_and_recipient(self) -> tuple[Share, Recipient]:
        if self.share is None or self.recipient is None:
            raise RuntimeError("the link is opened first")
        return self.share, self.recipient

    @property
    def required_offer(self) -> Offer:
        if self.offer is None:
            raise RuntimeError("the files are looked at first")
        return self.offer


CLOSED_FOR: dict[Closed, type[LinkClosed]] = {
    Closed.INFECTED: FilesInfected,
    Closed.UNSCANNED: FilesUnscanned,
}
Opened = TypeVar("Opened", bound=LinkContext)


def open_link(context: Opened, services: Services, *, with_code: bool = False) -> Opened:
    """Unknown, malformed and wrong links look alike: there is nothing at this address (R45)."""
    token = tokens.parse(context.token) or NOBODY
    found = services.shares.get_with_recipient(token.share_id, token.recipient_id, with_code=with_code)
    if found is None or not services.links.verify(token, found[1].generation):
        raise NotFound()
    return identify_recipient(context, *found)


def identify_recipient(context: Opened, share: Share, recipient: Recipient) -> Opened:
    actor = replace(context.actor, kind="recipient", id=recipient.id, name=recipient.address)
    details = {"recipient": recipient.id, "to": recipient.address}
    request = context.request.with_actor(actor)
    return replace(
        context, share=share, recipient=recipient, request=request, about=share.id, details=details
    )


def require_open(context: Opened, services: Services) -> Opened:
    require_not_withdrawn(context, services)
    share, recipient = context.share_and_recipient
    if not share.is_open(context.now):
        raise Expired().for_recipient(recipient)
    return context


def require_not_withdrawn(context: Opened, services: Services) -> Opened:
    share, recipient = context.share_and_recipient
    if share.state is ShareState.WITHDRAWN or recipient.state is RecipientState.WITHDRAWN:
        raise Withdrawn()
    return context


def require_something_left(context: Opened, services: Services) -> Opened:
    """A link with nothing left to download says so instead of showing what cannot be had (R45)."""
    share, recipient = context.share_and_recipient
    offered = offer(share, recipient, services.files.get_of_shares([share]), context.now)
    if offered.closed is Closed.SPENT:
        raise DownloadsUsedUp(
            N_("All downloads of this link have been used. Ask the sender if you need more.")
        ).for_recipient(recipient)
    if (
        offered.closed and offered.closed is not Closed.WAITING
    ):  # what will be there shortly is shown as it is
        raise CLOSED_FOR.get(offered.closed, FilesRemoved)()
    return replace(context, offer=offered)


def require_proof(context: Opened, services: Services) -> Opened:
    """Whoever has the link must also be the one it was made for, where the sender wants that (R44).

    A sender who is signed in is never asked, since no code would come to them, and presses nothing in the
    recipient's name, whatever is asked: it would count as the recipient's.
    """
    share, recipient = context.share_and_recipient
    if proofs.is_sender_only(share, recipient, context.person):
        raise OwnLink(share.id)
    step = proofs.lacking(share, recipient, context.person, context.proof, context.now)
    if step:
        raise ProofNeeded(share, recipient, step)
    return context


def require_proof_or_sender(context: LinkContext, services: Services) -> LinkContext:
    """A sender may look at what they sent."""
    return context if is_sender(context) else require_proof(context, services)


def is_sender(context: LinkContext) -> bool:
    """Whether the signed-in person, if there is one, sent what the link opens."""
    share, _ = context.share_and_recipient
    return context.person is not None and may(context.person, Permission.OWN, share.owner_id)


def note_opening(context: LinkContext, services: Services) -> LinkContext:
    """An audit record and nothing else: opening a page changes no state, whoever opens it, however often
    (R16, R42). A sender who looks at what they sent is not told that it was opened.

    Each device is noted once an hour, and no more than OPENINGS of them: whoever holds a link must not be
    able to fill the audit log by calling themselves another browser each time.
    """
    _, recipient = context.share_and_recipient
    if is_sender(context):
        return context
    device = f"{context.actor.source_ip}/{context.actor.device}"
    place = int.from_bytes(hashlib.sha256(device.encode()).digest()[:4], "big") % OPENINGS
    record = replace(context.required_record, once=f"{recipient.id}/{place}")
    with deadline.set_deadline(NOTE_SECONDS):  # the page is ready, and must not wait for it
        services.audit.write(record)
    return context


OPEN: Workflow[LinkContext] = Workflow(
    "open_link",
    Action.LINK_OPENED,
    {
        Stage.IDENTIFY: (open_link,),
        Stage.AUTHORIZE: (require_open, require_something_left, require_proof_or_sender),
        Stage.NOTIFY: (note_opening,),
    },
)
