"""Shares: made of many files, listed, read with what became of each recipient, changed and withdrawn."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.errors import N_, Invalid
from portal.domain.people.person import Scope
from portal.domain.shares.share import Notify, Share
from portal.engine.workflow import run
from portal.queries.shares import RecipientView, ShareView, get_share, list_shares
from portal.web.api.fields import (
    MAX_ADDRESSES,
    MAX_FILES,
    Asked,
    Flag,
    Moment,
    Text,
    Told,
    Whole,
    between,
    id_text,
    length,
    list_of,
    one_of,
)
from portal.web.api.operations import Answer, operation, require_match, submission_id
from portal.web.current import now, services
from portal.web.identity.access import current_person, staff_request
from portal.web.wording.i18n import language
from portal.workflows.shares.change import CHANGE_SHARE, ChangeShare
from portal.workflows.shares.revoke import WITHDRAW_SHARE, Withdraw
from portal.workflows.shares.sharing import SHARE, ShareFiles

WAYS = tuple(str(each) for each in Notify)


class SharedFileTold(Told):
    file_id = Text(attribute="file.id", required=True)
    file_name = Text(attribute="file.name", required=True)
    folder = Text(attribute="file.folder", required=True)
    size = Whole(attribute="file.size", required=True)
    sha256 = Text(attribute="file.sha256", required=True)
    closed = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "why nobody can have it, if so"},
    )


class RequestTold(Told):
    """A recipient's request for more time or downloads."""

    at = Moment(required=True)
    note = Text(required=True)
    status = fields.String(attribute="state", required=True)
    answered_at = Moment(allow_none=True)


class RecipientTold(Told):
    recipient_id = Text(attribute="recipient.id", required=True)
    address = Text(attribute="recipient.address", required=True)
    status = fields.String(attribute="recipient.state", required=True)
    mail = fields.String(attribute="recipient.mail.state", required=True)
    opened_at = Moment(allow_none=True)
    downloads = fields.Dict(
        keys=fields.String(), values=fields.Integer(), attribute="recipient.downloads", required=True,
        metadata={"description": "how often each file was downloaded, by file_id"},
    )  # fmt: skip
    last_download_at = Moment(attribute="recipient.last_download_at", allow_none=True)
    withdrawn_at = Moment(attribute="recipient.withdrawn_at", allow_none=True)
    request = fields.Nested(RequestTold, attribute="recipient.asking", allow_none=True)
    link = fields.Method("show_link", metadata={"type": "string", "description": "for its owner"})

    def show_link(self, view: RecipientView) -> str:
        """A link opens like a key: a token that is only to read does not get it."""
        return view.link if current_person().has_scope(Scope.SHARE) else ""


class ShareTold(Told):
    share_id = Text(attribute="share.id", required=True)
    status = fields.Method("show_status", required=True, metadata={"type": "string"})
    files = fields.List(fields.Nested(SharedFileTold), attribute="offer.files", required=True)
    message = Text(attribute="share.message", required=True)
    created_at = Moment(attribute="share.created_at", required=True)
    expires_at = Moment(attribute="share.expires_at", required=True)
    download_limit = Whole(attribute="share.download_limit", allow_none=True, required=True)
    confirm = Flag(attribute="share.confirm", required=True)
    has_password = fields.Function(lambda view: bool(view.share.password_hash), metadata={"type": "boolean"})
    preview = Flag(attribute="share.preview", required=True)
    notify = fields.String(attribute="share.notify", required=True)
    version = Whole(attribute="share.version", required=True)
    recipients = fields.List(fields.Nested(RecipientTold), required=True)

    def show_status(self, view: ShareView) -> str:
        """open, expired or withdrawn."""
        share: Share = view.share
        return "open" if share.is_open(now()) else "expired" if share.state == "open" else str(share.state)


class ListedShareTold(ShareTold):
    """Without its recipients, but how many downloads there were."""

    class Meta:
        exclude = ("recipients",)

    addresses = fields.List(Text(), attribute="share.addresses", required=True)
    download_count = Whole(attribute="share.download_count", required=True)
    files = fields.List(fields.Nested(SharedFileTold), required=True)


