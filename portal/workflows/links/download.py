"""Downloading: a recipient's press of the button becomes a presigned address, counted exactly once (R48-R50).

A press that goes on, since its bytes have not all gone out, gets another address and is not counted again
(R79). Either way the last call is a transaction that looks at share, recipient and file once more (R73).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Forbidden, Gone, Invalid, NotFound, Refusal, Unavailable
from portal.domain.files.file import SharedFile
from portal.domain.ids import is_id
from portal.domain.links import tokens
from portal.domain.links.attempts import Attempt, PressResult, most_addresses
from portal.domain.links.availability import Closed, file_closed, offer
from portal.engine.rates import too_often
from portal.engine.services import Services
from portal.engine.workflow import Stage, Workflow
from portal.workflows.links.link_access import (
    NOBODY,
    DownloadsUsedUp,
    LinkContext,
    identify_recipient,
    require_open,
    require_proof,
)
from portal.workflows.mail.notifications import draft_download_notice

PREVIEW = "preview"  # looking at a file: a download like any other, but for what the browser does with it
MAX_ATTEMPTS = (
    3  # how often a press is looked at again when something else moved between reading and counting
)


class FileGone(Gone):
    reason = "file_gone"
    message = N_("The sender has deleted this file.")


class Infected(Gone):
    """For everyone, its owner too, and for good (R36)."""

    reason = "infected"
    message = N_("Malware was found in this file, so nobody can download it.")


class StillScanned(Conflict):
    """Nobody has it yet; it is there once the malware scan called it clean."""

    reason = "scan_waiting"
    message = N_(
        "This file is still being checked for malware. It will be there shortly: try again in a minute."
    )

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=30)


class Unscanned(Forbidden):
    """The malware scan could not look into it, and nobody has let it pass."""

    reason = "unscanned"
    message = N_("This file could not be checked for malware, so nobody can download it.")


class NotShown(Forbidden):
    """No preview, by the sender's wish or since the file is of no kind that has one."""

    reason = "not_shown"
    message = N_("There is no preview of this file. Download it instead.")


# What a file is refused as that the malware scan keeps closed.
SCAN_REFUSALS: dict[str, type[Refusal]] = {
    Closed.INFECTED: Infected, Closed.WAITING: StillScanned, Closed.UNSCANNED: Unscanned,
}  # fmt: skip


class NotPressed(Forbidden):
    """A preview that is opened again, whose press was never made or is over."""

    reason = "not_pressed"


@dataclass(frozen=True, kw_only=True)
class Download(LinkContext):
    """A press of the button. attempt_id: of that button on that page; how: empty where the file is saved,
    PREVIEW where it is looked at; renews: whether it may only go on with a press that was counted, and is
    none itself; before: that press; address: where the bytes are; ends_at: until when.
    """

    file_id: str
    attempt_id: str
    how: str = ""
    renews: bool = False
    before: Attempt | None = None
    file: SharedFile | None = None
    address: str = ""
    ends_at: datetime | None = None

    @property
    def key(self) -> str:
        """What the press is counted under; a preview and a download are two presses."""
        return "#".join([self.file_id, self.attempt_id, *([self.how] if self.how else [])])

    @property
    def required_file(self) -> SharedFile:
        if self.file is None:
            raise RuntimeError("the link is opened first")
        return self.file


def check_press(context: Download, services: Services) -> Download:
    if not is_id(context.attempt_id):
        raise Invalid(
            N_("This button is out of date. Open the link from your email again."), reason="attempt"
        )
    if not is_id(context.file_id):
        raise NotFound()
    return context


def open_with_attempt(context: Download, services: Services) -> Download:
    token = tokens.parse(context.token) or NOBODY
    found = services.downloads.read_attempt(token.share_id, token.recipient_id, context.file_id, context.key)
    if found is None or not services.links.verify(token, found[1].generation):
        raise NotFound()
    file = services.shared_files.find(found[0], context.file_id)
    if file is None:
        raise NotFound()
    opened = identify_recipient(replace(context, file=file, before=found[2]), found[0], found[1])
    how = {"how": context.how} if context.how else {}
    named = {"owner": found[0].owner_id, "file": file.id, "name": file.name}
    return replace(opened, details={**opened.details, **named, **how})


def may_continue(context: Download, services: Services) -> bool:
    """Whether this press was counted before, and may have one more address for that."""
    before, looks = context.before, context.how == PREVIEW
    return before is not None and before.goes_on(
        context.required_file, context.now, services.limits, looks=looks
    )


