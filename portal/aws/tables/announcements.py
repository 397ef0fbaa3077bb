"""That files were announced: an item that lets the same announcement come again without doing it twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from portal.aws.client.keys import announcement_key
from portal.aws.client.writes import Write, put_new
from portal.domain.files.file import File

ANNOUNCED = timedelta(days=1)  # in which the same announcement may come again


def build_announcement(files: Sequence[File], once: str) -> Write:
    """That these were announced with this `once`, for as long as an upload may be under way."""
    pk, sk = announcement_key(files[0].owner_id, once)
    ends = int((files[0].created_at + ANNOUNCED).timestamp())
    return put_new({"pk": pk, "sk": sk, "files": [each.id for each in files], "ttl": ends}).failing_as(
        "announced_before"
    )
