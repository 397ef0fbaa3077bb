"""Downloading a file of one's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit import Action
from portal.domain.errors import NotFound
from portal.domain.files import File, FileState
from portal.domain.ids import is_id
from portal.workflows.engine import Context, Stage, Workflow, record_before_change
from portal.workflows.services import Services


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
