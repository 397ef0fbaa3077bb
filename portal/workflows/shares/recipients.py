"""Recipients after the share was sent: adding some, and sending one of them the email again (R51-R53)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar, assert_never

from portal.domain.audit.record import Action
from portal.domain.contacts import recipient_rules
from portal.domain.errors import N_, Conflict, NotFound, TooMany
from portal.domain.links.availability import offer
from portal.domain.mail.mail_job import MailJob, MailState, ResendResult
from portal.domain.people.permissions import Permission, Privilege, require
from portal.domain.shares.share import Recipient, RecipientState, Share, ShareState, derive_recipient_id
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow
from portal.workflows.contacts.known_addresses import remember_recipients
from portal.workflows.contacts.recipient_groups import expand_groups
from portal.workflows.mail.mail_jobs import send_invitations
from portal.workflows.policy.mail_policy import seconds_until_tomorrow, send_within_quota
from portal.workflows.shares.change import WithdrawnForGood
from portal.workflows.shares.sharing import SHARE, ShareFiles


@dataclass(frozen=True, kw_only=True)
class OnShare(Context):
    """Something about the recipients of a share of one's own."""

    share_id: str
    share: Share | None = None
    recipients: tuple[Recipient, ...] = ()

    @property
    def required_share(self) -> Share:
        if self.share is None:
            raise RuntimeError("the share is found first")
        return self.share