def require_continuation(context: Download, services: Services) -> Download:
    """To open a page spends nothing (R42)."""
    if context.renews and not may_continue(context, services):
        raise NotPressed()
    return context


def require_preview(context: Download, services: Services) -> Download:
    if context.how == PREVIEW and not context.share_and_recipient[0].allows_preview(context.required_file):
        raise NotShown()
    return context


def require_downloads_left(context: Download, services: Services) -> Download:
    share, recipient = context.share_and_recipient
    if not may_continue(context, services) and recipient.downloads_left(share, context.file_id) == 0:
        offered = offer(share, recipient, services.files.get_of_shares([share]), context.now)
        raise DownloadsUsedUp().for_recipient(recipient) if offered.is_spent else DownloadsUsedUp()
    return context


def presign_then_count(context: Download, services: Services) -> Download:
    """Signing is local and comes first: a failure of it spends nothing, and no address is younger than the
    last look at what it gives out. Then one transaction looks and counts.
    """
    tells = True
    for _ in range(MAX_ATTEMPTS):
        now = services.clock()
        context = replace(
            context, request=context.request.with_time(now), record=replace(context.required_record, at=now)
        )
        address, ends_at = (
            sign_address(context, services),
            now + timedelta(seconds=services.limits.download_seconds),
        )
        result = renew(context, services) or count(context, services, tells=tells)
        if is_given(result, context, services):
            return replace(context, address=address, ends_at=ends_at)
        tells = tells and result is not PressResult.OWNER_TOLD
        context = check_again(context, services)
    raise Unavailable()


def is_given(result: PressResult, context: Download, services: Services) -> bool:
    """Whether the address may leave; False where another look says what is asked by now. Raises why not."""
    match result:
        case PressResult.COUNTED | PressResult.RENEWED:
            return True
        case PressResult.TOO_OFTEN:
            raise too_often(services.limits.rates.downloads, context.now)
        case PressResult.FILE_NOT_SERVED:
            require_served(context, services)
            return False
        case PressResult.OWNER_TOLD | PressResult.LINK_CHANGED | PressResult.COUNTED_BEFORE:
            return False
    assert_never(result)


def require_served(context: Download, services: Services) -> None:
    """Say why a file is not given out; nothing where it was brought back just now."""
    file = context.required_file
    closed = file_closed(file, services.files.find(file.id))
    if closed:
        raise SCAN_REFUSALS.get(closed, FileGone)()


def sign_address(context: Download, services: Services) -> str:
    """The file's address for a minute, with whose download it is in it."""
    share, recipient = context.share_and_recipient
    sign = services.objects.preview_address if context.how else services.objects.download_address
    note, seconds = tokens.note(share.id, recipient.id), services.limits.download_seconds
    return sign(context.required_file, note, seconds, context.request_id)


def check_again(context: Download, services: Services) -> Download:
    """The link as it is by now, with all that is asked by now, also what the sender asks since then (R48)."""
    context = open_with_attempt(
        replace(context, request=context.request.with_time(services.clock())), services
    )
    for step in MAY_DOWNLOAD:
        context = step(context, services)
    return context


def renew(context: Download, services: Services) -> PressResult | None:
    """What one more address of a press that goes on came to; None where it is to be counted."""
    if not may_continue(context, services) or context.before is None:
        return None
    share, recipient = context.share_and_recipient
    most = most_addresses(context.required_file, services.limits, looks=context.how == PREVIEW)
    before, now = context.before, context.now
    return services.downloads.renew(share, recipient, context.required_file, context.key, before, most, now)


def count(context: Download, services: Services, *, tells: bool) -> PressResult:
    """What counting came to. So many downloads in an hour are bounded too, limit or none: each costs.
    tells: whether its owner may be told of it.
    """
    (share, recipient), rate = context.share_and_recipient, services.limits.rates.downloads
    file, now = context.required_file, context.now
    notice = draft_download_notice(share, recipient, file, context.key, now, context.how) if tells else None
    return services.downloads.spend(
        share, recipient, file, context.key, context.before, context.required_record, rate, notice
    )


MAY_DOWNLOAD = (require_open, require_proof, require_continuation, require_preview, require_downloads_left)
DOWNLOAD: Workflow[Download] = Workflow(
    "download",
    Action.SHARE_DOWNLOADED,
    {
        Stage.VALIDATE: (check_press,),
        Stage.IDENTIFY: (open_with_attempt,),
        Stage.AUTHORIZE: MAY_DOWNLOAD,
        Stage.PROCESS: (presign_then_count,),
    },
)
