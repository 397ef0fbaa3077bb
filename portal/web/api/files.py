"""Files of one's own: listed, read, renamed, kept longer, deleted and brought back."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.errors import N_, Invalid, NotFound
from portal.domain.files.file import File, FileState
from portal.engine.workflow import Workflow, run
from portal.queries.files import ORDERS, get_upload_file, list_files
from portal.web.api.fields import Asked, Flag, Moment, Text, Told, Whole, between, length, one_of
from portal.web.api.operations import Answer, operation, require_match
from portal.web.current import seconds_until, services
from portal.web.identity.access import current_person, staff_request
from portal.workflows.files import owned_files
from portal.workflows.files.own_download import OWN_DOWNLOAD, OwnDownload
from portal.workflows.files.owned_files import ChangeFile

SORTS = tuple(f"{sign}{order}" for order in ORDERS for sign in ("", "-"))


class FileTold(Told):
    file_id = Text(attribute="id", required=True)
    file_name = Text(attribute="name", required=True)
    folder = Text(required=True)
    size = Whole(required=True, metadata={"description": "in bytes"})
    content_type = Text(required=True)
    status = fields.String(attribute="state", required=True, metadata={"enum": [str(s) for s in FileState]})
    scan = fields.String(attribute="scan_state", required=True)
    sha256 = Text(required=True, metadata={"description": "in hexadecimal; empty where nobody computed it"})
    created_at = Moment(required=True)
    ready_at = Moment(allow_none=True)
    keep_until = Moment(allow_none=True)
    purge_at = Moment(allow_none=True, metadata={"description": "when one in the trash goes for good"})


class FilesTold(Told):
    files = fields.List(fields.Nested(FileTold), required=True)
    next = Text(allow_none=True, required=True, metadata={"description": "the cursor of the next page"})


class ListAsked(Asked):
    cursor = Text(validate=length(1, 2000))
    sort = Text(validate=one_of(*SORTS), metadata={"description": "with a minus: from the other end"})
    q = Text(validate=length(1, 200), metadata={"description": "words of names and folders"})
    status = Text(validate=one_of("ready", "trashed"), load_default="ready")


class ChangeAsked(Asked):
    """One or both; the name first."""

    file_name = Text(validate=length(1, 1000))
    keep_days = Whole(validate=between(1, 36500), metadata={"description": "from today"})


class DownloadTold(Told):
    download_url = Text(required=True)
    expires_in = Whole(required=True, metadata={"description": "seconds in which a download may begin"})


class VersionTold(Told):
    version_id = Text(required=True)
    size = Whole(required=True)
    modified_at = Moment(required=True)
    is_latest = Flag(required=True)


class VersionsTold(Told):
    versions = fields.List(fields.Nested(VersionTold), required=True)


def find_page(query: dict[str, Any]) -> tuple[tuple[File, ...], str | None]:
    """A page of one's files as they were asked for, and the cursor of the next."""
    sort = query.get("sort", "-uploaded")
    found = list_files(
        current_person(), services(), order=sort.removeprefix("-"), descending=sort.startswith("-"),
        search=query.get("q", ""), trash=query["status"] == "trashed", cursor=query.get("cursor"),
    )  # fmt: skip
    return found.files.items, found.files.next


def find_file(file_id: str) -> File:
    """One's own, in the trash too; what was removed or never came is not there."""
    file = get_upload_file(current_person(), file_id, services())
    if file.state is FileState.PURGED or file.is_given_up:
        raise NotFound
    return file


def run_change(workflow: Workflow[ChangeFile], file_id: str, *, name: str = "", days: int = 0) -> File:
    context = ChangeFile(staff_request(), file_id=file_id, name=name, days=days)
    run(workflow, context, services())
    return find_file(file_id)


@operation("List your files", query=ListAsked, answer=FilesTold)
def list_own(query: dict[str, Any]) -> Answer:
    files, cursor = find_page(query)
    return Answer({"files": files, "next": cursor}, next=cursor)


@operation("Read a file's facts", answer=FileTold, has_etag=True)
def show(file_id: str) -> File:
    return find_file(file_id)


@operation(
    "Rename a file, or keep it for longer", body=ChangeAsked, answer=FileTold, has_etag=True, matches=True
)
def change(file_id: str, body: dict[str, Any]) -> File:
    file = find_file(file_id)
    require_match(FileTold, file)
    return change_as_asked(file, body)


def change_as_asked(file: File, body: dict[str, Any]) -> File:
    if not body:
        raise Invalid(N_("Say what is to be changed."), field="body", reason="nothing_asked")
    if "file_name" in body:
        file = run_change(owned_files.RENAME, file.id, name=body["file_name"])
    if "keep_days" in body:
        file = run_change(owned_files.KEEP, file.id, days=body["keep_days"])
    return file


@operation(
    "Delete a file: it goes to the trash, and its links stop", answer=FileTold, has_etag=True, matches=True
)
def trash(file_id: str) -> File:
    require_match(FileTold, find_file(file_id))
    return run_change(owned_files.TRASH, file_id)


@operation("Bring a file back from the trash", answer=FileTold, has_etag=True, matches=True)
def restore(file_id: str) -> File:
    require_match(FileTold, find_file(file_id))
    return run_change(owned_files.RESTORE, file_id)


@operation("Get an address to download one of your files from", answer=DownloadTold)
def download(file_id: str) -> dict[str, Any]:
    return sign_download(file_id)


def sign_download(file_id: str) -> dict[str, Any]:
    done = run(OWN_DOWNLOAD, OwnDownload(staff_request(), file_id=file_id), services())
    return {"download_url": done.address, "expires_in": seconds_until(done.ends_at)}


@operation("List the versions of a file that are kept", answer=VersionsTold)
def list_versions(file_id: str) -> dict[str, Any]:
    file = find_file(file_id)
    return {"versions": services().objects.versions(file.key)[:100] if file.is_kept else []}
