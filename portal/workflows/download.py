"""Downloading: a recipient's press of the button becomes one presigned address, counted exactly once
(R48-R50).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from portal.domain import links
from portal.domain.audit import Action
from portal.domain.errors import Gone, Invalid, NotFound, Unavailable, words
from portal.domain.ids import is_id
from portal.domain.models import (
    Asking,
    File,
    FileState,
    Recipient,
    RecipientState,
    Share,
    SharedFile,
    ShareState,
)
from portal.workflows.engine import Context, Stage, Workflow, record_before_change, record_with_change
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


@dataclass(frozen=True, kw_only=True)
class Open(Context):
    """A link as it came, and what it opens."""

    token: str
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


def still_open(context: Open, services: Services) -> Open:
    not_withdrawn(context, services)
    share, recipient = context.opened
    if not share.is_open(context.now):
        raise Expired().of(recipient)
    return context


def not_withdrawn(context: Open, services: Services) -> Open:
    share, recipient = context.opened
    if share.state is ShareState.WITHDRAWN or recipient.state is RecipientState.WITHDRAWN:
        raise Withdrawn()
    return context


def something_left(context: Open, services: Services) -> Open:
    """A link with nothing left to download says so instead of showing what cannot be had (R45)."""
    share, recipient = context.opened
    if recipient.is_spent(share):
        raise Spent(words("All downloads of this link have been used. Ask the sender if you need more.")).of(
            recipient
        )
    return context


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
        Stage.AUTHORIZE: (still_open, something_left),
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
    opened = replace(context, file=file, spent_at=found[2])
    again = known(opened, found[0], found[1])
    return replace(opened, share=again.share, recipient=again.recipient, actor=again.actor, about=again.about,
                   details={**again.details, "file": file.id, "name": file.name})  # fmt: skip


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
    for _ in range(ROUNDS):
        share, recipient = context.opened
        file = context.file
        if file is None:
            raise RuntimeError("the link is opened first")
        address = services.objects.download_address(file, recipient.id, services.limits.download_seconds)
        if repeated(context, services):
            return replace(still_there(context, services), address=address)
        key = f"{context.file_id}#{context.attempt_id}"
        outcome = services.shares.spend(share, recipient, file, key, context.spent_at, context.made_record)
        if outcome == "spent":
            return replace(context, address=address)
        if outcome == "file":
            raise FileGone()
        context = downloads_left(still_open_again(open_with_attempt(context, services), services), services)
    raise Unavailable()


def still_there(context: Download, services: Services) -> Download:
    """The count asks this of the table in its transaction; a press that is not counted again asks here."""
    share, _ = context.opened
    file = services.files.get(share.owner_id, context.file_id)
    if file is None or file.state is not FileState.READY:
        raise FileGone()
    return context


def still_open_again(context: Download, services: Services) -> Download:
    still_open(context, services)
    return context


DOWNLOAD: Workflow[Download] = Workflow(
    "download",
    Action.SHARE_DOWNLOADED,
    {
        Stage.VALIDATE: (the_press,),
        Stage.IDENTIFY: (open_with_attempt,),
        Stage.AUTHORIZE: (still_open_again, downloads_left),
        Stage.AUDIT: (record_with_change("download", Action.SHARE_DOWNLOADED),),
        Stage.PROCESS: (presign_then_count,),
    },
)


@dataclass(frozen=True, kw_only=True)
class OwnDownload(Context):
    """An owner fetches a file of their own; nothing is counted, everything is recorded."""

    file_id: str
    file: File | None = None
    address: str = ""


def my_ready_file(context: OwnDownload, services: Services) -> OwnDownload:
    file = services.files.get(context.me.id, context.file_id) if is_id(context.file_id) else None
    if file is None or file.state is not FileState.READY:
        raise NotFound()
    return replace(context, file=file, about=file.id, details={"name": file.name})


def presign(context: OwnDownload, services: Services) -> OwnDownload:
    if context.file is None:
        raise RuntimeError("the file is found first")
    seconds = services.limits.download_seconds
    return replace(
        context, address=services.objects.download_address(context.file.pinned, context.me.id, seconds)
    )


OWN_DOWNLOAD: Workflow[OwnDownload] = Workflow(
    "own_download",
    Action.FILE_DOWNLOADED,
    {
        Stage.IDENTIFY: (my_ready_file,),
        Stage.AUDIT: (record_before_change("own_download", Action.FILE_DOWNLOADED),),
        Stage.PROCESS: (presign,),
    },
)
