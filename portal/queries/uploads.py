"""Uploads under way, for pages and for the scripts that send them."""

from __future__ import annotations

from portal.domain.files.file import File, FileState
from portal.domain.people.person import Person
from portal.domain.uploads.parts import Part
from portal.engine.services import Services
from portal.workflows.uploads.own_upload import OfUpload, find_live_upload

UNDER_WAY = 100


def get_upload(asked: OfUpload, services: Services) -> tuple[File, list[Part]]:
    """How an upload is going: itself, and the parts of it that S3 has."""
    found = find_live_upload(asked, services).required_file
    is_sent = found.state is FileState.PENDING and found.upload_id
    return found, (services.parts.list_parts(found) or []) if is_sent else []


def list_uploads(person: Person, services: Services) -> list[File]:
    """One's own uploads that were announced and have not arrived, newest first, from wherever they come."""
    return list(services.files.page(person.id, FileState.PENDING, "uploaded", True, None, UNDER_WAY).items)
