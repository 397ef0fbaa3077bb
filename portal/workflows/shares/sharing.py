"""Sharing: files, recipients and rules become one share, in one transaction, however often it is sent
(R51).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from portal.domain.audit.record import Action
from portal.domain.contacts import mailboxes, recipient_rules
from portal.domain.errors import N_, Conflict, Invalid
from portal.domain.files.file import File
from portal.domain.ids import derive_id, is_id
from portal.domain.people.permissions import Privilege
from portal.domain.policy.file_rules import check_kind
from portal.domain.shares import expiry, passwords, share_rules
from portal.domain.shares.drafts import Draft
from portal.domain.shares.share import MAX_COPIES, Notify, Recipient, Share
from portal.domain.shares.spreading import draft_recipient
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, collect_refusals
from portal.workflows.contacts.recipient_groups import expand_groups
from portal.workflows.mail.mail_jobs import send_invitations
from portal.workflows.mail.only_mail import claim_only_mail, find_only_mail, send_claimed
from portal.workflows.policy.mail_policy import send_within_quota
from portal.workflows.shares.shareable import check_ready
from portal.workflows.shares.spreading import give_to_many


@dataclass(frozen=True, kw_only=True)
class ShareFiles(Context):
    """What a form or a program asks for, and what the steps made of it.

    submission_id: of the form; the same one again is the same share. recipients_text: as pasted, beside the
    groups chosen. expires_on: the last day, in `zone`; ends_at: the very moment instead.
    download_limit: None for none, else 1 to 100.
    confirm: recipients prove their address by a code; password: for all of them, empty for none. by_hand: the
    addresses whose link the sender passes on, so that no email is sent. files: their own of those asked
    for; read by the steps unless they were read just now. again: it was there already. draft: what is sent by
    itself; it is sent as it was read, or not at all.
    """

    submission_id: str
    file_ids: Sequence[str]
    recipients_text: str
    message: str
    expires_on: date | None
    download_limit: int | None
    confirm: bool = False
    password: str = ""
    group_ids: Sequence[str] = ()
    zone: str = "UTC"
    language: str = "en"
    notify: Notify = Notify.FIRST
    preview: bool = True
    by_hand: Sequence[str] = ()
    addresses: tuple[str, ...] = ()
    expires_at: datetime | None = None
    files: tuple[File, ...] = ()
    share: Share | None = None
    recipients: tuple[Recipient, ...] = ()
    again: bool = False
    ends_at: datetime | None = None
    draft: Draft | None = None

    @property
    def kept_hash(self) -> str:
        """The password's, where it was taken in when Send was pressed."""
        return self.draft.wish.password_hash if self.draft and self.draft.wish else ""


S = TypeVar("S", bound=ShareFiles)


def check_form(context: ShareFiles, services: Services) -> ShareFiles:
    """Everything that is wrong with the input at once, so that it is mended at once."""
    return collect_refusals(context, services, RULES)


def check_submission(context: ShareFiles, services: Services) -> ShareFiles:
    if not is_id(context.submission_id):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="submission")
    return context


def check_choice(context: S, services: Services) -> S:
    chosen = tuple(dict.fromkeys(context.file_ids))
    most = services.limits.max_files_per_share
    if not chosen:
        raise Invalid(N_("Choose at least one file."), field="files", reason="no_files")
    if len(chosen) > most:
        raise Invalid(
            N_("Choose at most %(most)s files for one share."),
            field="files", reason="too_many_files", params={"most": most},
        )  # fmt: skip
    return replace(context, file_ids=chosen)


def parse_recipients(context: ShareFiles, services: Services) -> ShareFiles:
    """Of those whose link the sender passes on, the ones who are among them."""
    groups = expand_groups(context.me, context.group_ids, services)
    found = recipient_rules.parse_recipients(context.recipients_text, services.limits, groups)
    by_hand = {mailboxes.address_key(each) for each in context.by_hand}
    mine = tuple(each for each in found if mailboxes.address_key(each) in by_hand)
    return replace(context, addresses=found, by_hand=mine)


def check_message(context: ShareFiles, services: Services) -> ShareFiles:
    return replace(context, message=share_rules.message(context.message, services.limits))


def check_download_limit(context: ShareFiles, services: Services) -> ShareFiles:
    return replace(
        context, download_limit=share_rules.download_limit(context.download_limit, services.limits)
    )


def check_expiry(context: ShareFiles, services: Services) -> ShareFiles:
    zone, limits = expiry.zone(context.zone), services.limits
    if context.ends_at is not None:
        ends = expiry.check_expiry(context.ends_at, context.now, limits.max_share_days, zone)
        return replace(context, expires_at=ends)
    if context.expires_on is None:
        ends = expiry.end_of_day_in(limits.default_share_days, context.now, zone)
        return replace(
            context, expires_at=expiry.check_expiry(ends, context.now, limits.max_share_days, zone)
        )
    return replace(
        context, expires_at=expiry.last_day(context.expires_on, context.now, limits.max_share_days, zone)
    )


def check_password(context: ShareFiles, services: Services) -> ShareFiles:
    password = share_rules.password(context.password)
    share_rules.check_password_set(bool(password or context.kept_hash), services.limits)
    return replace(context, password=password)


def check_code(context: ShareFiles, services: Services) -> ShareFiles:
    share_rules.check_code(context.confirm, services.limits)
    return context


