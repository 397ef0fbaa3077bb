"""Recipients after the share was sent: adding some, and sending one of them the mail again (R51-R53)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from portal.domain import addresses, terms
from portal.domain.audit import Action
from portal.domain.errors import Conflict, NotFound, TooMany, Unavailable, words
from portal.domain.ids import derived_id, is_id
from portal.domain.shares import MailJob, MailState, Recipient, RecipientState, Share, ShareState
from portal.workflows.change import WithdrawnForGood
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.known_addresses import keep_in_mind
from portal.workflows.mail import send_invitations
from portal.workflows.policy import until_tomorrow, within_quota
from portal.workflows.recipient_groups import chosen
from portal.workflows.services import Services
from portal.workflows.share import SHARE, ShareFiles

ROUNDS = 4  # how often adding is tried again when something beside it moved between reading and writing


@dataclass(frozen=True, kw_only=True)
class OnShare(Context):
    """Something about the recipients of a share of one's own."""

    share_id: str
    share: Share | None = None
    recipients: tuple[Recipient, ...] = ()

    @property
    def found(self) -> Share:
        if self.share is None:
            raise RuntimeError("the share is found first")
        return self.share


@dataclass(frozen=True, kw_only=True)
class AddRecipients(OnShare):
    """recipients_text: as pasted, beside the groups chosen; by_hand: the sender passes their links on, and no
    mail is sent. added: who is new or comes back; known: who has the share already.
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
    """seen: the message id of the mail that the page showed; so that pressing twice is pressing once (I7)."""

    recipient_id: str
    seen: str
    again: bool = False

    @property
    def recipient(self) -> Recipient:
        return next(each for each in self.recipients if each.id == self.recipient_id)


def the_addresses(context: AddRecipients, services: Services) -> AddRecipients:
    groups = chosen(context.me, context.group_ids, services)
    found = terms.recipients(context.recipients_text, services.limits, groups)
    return replace(context, addresses=found, groups=groups)


C = TypeVar("C", bound=OnShare)


def my_share(context: C, services: Services) -> C:
    """Mails go out in the owner's name, so nobody else has them sent, not even an administrator."""
    found = services.shares.with_recipients(context.share_id) if is_id(context.share_id) else None
    if found is None or found[0].owner_id != context.me.id:
        raise NotFound()
    return replace(context, share=found[0], recipients=tuple(found[1]), about=found[0].id)


def the_share(context: AddRecipients, services: Services) -> AddRecipients:
    return drafted(my_share(context, services), services)


def drafted(context: AddRecipients, services: Services) -> AddRecipients:
    """Who is new, who comes back, who is there."""
    there = {each.id: each for each in context.recipients}
    added, known = [], []
    for address in context.addresses:
        id_ = derived_id("recipient", context.found.id, addresses.identity(address))
        job = MailJob.first(context.now, by_hand=context.by_hand)
        before = there.get(id_)
        if before is None:
            added.append(Recipient(id=id_, share_id=context.found.id, address=address,
                                   key_id=services.links.current_id, mail=job))  # fmt: skip
        elif before.state is RecipientState.WITHDRAWN:
            added.append(back(before, job, services))
        else:
            known.append(before.address)
    to = ", ".join(each.address for each in added)
    details = {"to": to} | ({"by_hand": to} if context.by_hand else {})
    return replace(context, added=tuple(added), known=tuple(known), details=details)


def back(before: Recipient, job: MailJob, services: Services) -> Recipient:
    """A link of a new generation: the old one was declared dead and may be in anybody's hands, so it stays
    dead (I5). What was downloaded stays counted.
    """
    return replace(
        before, state=RecipientState.OPEN, generation=before.generation + 1,
        key_id=services.links.current_id, mail=job, withdrawn_at=None,
    )  # fmt: skip


def share_open(context: C, services: Services) -> C:
    if context.found.state is ShareState.WITHDRAWN:
        raise WithdrawnForGood()
    if not context.found.is_open(context.now):
        raise Conflict(words("This share has expired. Extend it first."), reason="expired")
    return context


def room(context: AddRecipients, services: Services) -> AddRecipients:
    people = {each.id for each in (*context.recipients, *context.added)}
    terms.at_most(len(people), services.limits, context.groups)
    return context


def domains_allowed(context: AddRecipients, services: Services) -> AddRecipients:
    terms.domains_allowed([each.address for each in context.added], services.limits)
    return context


def domain_allowed(context: SendAgain, services: Services) -> SendAgain:
    """Lists may have become stricter since the share was made."""
    terms.domains_allowed([context.recipient.address], services.limits)
    return context


