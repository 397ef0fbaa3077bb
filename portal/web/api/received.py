"""What others shared with the person the program speaks for, and downloads of that and of their own files."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from marshmallow import fields

from portal.domain.errors import N_, Conflict, Invalid, NotFound
from portal.domain.files.file import File
from portal.domain.ids import derive_id
from portal.domain.links.availability import Offer
from portal.engine.workflow import run
from portal.queries.files import get_upload_file
from portal.queries.received import find_received_share, list_received, make_received_link
from portal.web.api.fields import Asked, Moment, Text, Told, Whole, id_text, length
from portal.web.api.files import sign_download
from portal.web.api.operations import Answer, operation
from portal.web.current import now, seconds_until, services
from portal.web.identity.access import current_person, visitor_request
from portal.workflows.links.download import DOWNLOAD, Download

MATCHES = 30  # files of a name that are looked at


class ReceivedTold(Told):
    share_id = Text(required=True)
    file_id = Text(required=True)
    file_name = Text(required=True)
    folder = Text(required=True)
    size = Whole(required=True)
    sha256 = Text(required=True)
    shared_by = Text(required=True)
    message = Text(required=True)
    shared_at = Moment(required=True)
    expires_at = Moment(required=True)
    downloads_left = Whole(required=True, allow_none=True, metadata={"description": "null: without limit"})
    closed = fields.String(required=True, allow_none=True, metadata={"description": "why it cannot be had"})


class ReceivedPageTold(Told):
    shared_files = fields.List(fields.Nested(ReceivedTold), required=True)
    next = Text(allow_none=True, required=True)


class ReceivedAsked(Asked):
    cursor = Text(validate=length(1, 2000))
    q = Text(validate=length(1, 200))


class DownloadAsked(Asked):
    """One of the two."""

    file_id = id_text()
    file_name = Text(validate=length(1, 1000))


class AddressTold(Told):
    download_url = Text(required=True)
    message = Text(required=True)
    expires_in = Whole(required=True)


@operation("List what others shared with you", query=ReceivedAsked, answer=ReceivedPageTold)
def list_received_files(query: dict[str, Any]) -> Answer:
    found = list_received(current_person(), services(), query.get("cursor"), query.get("q", ""))
    told = [each for offer in found.page.items for each in tell(offer)]
    return Answer({"shared_files": told, "next": found.page.next}, next=found.page.next)


def tell(offer: Offer) -> list[dict[str, Any]]:
    share = offer.share
    about = {
        "share_id": share.id, "shared_by": share.owner_address or share.owner_name, "message": share.message,
        "shared_at": share.created_at, "expires_at": share.expires_at,
    }  # fmt: skip
    return [
        {
            **about, "file_id": each.file.id, "file_name": each.file.name, "folder": each.file.folder,
            "size": each.file.size, "sha256": each.file.sha256, "closed": each.closed or offer.closed,
            "downloads_left": 0 if offer.closed else each.left,
        }
        for each in offer.files
    ]  # fmt: skip


@operation("Get an address to download a file from, of yours or shared with you", query=DownloadAsked,
           answer=AddressTold)  # fmt: skip
def download(query: dict[str, Any]) -> dict[str, Any]:
    """Of a file that is shared with the caller this counts as a download, once a minute."""
    if len(query) != 1:
        raise Invalid(N_("Say either file_id or file_name."), field="file_id", reason="one_of_two")
    told = find_address(query)
    words = gettext("The download must begin within %(seconds)s seconds.", seconds=told["expires_in"])
    return {**told, "message": words}


def find_address(query: dict[str, Any]) -> dict[str, Any]:
    """One's own comes first; of a name that several have, nobody guesses which is meant."""
    own = find_own(query)
    if own is not None:
        return sign_download(own.id)
    share_id, file_id = find_received_share(current_person(), services(), **query)
    token = make_received_link(current_person(), share_id, services()).rpartition("/")[2]
    minute = int(now().timestamp()) // 60
    context = Download(
        visitor_request(), token=token, file_id=file_id,
        attempt_id=derive_id("api", current_person().id, file_id, str(minute)),
    )  # fmt: skip
    done = run(DOWNLOAD, context, services())
    return {"download_url": done.address, "expires_in": seconds_until(done.ends_at)}


def find_own(query: dict[str, Any]) -> File | None:
    if "file_id" in query:
        try:
            return get_upload_file(current_person(), query["file_id"], services())
        except NotFound:
            return None
    name = query["file_name"]
    page = services().files.search(current_person().id, name, None, MATCHES)
    same = [each for each in page.items if each.name == name]
    if len(same) > 1:
        raise Conflict(
            N_("Several of your files are called %(name)s. Say which by file_id."),
            reason="several_of_this_name", params={"name": name},
        )  # fmt: skip
    return same[0] if same else None
