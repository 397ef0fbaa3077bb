"""Downloading: a recipient's press of the button becomes one presigned address, counted exactly once
(R48-R50).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.domain import links
from portal.domain.audit import Action
from portal.domain.errors import Forbidden, Gone, Invalid, NotFound, Unavailable, words
from portal.domain.files import FileState, SharedFile
from portal.domain.ids import is_id
from portal.domain.notices import Notice
from portal.workflows.engine import Stage, Workflow, record_with_change
from portal.workflows.notices import downloading
from portal.workflows.opening import NOBODY, Open, Spent, known, proven, still_open
from portal.workflows.rates import too_often
from portal.workflows.services import Services

PREVIEW = "preview"  # looking at a file: a download like any other, but for what the browser does with it
ROUNDS = 3  # how often a press is looked at again when something else moved between reading and counting


class FileGone(Gone):
    reason = "file_gone"
    words = words("The sender has deleted this file.")


class NotShown(Forbidden):
    """No preview, by the sender's wish or since the file is of no kind that has one."""

    reason = "not_shown"
    words = words("There is no preview of this file. Download it instead.")


@dataclass(frozen=True, kw_only=True)
class Download(Open):
    """A press of the button. attempt_id: of that button on that page; how: empty where the file is saved,
    PREVIEW where it is looked at; address: where the bytes are, for a minute.
    """

    file_id: str
    attempt_id: str
    how: str = ""
    spent_at: datetime | None = None
    file: SharedFile | None = None
    address: str = ""

    @property
    def key(self) -> str:
        """What the press is counted under; a preview and a download are two presses."""
        return "#".join([self.file_id, self.attempt_id, *([self.how] if self.how else [])])

    @property
    def found(self) -> SharedFile:
        if self.file is None:
            raise RuntimeError("the link is opened first")
        return self.file


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
    found = services.shares.attempt(token.share_id, token.recipient_id, context.key)
    if found is None or not services.links.opens(token, found[1].generation):
        raise NotFound()
    file = next((each for each in found[0].files if each.id == context.file_id), None)
    if file is None:
        raise NotFound()
    opened = known(replace(context, file=file, spent_at=found[2]), found[0], found[1])
    how = {"how": context.how} if context.how else {}
    return replace(opened, details={**opened.details, "file": file.id, "name": file.name, **how})


def repeated(context: Download, services: Services) -> bool:
    """Whether this press was counted a moment ago: a double click, a retry, a lost answer (R50, T9).

    A sound or film that is being played asks for its next address with the press that began it: each lives a
    minute (R48), and a player comes back to S3 for every part it wants.
    """
    plays = context.how == PREVIEW and context.found.shown_as in {"audio", "video"}
    seconds = services.limits.watch_seconds if plays else services.limits.attempt_seconds
    window = timedelta(seconds=seconds)
    return context.spent_at is not None and context.now - context.spent_at < window


def may_be_shown(context: Download, services: Services) -> Download:
    if context.how == PREVIEW and not context.opened[0].shows(context.found):
        raise NotShown()
    return context


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
        file, address = context.found, signed(context, services)
        if repeated(context, services):
            return replace(still_there(context, services), address=address)
        now, how = context.now, context.how
        notice = downloading(share, recipient, file, context.key, now, how) if tells else None
        outcome = count(context, notice, services)
        tells = outcome != "notice"
        if outcome == "spent":
            return replace(context, address=address)
        if outcome == "file":
            raise FileGone()
        context = asked_again(context, services)
    raise Unavailable()


def signed(context: Download, services: Services) -> str:
    """The file's address for a minute, with whose download it is in it."""
    share, recipient = context.opened
    sign = services.objects.preview_address if context.how else services.objects.download_address
    return sign(context.found, links.note(share.id, recipient.id), services.limits.download_seconds)


def asked_again(context: Download, services: Services) -> Download:
    """The link as it is by now, with all that is asked by now, also what the sender asks since then (R48)."""
    context = open_with_attempt(context, services)
    for step in MAY_DOWNLOAD:
        context = step(context, services)
    return context


def count(context: Download, notice: Notice | None, services: Services) -> str:
    """What counting came to. So many downloads in an hour are bounded too, limit or none: each costs."""
    (share, recipient), rate = context.opened, services.limits.rates.downloads
    outcome = services.shares.spend(
        share, recipient, context.found, context.key, context.spent_at, context.made_record, rate, notice
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


MAY_DOWNLOAD = (still_open, proven, may_be_shown, downloads_left)
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
