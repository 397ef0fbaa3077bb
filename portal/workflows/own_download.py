"""Downloading a file of one's own, and looking at it: nothing is counted, everything is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit import Action
from portal.domain.errors import NotFound
from portal.domain.files import File, FileState
from portal.domain.ids import is_id
from portal.workflows.download import NotShown
from portal.workflows.engine import Context, Stage, Workflow, record_before_change
from portal.workflows.services import Services


@dataclass(frozen=True, kw_only=True)
class OwnDownload(Context):
    """An owner fetches a file of their own. address: where the bytes are, for a minute."""

    file_id: str
    file: File | None = None
    address: str = ""

    @property
    def found(self) -> File:
        if self.file is None:
            raise RuntimeError("the file is found first")
        return self.file


def my_ready_file(context: OwnDownload, services: Services) -> OwnDownload:
    file = services.files.get(context.me.id, context.file_id) if is_id(context.file_id) else None
    if file is None or file.state is not FileState.READY:
        raise NotFound()
    return replace(context, file=file, about=file.id, details={"name": file.name})


def presign(context: OwnDownload, services: Services) -> OwnDownload:
    seconds = services.limits.download_seconds
    address = services.objects.download_address(context.found.pinned, context.me.id, seconds)
    return replace(context, address=address)


OWN_DOWNLOAD: Workflow[OwnDownload] = Workflow(
    "own_download",
    Action.FILE_DOWNLOADED,
    {
        Stage.IDENTIFY: (my_ready_file,),
        Stage.AUDIT: (record_before_change("own_download", Action.FILE_DOWNLOADED),),
        Stage.PROCESS: (presign,),
    },
)


def has_a_preview(context: OwnDownload, services: Services) -> OwnDownload:
    if not context.found.pinned.shown_as:
        raise NotShown()
    return context


def presign_shown(context: OwnDownload, services: Services) -> OwnDownload:
    seconds = services.limits.download_seconds
    address = services.objects.preview_address(context.found.pinned, context.me.id, seconds)
    return replace(context, address=address)


OWN_PREVIEW: Workflow[OwnDownload] = Workflow(
    "own_preview",
    Action.FILE_PREVIEWED,
    {
        Stage.IDENTIFY: (my_ready_file,),
        Stage.AUTHORIZE: (has_a_preview,),
        Stage.AUDIT: (record_before_change("own_preview", Action.FILE_PREVIEWED, hourly=True),),
        Stage.PROCESS: (presign_shown,),
    },
)