def check_preview(context: ShareFiles, services: Services) -> ShareFiles:
    share_rules.check_preview(context.preview, services.limits)
    return context


RULES = (
    check_submission,
    check_choice,
    parse_recipients,
    check_message,
    check_download_limit,
    check_expiry,
    check_code,
    check_password,
    check_preview,
)


def find_own_files(context: S, services: Services) -> S:
    """A foreign or unknown id is simply not among one's own files."""
    services.suppression_list.read_along(context.addresses)
    files = context.files or tuple(services.files.get_many(context.me.id, context.file_ids))
    about = derive_id("share", context.me.id, context.submission_id)
    details = {"files": ", ".join(file.name for file in files), "to": ", ".join(context.addresses)}
    details["recipients"] = str(len(context.addresses))
    details |= {"by_hand": ", ".join(context.by_hand)} if context.by_hand else {}
    return replace(context, files=files, about=about, details=details)


def require_ready(context: ShareFiles, services: Services) -> ShareFiles:
    check_ready(context.files, len(context.file_ids))
    return context


def check_kinds(context: S, services: Services) -> S:
    """The rules of a new upload hold for what is shared from now on."""
    for file in context.files:
        check_kind(file.name, services.limits, "files")
    return context


def check_recipients(context: S, services: Services) -> S:
    recipient_rules.check_recipients(context.addresses, services.limits)
    return context


def draft_share(context: ShareFiles, services: Services) -> ShareFiles:
    if context.expires_at is None:
        raise RuntimeError("the expiry is checked before a share is drafted")
    me, files = context.me, tuple(file.pinned for file in context.files)
    share = Share(
        id=context.about, owner_id=me.id, owner_name=me.name, owner_address=me.address, first_files=files,
        message=context.message, created_at=context.now, expires_at=context.expires_at,
        download_limit=context.download_limit, addresses=context.addresses, zone=context.zone,
        language=context.language, content_digest=digest(context), confirm=context.confirm,
        notify=context.notify, preview=context.preview, has_copies=len(context.addresses) <= MAX_COPIES,
        password_hash=passwords.hash_password(context.password) if context.password else context.kept_hash,
        is_followed=True,
    )  # fmt: skip
    key_id = services.links.current_id
    recipients = tuple(
        draft_recipient(share.id, each, key_id, context.now, by_hand=each in context.by_hand)
        for each in context.addresses
    )
    return replace(context, share=share, recipients=recipients)


def digest(context: ShareFiles) -> str:
    """What the sender asked for, in one value: the same submission must ask for the same again.

    Without the password, which a plain digest would not protect; its own hash is compared instead.
    """
    rules = [
        context.download_limit,
        str(context.ends_at or context.expires_on),
        context.confirm,
        context.preview,
    ]
    people = [sorted(context.addresses), sorted(context.by_hand)]
    asked = [sorted(context.file_ids), *people, context.message, *rules]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def create(context: ShareFiles, services: Services) -> ShareFiles:
    share = context.share
    if share is None:
        raise RuntimeError("the share is drafted before it is created")
    most, record = services.limits.max_mails_a_day, context.required_record
    mails = len(context.recipients) - len(context.by_hand)
    recipients = context.recipients
    if share.has_copies:
        recipients = claim_only_mail(recipients, context.files, share)
    write = partial(
        services.shares.create, share, context.files, recipients, record, most,
        context.submission_id, context.draft,
    )  # fmt: skip
    if send_within_quota(share.owner_id, mails, context.now, services, write):
        return context
    known = services.shares.get(share.id)
    if known is None or known.content_digest != share.content_digest or not has_same_password(context, known):
        raise Conflict(
            N_("This form was already sent with other answers. Look at that share, or open a new form."),
            reason="submission_reused",
        )
    return replace(context, share=known, again=True)


def is_as_asked(share: Share, context: ShareFiles, services: Services) -> bool:
    """Whether a share is what is asked for, by the rules of the form alone: what became of its files since is
    no other answer. A page that was opened again does not know the password any more. Raises Refusal.
    """
    for rule in RULES:
        context = rule(context, services)
    same_password = not context.password or has_same_password(context, share)
    return same_password and digest(context) == share.content_digest


def has_same_password(context: ShareFiles, known: Share) -> bool:
    if context.kept_hash:
        return known.password_hash == context.kept_hash
    if not context.password or not known.password_hash:
        return not context.password and not known.password_hash
    return passwords.verify_password(context.password, known.password_hash)


def send(context: ShareFiles, services: Services) -> ShareFiles:
    """Hand the emails over now, as far as the time goes; the schedule sends what is left."""
    if context.share is None or (context.again and context.share.has_copies):
        return context
    if not context.share.has_copies:
        give_to_many(context.share, services)
    elif only := find_only_mail(context.recipients, context.files):
        send_claimed(context.share, only, services)
    else:
        send_invitations(context.share, context.recipients, services)
    return context


SHARE: Workflow[ShareFiles] = Workflow(
    "share",
    Action.SHARED,
    {
        Stage.VALIDATE: (check_form,),
        Stage.IDENTIFY: (find_own_files,),
        Stage.AUTHORIZE: (require_ready, check_kinds, check_recipients),
        Stage.AUDIT: (draft_share,),
        Stage.PROCESS: (create,),
        Stage.NOTIFY: (send,),
    },
    needs=Privilege.SHARE,
)
