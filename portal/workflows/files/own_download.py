"""Downloading a file of one's own, and looking at it: nothing is counted, everything is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.domain.audit.record import Action
from portal.domain.errors import Conflict, NotFound
from portal.domain.files.file import File, FileState
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow
from portal.workflows.links.download import PREVIEW, SCAN_REFUSALS, NotShown


@dataclass(frozen=True, kw_only=True)
class OwnDownload(Context):
    """An owner fetches a file of their own, or, with how=PREVIEW, looks at it. address: where the bytes are;
    ends_at: until when.
    """

    file_id: str
    how: str = ""
    file: File | None = None
    address: str = ""
    ends_at: datetime | None = None

    @property
    def required_file(self) -> File:
        if self.file is None:
            raise RuntimeError("the file is found first")
        return self.file


def find_own_file(context: OwnDownload, services: Services) -> OwnDownload:
    file = services.files.get(context.me.id, context.file_id)
    if file is None or file.state is not FileState.READY:
        raise NotFound()
    if file.scan_closed:
        raise SCAN_REFUSALS[file.scan_closed]()
    return replace(context, file=file, about=file.id, details={"name": file.name})


def presign_then_record(context: OwnDownload, services: Services) -> OwnDownload:
    """Signing is local and comes first; the record is written only where the file is still to be had by then,
    and is the last call before the address leaves (I12, R73).
    """
    ends_at = services.clock() + timedelta(seconds=services.limits.download_seconds)
    address = sign_address(context, services)
    if not services.file_access.hand_out(context.required_file, context.required_record):
        find_own_file(context, services)  # says what it is by now
        raise Conflict()
    return replace(context, address=address, ends_at=ends_at)


def sign_address(context: OwnDownload, services: Services) -> str:
    sign = services.objects.preview_address if context.how else services.objects.download_address
    file, seconds = context.required_file.pinned, services.limits.download_seconds
    return sign(file, context.me.id, seconds, context.request_id)


OWN_DOWNLOAD: Workflow[OwnDownload] = Workflow(
    "own_download",
    Action.FILE_DOWNLOADED,
    {
        Stage.IDENTIFY: (find_own_file,),
        Stage.PROCESS: (presign_then_record,),
    },
)


def has_a_preview(context: OwnDownload, services: Services) -> OwnDownload:
    if not context.required_file.pinned.preview_kind:
        raise NotShown()
    return replace(context, how=PREVIEW)


OWN_PREVIEW: Workflow[OwnDownload] = Workflow(
    "own_preview",
    Action.FILE_PREVIEWED,
    {
        Stage.IDENTIFY: (find_own_file,),
        Stage.AUTHORIZE: (has_a_preview,),
        Stage.PROCESS: (presign_then_record,),
    },
    Audit.HOURLY,
)
