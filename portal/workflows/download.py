"""Downloading: a recipient's press of the button becomes one presigned address, counted exactly once
(R48-R50).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.domain import links
from portal.domain.audit import Action
from portal.domain.errors import Gone, Invalid, NotFound, Unavailable, words
from portal.domain.files import FileState, SharedFile
from portal.domain.ids import is_id
from portal.domain.notices import Notice
from portal.workflows.engine import Stage, Workflow, record_with_change
from portal.workflows.notices import downloading
from portal.workflows.opening import NOBODY, Open, Spent, known, proven, still_open
from portal.workflows.rates import too_often
from portal.workflows.services import Services

ROUNDS = 3  # how often a press is looked at again when something else moved between reading and counting


class FileGone(Gone):
    reason = "file_gone"
    words = words("The sender has deleted this file.")


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
        file, address = signed(context, services)
        if repeated(context, services):
            return replace(still_there(context, services), address=address)
        key = f"{context.file_id}#{context.attempt_id}"
        notice = downloading(share, recipient, file, key, context.now) if tells else None
        outcome = count(context, key, notice, services)
        tells = outcome != "notice"
        if outcome == "spent":
            return replace(context, address=address)
        if outcome == "file":
            raise FileGone()
        context = asked_again(context, services)
    raise Unavailable()


def signed(context: Download, services: Services) -> tuple[SharedFile, str]:
    """The file, and its address for a minute with whose download it is in it."""
    share, recipient = context.opened
    if context.file is None:
        raise RuntimeError("the link is opened first")
    whose, seconds = links.note(share.id, recipient.id), services.limits.download_seconds
    return context.file, services.objects.download_address(context.file, whose, seconds)


def asked_again(context: Download, services: Services) -> Download:
    """The link as it is by now, with all that is asked by now, also what the sender asks since then (R48)."""
    context = open_with_attempt(context, services)
    for step in MAY_DOWNLOAD:
        context = step(context, services)
    return context


def count(context: Download, key: str, notice: Notice | None, services: Services) -> str:
    """What counting came to. So many downloads in an hour are bounded too, limit or none: each costs."""
    (share, recipient), file, rate = context.opened, context.file, services.limits.rates.downloads
    if file is None:
        raise RuntimeError("the link is opened first")
    outcome = services.shares.spend(
        share, recipient, file, key, context.spent_at, context.made_record, rate, notice
    )
    if outcome == "rate":
        raise too_often(rate, context.now)
    return outcome


def still_there(context: Download, services: Services) -> Download:
    """The count asks this of the table in its transaction; a press that is not counted again asks here."""
    share, _ = context.opened
    file = services.files.get(share.owner_id, context.file_id)
    if file is None or file.state is not FileState.READY:
        raise FileGone()
    return context


MAY_DOWNLOAD = (still_open, proven, downloads_left)
DOWNLOAD: Workflow[Download] = Workflow(
    "download",
    Action.SHARE_DOWNLOADED,
    {
        Stage.VALIDATE: (the_press,),
        Stage.IDENTIFY: (open_with_attempt,),
        Stage.AUTHORIZE: MAY_DOWNLOAD,
        Stage.AUDIT: (record_with_change("download", Action.SHARE_DOWNLOADED),),
        Stage.PROCESS: (presign_then_count,),
    },
)
