"""What every workflow on one upload begins with: finding it, for its owner or for whoever holds its key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple, Self, TypeVar

from portal.domain.errors import N_, Gone, NotFound, SignInNeeded
from portal.domain.files.file import File
from portal.engine.services import Services
from portal.engine.workflow import Context, Request

# How long an upload's key still tells that it arrived: a browser that lost that answer asks again.
KEY_AFTERWARDS = timedelta(days=1)
CANCELLED = N_("There is no such upload. It may have been cancelled.")


class Uploader(NamedTuple):
    """Who asks for something on one upload: its owner, by session or by the upload's key."""

    request: Request
    owner_id: str
    by_key: bool


@dataclass(frozen=True, kw_only=True)
class OfUpload(Context):
    """owner_id: whose upload it must be; by_key: asked for by the upload's own key, not in a session."""

    owner_id: str
    file_id: str
    by_key: bool = False
    file: File | None = None

    @classmethod
    def from_uploader(cls, uploader: Uploader, file_id: str) -> Self:
        return cls(uploader.request, owner_id=uploader.owner_id, by_key=uploader.by_key, file_id=file_id)

    @property
    def required_file(self) -> File:
        if self.file is None:
            raise RuntimeError("the upload is found first")
        return self.file


U = TypeVar("U", bound=OfUpload)


class GivenUp(Gone):
    """S3 knows the upload no more, and it was not completed: nothing came for long, or it was cancelled."""

    reason = "upload_gone"
    message = N_("This upload was cancelled in the meantime. Upload the file again.")


def find_live_upload(context: U, services: Services) -> U:
    """One that was cancelled is not there any more, though some of it may still have to go."""
    context = find_upload(context, services)
    if context.required_file.is_given_up:
        raise NotFound(CANCELLED)
    return context


def find_upload(context: U, services: Services) -> U:
    """Nobody else's is there (R11). Its key tells nothing of the file later."""
    file = services.files.get(context.owner_id, context.file_id)
    if file is None:
        raise NotFound(CANCELLED)
    if context.by_key and file.ready_at and context.now - file.ready_at >= KEY_AFTERWARDS:
        raise SignInNeeded
    details, actor = {"name": file.name}, context.actor
    if context.by_key:
        actor = replace(actor, name=file.owner_name)
    return replace(
        context, file=file, about=file.id, request=context.request.with_actor(actor), details=details
    )
