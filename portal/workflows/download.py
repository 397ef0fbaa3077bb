"""Downloading: a recipient's press of the button becomes one presigned address, counted exactly once
(R48-R50).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from portal.domain import links, proofs
from portal.domain.audit import Action
from portal.domain.errors import Forbidden, Gone, Invalid, NotFound, Refusal, Unavailable, words
from portal.domain.files import FileState, SharedFile
from portal.domain.ids import is_id
from portal.domain.proofs import Proof
from portal.domain.shares import Asking, Recipient, RecipientState, Share, ShareState
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.notices import downloading
from portal.workflows.services import Services

OPENINGS = 8  # records of a link's opening, an hour and recipient
ROUNDS = 3  # how often a press is looked at again when something else moved between reading and counting

# A malformed link is looked up like any other, so that it takes as long (R45).
NOBODY = links.Token("0" * 26, "0" * 26, "0" * 43)


class Withdrawn(Gone):
    reason = "withdrawn"
    words = words("The sender has withdrawn this share. Ask the sender if you still need the files.")


class Over(Gone):
    """Expired or used up. askable: so far that its recipient may ask for more; asking: when they did last."""

    askable = False
    asking: Asking | None = None

    def of(self, recipient: Recipient) -> Over:
        self.askable, self.asking = True, recipient.asking
        return self


class Expired(Over):
    reason = "expired"
    words = words("This share has expired. Ask the sender if you still need the files.")


class Spent(Over):
    reason = "spent"
    words = words("All downloads of this file have been used.")


class FileGone(Gone):
    reason = "file_gone"
    words = words("The sender has deleted this file.")


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


@dataclass(frozen=True, kw_only=True)
class Download(Open):
    """A press of the button. attempt_id: of that button on that page; address: where the bytes are, for a
    minute.
    """

    file_id: str
    attempt_id: str
    spent_at: datetime | None = None
    file: SharedFile | None = None
    address: str = ""


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


def the_press(context: Download, services: Services) -> Download:
    if not is_id(context.attempt_id):
        raise Invalid(
            words("This button is out of date. Open the link from your mail again."), reason="attempt"
        )
    if not is_id(context.file_id):
        raise NotFound()
    return context


def open_with_attempt(context: Download, services: Services) -> Download:
    token = links.parse(context.token) or NOBODY
    key = f"{context.file_id}#{context.attempt_id}"
    found = services.shares.attempt(token.share_id, token.recipient_id, key)
    if found is None or not services.links.opens(token, found[1].generation):
        raise NotFound()
    file = next((each for each in found[0].files if each.id == context.file_id), None)
    if file is None:
        raise NotFound()
    opened = known(replace(context, file=file, spent_at=found[2]), found[0], found[1])
    return replace(opened, details={**opened.details, "file": file.id, "name": file.name})


def repeated(context: Download, services: Services) -> bool:
    """Whether this press was counted a moment ago: a double click, a retry, a lost answer (R50, T9)."""
    window = timedelta(seconds=services.limits.attempt_seconds)
    return context.spent_at is not None and context.now - context.spent_at < window


def downloads_left(context: Download, services: Services) -> Download:
    share, recipient = context.opened
    if not repeated(context, services) and recipient.left(share, context.file_id) == 0:
        raise Spent().of(recipient) if recipient.is_spent(share) else Spent()
    return context


def presign_then_count(context: Download, services: Services) -> Download:
    """Signing is local and comes first, so that a failure of it spends nothing; then one transaction
    counts.
    """
    tells = True
    for _ in range(ROUNDS):
        share, recipient = context.opened
        file = context.file
        if file is None:
            raise RuntimeError("the link is opened first")
        address = services.objects.download_address(file, recipient.id, services.limits.download_seconds)
        if repeated(context, services):
            return replace(still_there(context, services), address=address)
        key = f"{context.file_id}#{context.attempt_id}"
        notice = downloading(share, recipient, file, key, context.now) if tells else None
        outcome = services.shares.spend(
            share, recipient, file, key, context.spent_at, context.made_record, notice
        )
        tells = outcome != "notice"
        if outcome == "spent":
            return replace(context, address=address)
        if outcome == "file":
            raise FileGone()
        context = downloads_left(still_open(open_with_attempt(context, services), services), services)
    raise Unavailable()


def still_there(context: Download, services: Services) -> Download:
    """The count asks this of the table in its transaction; a press that is not counted again asks here."""
    share, _ = context.opened
    file = services.files.get(share.owner_id, context.file_id)
    if file is None or file.state is not FileState.READY:
        raise FileGone()
    return context


DOWNLOAD: Workflow[Download] = Workflow(
    "download",
    Action.SHARE_DOWNLOADED,
    {
        Stage.VALIDATE: (the_press,),
        Stage.IDENTIFY: (open_with_attempt,),
        Stage.AUTHORIZE: (still_open, proven, downloads_left),
        Stage.AUDIT: (record_with_change("download", Action.SHARE_DOWNLOADED),),
        Stage.PROCESS: (presign_then_count,),
    },
)
