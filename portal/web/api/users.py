"""The routes that systems of this field know: a user's files, sent in base64, shared and taken back.

`user_id` is the caller's subject at the identity provider, or `me`; anyone else's is not there (R11).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import request
from marshmallow import fields

from portal.domain.contacts.mailboxes import address_key
from portal.domain.errors import N_, Invalid, NotFound, TooLarge
from portal.domain.files.file import File
from portal.domain.shares.share import RecipientState
from portal.engine.workflow import run
from portal.queries.shares import ShareView
from portal.web.api import asked, files, shares
from portal.web.api.fields import (
    MAX_ADDRESSES,
    Asked,
    Flag,
    Moment,
    Text,
    Told,
    Whole,
    between,
    length,
    list_of,
)
from portal.web.api.files import ChangeAsked, FileTold, ListAsked
from portal.web.api.operations import Answer, operation, require_match
from portal.web.current import services
from portal.web.edge.request_limits import allow_body
from portal.web.identity.access import current_person, staff_request
from portal.workflows.files import owned_files
from portal.workflows.shares.revoke import WITHDRAW_RECIPIENT, Withdraw
from portal.workflows.uploads.small_upload import store_small_file

MAX_FILE_BYTES = 4 * 1024**2  # in base64 and JSON it still fits into what Lambda takes, 6 MB
MAX_BODY_BYTES = 5_700_000


class UploadAsked(Asked):
    file_data = Text(required=True, metadata={"format": "byte", "description": "the bytes, in base64"})
    remote_file_name = Text(required=True, validate=length(1, 1000))
    folder = Text(validate=length(0, 1000), load_default="")


class UploadedTold(Told):
    file_id = Text(required=True)
    status = fields.String(required=True)
    file_name = Text(required=True)
    size = Whole(required=True)
    sha256 = Text(required=True)


class UserFilesTold(Told):
    user_id = Text(required=True)
    user_files = fields.List(fields.Nested(FileTold), required=True)
    next = Text(allow_none=True, required=True)


class UserFileTold(FileTold):
    user_id = Text(required=True)


class DeletedTold(Told):
    user_id = Text(required=True)
    file_id = Text(required=True)
    file_name = Text(required=True)
    file_status = fields.String(required=True)


class ShareOneAsked(Asked):
    share_with = list_of(Text(validate=length(1, 320)), MAX_ADDRESSES, 1, required=True)
    expires_at = Moment()
    download_limit = Whole(allow_none=True, validate=between(1, 100))
    message = Text(validate=length(0, 4000))
    confirm = Flag()


class SharedOneTold(Told):
    file_id = Text(required=True)
    file_name = Text(required=True)
    status = fields.String(required=True)
    share_id = Text(required=True)
    share_with = fields.List(Text(), required=True)
    expires_at = Moment(required=True)


class RemoveAsked(Asked):
    recipients = list_of(Text(validate=length(1, 320)), MAX_ADDRESSES, 1, required=True)


class RemovedTold(Told):
    file_id = Text(required=True)
    removed = fields.List(Text(), required=True)
    not_found = fields.List(Text(), required=True, metadata={"description": "who does not have it"})


def require_self(user_id: str) -> str:
    """The caller's own subject. Raises NotFound for anyone else's."""
    me = current_person()
    if user_id not in {"me", me.subject, me.id}:
        raise NotFound
    return me.subject


@operation("List your files", query=ListAsked, answer=UserFilesTold)
def list_files(user_id: str, query: dict[str, Any]) -> Answer:
    subject = require_self(user_id)
    found, cursor = files.find_page(query)
    return Answer({"user_id": subject, "user_files": found, "next": cursor}, next=cursor)


def read_large_body() -> None:
    """This one body may be larger than others: the file is in it."""
    allow_body(MAX_BODY_BYTES)


@operation("Upload a small file, of 4 MiB at most", body=UploadAsked, answer=UploadedTold, status=201,
           creates=True, prepare=read_large_body)  # fmt: skip
def upload(user_id: str, body: dict[str, Any]) -> dict[str, Any]:
    require_self(user_id)
    once = asked.once(request.headers.get("Idempotency-Key"))
    data = decode(body["file_data"])
    file = store_small_file(staff_request(), body["remote_file_name"], body["folder"], data, once, services())
    return {
        "file_id": file.id, "status": "UPLOADED", "file_name": file.name, "size": file.size,
        "sha256": file.sha256,
    }  # fmt: skip


def decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Invalid(N_("Send the file's bytes in base64."), field="file_data", reason="base64") from problem
    if not data:
        raise Invalid(
            N_("This file is empty. Choose one that has something in it."), field="file_data", reason="empty"
        )
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(
            N_("Send a file of more than 4 MiB by /v1/uploads, without base64."), field="file_data"
        )
    return data


@operation("Read a file's facts", answer=UserFileTold, has_etag=True)
def show_file(user_id: str, file_id: str) -> dict[str, Any]:
    return tell_file(require_self(user_id), files.find_file(file_id))


def tell_file(subject: str, file: File) -> dict[str, Any]:
    return {**vars(file), "scan_state": file.scan_state, "user_id": subject}


@operation("Rename a file, or keep it for longer", body=ChangeAsked, answer=UserFileTold, has_etag=True,
           matches=True)  # fmt: skip
def change_file(user_id: str, file_id: str, body: dict[str, Any]) -> dict[str, Any]:
    subject = require_self(user_id)
    file = files.find_file(file_id)
    require_match(UserFileTold, tell_file(subject, file))
    return tell_file(subject, files.change_as_asked(file, body))


@operation("Delete a file: it goes to the trash, and its links stop", answer=DeletedTold)
def delete_file(user_id: str, file_id: str) -> dict[str, Any]:
    subject = require_self(user_id)
    file = files.run_change(owned_files.TRASH, file_id)
    return {"user_id": subject, "file_id": file.id, "file_name": file.name, "file_status": "DELETED"}


@operation("Share a file", body=ShareOneAsked, answer=SharedOneTold, status=201, creates=True)
def share_file(user_id: str, file_id: str, body: dict[str, Any]) -> dict[str, Any]:
    require_self(user_id)
    file = files.find_file(file_id)
    made = shares.share_files({"group_ids": [], "by_hand": [], **body, "file_ids": [file.id]})
    if made.share is None:
        raise RuntimeError("a share that was made is there")
    return {
        "file_id": file.id, "file_name": file.name, "status": "SHARED", "share_id": made.share.id,
        "share_with": made.share.addresses, "expires_at": made.share.expires_at,
    }  # fmt: skip


@operation("Withdraw a file from people: every open share that has it, as far as it is theirs",
           body=RemoveAsked, answer=RemovedTold)  # fmt: skip
def remove_recipients(user_id: str, file_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Their links to the whole of such a share stop, since a link gives all of it."""
    require_self(user_id)
    file = files.find_file(file_id)
    wanted = {address_key(each): each for each in body["recipients"]}
    removed = set[str]()
    for share in owned_files.iterate_shares(file, services()):
        if share.state == "open" and wanted.keys() & set(map(address_key, share.addresses)):
            removed |= withdraw_from(shares.read_share(share.id), set(wanted))
    told = {"removed": [wanted[each] for each in wanted if each in removed]}
    return {"file_id": file.id, **told, "not_found": [wanted[each] for each in wanted if each not in removed]}


def withdraw_from(view: ShareView, keys: set[str]) -> set[str]:
    """Withdraw a share from whoever of these has it; whom that was."""
    theirs = [
        each.recipient
        for each in view.recipients
        if each.recipient.state is RecipientState.OPEN and address_key(each.recipient.address) in keys
    ]
    for each in theirs:
        context = Withdraw(staff_request(), share_id=view.share.id, recipient_id=each.id)
        run(WITHDRAW_RECIPIENT, context, services())
    return {address_key(each.address) for each in theirs}