def rules_of_sharing(context: AddRecipients, services: Services) -> AddRecipients:
    """What a deployer's steps say of sharing with somebody, they say of adding somebody too."""
    share = context.found
    asked = ShareFiles(
        now=context.now, actor=context.actor, person=context.person, request_id=context.request_id,
        submission_id=share.id, file_ids=[file.id for file in share.files], message=share.message,
        recipients_text=context.recipients_text, addresses=tuple(each.address for each in context.added),
        expires_on=None, expires_at=share.expires_at, download_limit=share.download_limit, share=share,
        recipients=context.added, about=share.id, details=context.details,
    )  # fmt: skip
    for stage in (Stage.VALIDATE, Stage.IDENTIFY, Stage.AUTHORIZE):
        for step in services.extra_steps.get(SHARE.name, {}).get(stage, ()):
            step(asked, services)
    return context


def add(context: AddRecipients, services: Services) -> AddRecipients:
    """One transaction; where something beside it moved meanwhile, everything is asked again first."""
    for _ in range(ROUNDS):
        if not context.added:
            return context
        made = replace(context.made_record, details={**context.made_record.details, **context.details})
        mails = 0 if context.by_hand else len(context.added)
        write = partial(
            services.changes.add, context.found, context.added, made, services.limits.max_mails_a_day
        )
        if within_quota(context.found.owner_id, mails, context.now, services, write):
            return context
        context = the_share(context, services)
        context = rules_of_sharing(room(share_open(context, services), services), services)
    raise Unavailable()


def send(context: AddRecipients, services: Services) -> AddRecipients:
    send_invitations(context.found, context.added, services)
    return context


def remember(context: AddRecipients, services: Services) -> AddRecipients:
    if context.added:
        keep_in_mind(context.found, context.added, services)
    return context


def the_recipient(context: SendAgain, services: Services) -> SendAgain:
    found = my_share(context, services)
    known = next((each for each in found.recipients if each.id == context.recipient_id), None)
    if known is None:
        raise NotFound()
    return replace(found, details={"recipient": known.id, "to": known.address})


def still_a_recipient(context: SendAgain, services: Services) -> SendAgain:
    share_open(context, services)
    if context.recipient.state is RecipientState.WITHDRAWN:
        raise Conflict(
            words("This person's link was withdrawn. Add the address again for a new one."),
            reason="withdrawn",
        )
    return context


def may_be_mailed(context: SendAgain, services: Services) -> SendAgain:
    """No further mail where one came back or was marked as spam: it would cost everybody's mails their good
    name with the mail service (R55).
    """
    if services.suppressed.of(context.recipient.address):
        raise Conflict(
            words("Mail to %(address)s is held back: an earlier one came back or was marked as spam. Ask your"
                  " administrator to release the address, or pass the link on yourself."),
            reason="mail_stopped", values={"address": context.recipient.address},
        )  # fmt: skip
    return context


def record(context: SendAgain, services: Services) -> SendAgain:
    first = context.recipient.mail.state is MailState.BY_HAND
    action = Action.MAIL_AFTER_ALL if first else Action.MAIL_AGAIN
    return record_with_change("send_again", action)(context, services)


def queue_again(context: SendAgain, services: Services) -> SendAgain:
    """The same link, since it is derived; the mail is queued as if it was new."""
    most = services.limits.max_resends_a_day
    write = partial(
        services.changes.send_again, context.found, context.recipient, context.seen, most,
        context.made_record, services.limits.max_mails_a_day,
    )  # fmt: skip
    outcome = within_quota(context.found.owner_id, 1, context.now, services, write)
    if outcome == "often":
        raise TooMany(
            words("The mail to %(address)s was sent again %(most)s times today. Try again tomorrow, or copy"
                  " the link."),
            reason="resent_often", values={"address": context.recipient.address, "most": most},
            retry_after_seconds=until_tomorrow(context.now),
        )  # fmt: skip
    if outcome == "closed":
        raise Conflict()
    return replace(context, again=outcome == "repeated")


def send_it(context: SendAgain, services: Services) -> SendAgain:
    found = services.shares.with_recipient(context.share_id, context.recipient_id)
    if found and not context.again:
        send_invitations(found[0], [found[1]], services)
    return context


ADD_RECIPIENTS: Workflow[AddRecipients] = Workflow(
    "add_recipients",
    Action.RECIPIENTS_ADDED,
    {
        Stage.VALIDATE: (the_addresses,),
        Stage.IDENTIFY: (the_share,),
        Stage.AUTHORIZE: (share_open, room, domains_allowed, rules_of_sharing),
        Stage.AUDIT: (record_with_change("add_recipients", Action.RECIPIENTS_ADDED),),
        Stage.PROCESS: (add,),
        Stage.NOTIFY: (remember, send),
    },
)
SEND_AGAIN: Workflow[SendAgain] = Workflow(
    "send_again",
    Action.MAIL_AGAIN,
    {
        Stage.IDENTIFY: (the_recipient,),
        Stage.AUTHORIZE: (still_a_recipient, domain_allowed, may_be_mailed),
        Stage.AUDIT: (record,),
        Stage.PROCESS: (queue_again,),
        Stage.NOTIFY: (send_it,),
    },
)
