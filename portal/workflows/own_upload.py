"""What every workflow on one upload begins with: finding it, for its owner or for whoever holds its key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from portal.domain.errors import Gone, NotFound, SignInNeeded, words
from portal.domain.files import File
from portal.domain.ids import is_id
from portal.workflows.engine import Context
from portal.workflows.services import Services

# How long an upload's key still tells that it arrived: a browser that lost that answer asks again.
KEY_AFTERWARDS = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class OfUpload(Context):
    """owner_id: whose upload it must be; by_key: asked for by the upload's own key, not in a session."""

    owner_id: str
    file_id: str
    by_key: bool = False
    file: File | None = None

    @property
    def mine(self) -> File:
        if self.file is None:
            raise RuntimeError("the upload is found first")
        return self.file


U = TypeVar("U", bound=OfUpload)


class GivenUp(Gone):
    """S3 knows the upload no more, and it was not completed: nothing came for long, or it was cancelled."""

    reason = "upload_gone"
    words = words("This upload was given up meanwhile. Upload the file again.")


def my_upload(context: U, services: Services) -> U:
    """Nobody else's is there (R11), nor one that was cancelled. Its key tells nothing of the file later."""
    known = is_id(context.owner_id) and is_id(context.file_id)
    file = services.files.get(context.owner_id, context.file_id) if known else None
    if file is None:
        raise NotFound(words("There is no such upload. It may have been cancelled."))
    if context.by_key and file.ready_at and context.now - file.ready_at >= KEY_AFTERWARDS:
        raise SignInNeeded
    details, actor = {"name": file.name}, context.actor
    if context.by_key:
        details["by"] = "upload key"
        actor = replace(actor, name=file.owner_name)
    return replace(context, file=file, about=file.id, actor=actor, details=details)