@dataclass(frozen=True, kw_only=True)
class AddRecipients(OnShare):
    """recipients_text: as pasted, beside the groups chosen; by_hand: the sender passes their links on, and no
    email is sent. added: who is new or comes back; known: who has the share already.
    """

    recipients_text: str
    group_ids: Sequence[str] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_hand: bool = False
    addresses: tuple[str, ...] = ()
    added: tuple[Recipient, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SendAgain(OnShare):
    """seen: the message id of the email that the page showed, so pressing twice is pressing once (I7)."""

    recipient_id: str
    seen: str
    again: bool = False

    @property
    def recipient(self) -> Recipient:
        return next(each for each in self.recipients if each.id == self.recipient_id)


A = TypeVar("A", bound=AddRecipients)


def parse_recipients(context: A, services: Services) -> A:
    groups = expand_groups(context.me, context.group_ids, services)
    found = recipient_rules.parse_recipients(context.recipients_text, services.limits, groups)
    return replace(context, addresses=found, groups=groups)


C = TypeVar("C", bound=OnShare)


def find_share(context: C, services: Services) -> C:
    found = services.shares.get_with_recipients(context.share_id)
    if found is None:
        raise NotFound()
    return replace(context, share=found[0], recipients=tuple(found[1]), about=found[0].id)


def require_owner(context: C, services: Services) -> C:
    """Emails go out in the owner's name, so nobody else has them sent, not even an administrator."""
    require(context.me, Permission.MAIL, context.required_share.owner_id)
    return context


def draft_recipients(context: A, services: Services) -> A:
    """Who is new, who comes back, who is there."""
    share, there = context.required_share, {each.id: each for each in context.recipients}
    coming = {derive_recipient_id(share.id, each) for each in share.addresses} - there.keys()
    added, known = [], []
    for address in context.addresses:
        id_ = derive_recipient_id(share.id, address)
        job = MailJob.first(context.now, by_hand=context.by_hand)
        before = there.get(id_)
        if id_ in coming:  # their items are on their way (`spreading`)
            known.append(address)
        elif before is None:
            key_id = services.links.current_id
            added.append(Recipient(id=id_, share_id=share.id, address=address, key_id=key_id, mail=job))
        elif before.state is RecipientState.WITHDRAWN:
            added.append(reopen(before, job, services))
        else:
            known.append(before.address)
    details = describe_added(added, context)
    return replace(context, added=tuple(added), known=tuple(known), details=details)


def describe_added(added: Sequence[Recipient], context: AddRecipients) -> dict[str, str]:
    to = ", ".join(each.address for each in added)
    return {"to": to, "recipients": str(len(added))} | ({"by_hand": to} if context.by_hand else {})


def reopen(before: Recipient, job: MailJob, services: Services) -> Recipient:
    """A link of a new generation: the old one was declared dead and may be in anyone's hands, so it stays
    dead (I5). What was downloaded stays counted.
    """
    return replace(
        before, state=RecipientState.OPEN, generation=before.generation + 1,
        key_id=services.links.current_id, mail=job, withdrawn_at=None,
    )  # fmt: skip


def require_open_share(context: C, services: Services) -> C:
    if context.required_share.state is ShareState.WITHDRAWN:
        raise WithdrawnForGood()
    if not context.required_share.is_open(context.now):
        raise Conflict(N_("This share has expired. Extend it first."), reason="expired")
    files = services.files.get_of_shares([context.required_share])
    offered = offer(context.required_share, None, files, context.now)
    if offered.closed and not offered.waits_for_scan:
        raise Conflict(
            N_("Nothing of this share can be downloaded any more. Share other files instead."),
            reason="file_gone",
        )
    return context


def check_recipient_limit(context: A, services: Services) -> A:
    people = {each.id for each in (*context.recipients, *context.added)}
    recipient_rules.check_recipient_count(len(people), services.limits, context.groups)
    return context


def check_recipients(context: A, services: Services) -> A:
    recipient_rules.check_recipients([each.address for each in context.added], services.limits)
    return context


def check_recipient(context: SendAgain, services: Services) -> SendAgain:
    """Lists may have become stricter since the share was made."""
    recipient_rules.check_recipients([context.recipient.address], services.limits)
    return context


def check_sharing_rules(context: A, services: Services) -> A:
    """What a deployer's steps say of sharing with someone, they say of adding someone too."""
    share, steps = context.required_share, services.extra_steps.get(SHARE.name, {})
    file_ids = [file.id for file in services.shared_files.list_all(share)] if steps else []
    asked = ShareFiles(
        context.request, submission_id=share.id, file_ids=file_ids,
        message=share.message,
        recipients_text=context.recipients_text, addresses=tuple(each.address for each in context.added),
        expires_on=None, expires_at=share.expires_at, download_limit=share.download_limit, share=share,
        recipients=context.added, about=share.id, details=context.details,
    )  # fmt: skip
    for stage in (Stage.VALIDATE, Stage.IDENTIFY, Stage.AUTHORIZE):
        for step in steps.get(stage, ()):
            step(asked, services)
    return context


def send(context: A, services: Services) -> A:
    send_invitations(context.required_share, context.added, services)
    return context


def remember(context: A, services: Services) -> A:
    if context.added:
        remember_recipients(context.required_share, context.added, services)
    return context


def find_recipient(context: SendAgain, services: Services) -> SendAgain:
    found = find_share(context, services)
    known = next((each for each in found.recipients if each.id == context.recipient_id), None)
    if known is None:
        raise NotFound()
    return replace(found, details={"recipient": known.id, "to": known.address})


def require_open_recipient(context: SendAgain, services: Services) -> SendAgain:
    require_open_share(context, services)
    if context.recipient.state is RecipientState.WITHDRAWN:
        raise Conflict(
            N_("This person's link was withdrawn. Add the address again for a new one."),
            reason="withdrawn",
        )
    return context


def require_mailable(context: SendAgain, services: Services) -> SendAgain:
    """No further email where one came back or was marked as spam: it would cost everyone's emails their good
    name with the mail service (R55).
    """
    if services.suppression_list.get(context.recipient.address):
        raise Conflict(
            N_("We do not send emails to %(address)s: an earlier one bounced or was marked as spam. "
                "Ask your administrator to release the address, or send the link yourself."),
            reason="mail_stopped", params={"address": context.recipient.address},
        )  # fmt: skip
    return context


def choose_action(context: SendAgain, services: Services) -> SendAgain:
    first = context.recipient.mail.state is MailState.BY_HAND
    return replace(context, action=Action.MAIL_AFTER_ALL if first else Action.MAIL_AGAIN)


def queue_again(context: SendAgain, services: Services) -> SendAgain:
    """The same link, since it is derived; the email is queued as if it was new."""
    most = services.limits.max_resends_a_day
    write = partial(
        services.changes.send_again, context.required_share, context.recipient, context.seen, most,
        context.required_record, services.limits.max_mails_a_day,
    )  # fmt: skip
    result = send_within_quota(context.required_share.owner_id, 1, context.now, services, write)
    match result:
        case ResendResult.QUEUED | ResendResult.REPEATED:
            return replace(context, again=result is ResendResult.REPEATED)
        case ResendResult.SHARE_CLOSED:
            raise Conflict()
        case ResendResult.TOO_OFTEN:
            raise TooMany(
                N_("The email to %(address)s was sent again %(most)s times today. Try again tomorrow, or "
                    "copy the link."),
                reason="resent_often", params={"address": context.recipient.address, "most": most},
                retry_after_seconds=seconds_until_tomorrow(context.now),
            )  # fmt: skip
    assert_never(result)


def send_invitation(context: SendAgain, services: Services) -> SendAgain:
    found = services.shares.get_with_recipient(context.share_id, context.recipient_id)
    if found and not context.again:
        send_invitations(found[0], [found[1]], services)
    return context


SEND_AGAIN: Workflow[SendAgain] = Workflow(
    "send_again",
    Action.MAIL_AGAIN,
    {
        Stage.IDENTIFY: (find_recipient,),
        Stage.AUTHORIZE: (require_owner, require_open_recipient, check_recipient, require_mailable),
        Stage.AUDIT: (choose_action,),
        Stage.PROCESS: (queue_again,),
        Stage.NOTIFY: (send_invitation,),
    },
    needs=Privilege.SHARE,
)