class SharesTold(Told):
    shares = fields.List(fields.Nested(ListedShareTold), required=True)
    next = Text(allow_none=True, required=True)


class PageAsked(Asked):
    cursor = Text(validate=length(1, 2000))


class TermsAsked(Asked):
    """What may be chosen when a share is made, and changed afterwards."""

    expires_at = Moment()
    download_limit = Whole(allow_none=True, validate=between(1, 100))
    message = Text(validate=length(0, 4000))
    confirm = Flag(metadata={"description": "recipients prove their address by a code"})
    preview = Flag()
    notify = Text(validate=one_of(*WAYS), metadata={"description": "of which downloads you are told"})
    password = Text(allow_none=True, validate=length(0, 200))


class ShareAsked(TermsAsked):
    file_ids = list_of(id_text(), MAX_FILES, 1, required=True)
    share_with = list_of(Text(validate=length(1, 320)), MAX_ADDRESSES, load_default=list)
    group_ids = list_of(id_text(), MAX_ADDRESSES, load_default=list)
    by_hand = list_of(
        Text(validate=length(1, 320)), MAX_ADDRESSES, load_default=list,
        metadata={"description": "of these, whom no email is sent to: you pass the link on"},
    )  # fmt: skip


@operation("List your shares", query=PageAsked, answer=SharesTold)
def list_own(query: dict[str, Any]) -> Answer:
    page = list_shares(current_person(), services(), query.get("cursor"))
    return Answer({"shares": page.items, "next": page.next}, next=page.next)


@operation("Share files", body=ShareAsked, answer=ShareTold, status=201, has_etag=True, creates=True)
def create(body: dict[str, Any]) -> ShareView:
    return read_share(share_files(body).about)


def share_files(body: dict[str, Any]) -> ShareFiles:
    """What is left out is as on an untouched form."""
    limits = services().limits
    context = ShareFiles(
        staff_request(), submission_id=submission_id(), file_ids=body["file_ids"],
        recipients_text="\n".join(body["share_with"]), group_ids=body["group_ids"], by_hand=body["by_hand"],
        message=body.get("message", ""), expires_on=None, ends_at=body.get("expires_at"),
        download_limit=body.get("download_limit", limits.default_download_limit),
        confirm=body.get("confirm", limits.confirm_by_code), password=body.get("password") or "",
        preview=body.get("preview", limits.previews), notify=Notify(body.get("notify", Notify.FIRST)),
        language=language(),
    )  # fmt: skip
    return run(SHARE, context, services())


def read_share(share_id: str) -> ShareView:
    return get_share(current_person(), share_id, services())


@operation("Read a share, with what became of each recipient", answer=ShareTold, has_etag=True)
def show(share_id: str) -> ShareView:
    return read_share(share_id)


@operation("Change a share", body=TermsAsked, answer=ShareTold, has_etag=True, matches=True)
def change(share_id: str, body: dict[str, Any]) -> ShareView:
    if not body:
        raise Invalid(N_("Say what is to be changed."), field="body", reason="nothing_asked")
    before = read_share(share_id)
    require_match(ShareTold, before)
    share = before.share
    context = ChangeShare(
        staff_request(), share_id=share_id, version=share.version, expires_on=None,
        ends_at=body.get("expires_at"), download_limit=body.get("download_limit", share.download_limit),
        message=body.get("message", share.message), confirm=body.get("confirm"), preview=body.get("preview"),
        notify=Notify(body["notify"]) if "notify" in body else None, password=body.get("password") or "",
        no_password="password" in body and not body["password"], zone=share.zone,
    )  # fmt: skip
    run(CHANGE_SHARE, context, services())
    return read_share(share_id)


@operation("Withdraw a share: all its links stop, for good", answer=ShareTold, has_etag=True)
def withdraw(share_id: str) -> ShareView:
    run(WITHDRAW_SHARE, Withdraw(staff_request(), share_id=share_id), services())
    return read_share(share_id)
