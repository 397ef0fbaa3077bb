"""Asking for more: a recipient whose link is over asks its sender, who answers with one click.

Only who holds the right link can ask, once a day, and a few people per share at a time, so that nobody's
email box is flooded. What was withdrawn offers nothing. Either answer is told by mail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid, NotFound, TooMany
from portal.domain.files.file import File, FileState
from portal.domain.ids import derive_id
from portal.domain.links.availability import offer
from portal.domain.mail.email_message import plain_line
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.people.permissions import Permission, Privilege, require
from portal.domain.shares import expiry
from portal.domain.shares.share import AccessRequest, AccessRequestState, Recipient, RequestResult, Share
from portal.engine import rates
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow
from portal.workflows.links.link_access import (
    LinkClosed,
    LinkContext,
    open_link,
    require_not_withdrawn,
    require_open,
    require_something_left,
)
from portal.workflows.mail.mail_jobs import send_notice

MIN_INTERVAL = timedelta(days=1)  # so often may one recipient ask
MAX_PENDING = 3  # requests of one share that wait for an answer
NOTE_CHARACTERS = 300
MORE_DAYS = 7
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class AskForMore(LinkContext):
    """note: a word to the sender, as plain text."""

    note: str = ""
    notice: Notification | None = None


def parse_note(context: AskForMore, services: Services) -> AskForMore:
    note = plain_line(context.note)
    if len(note) > NOTE_CHARACTERS:
        raise Invalid(
            N_("The note can have at most %(most)s characters."),
            field="note", reason="note_long", params={"most": NOTE_CHARACTERS},
        )  # fmt: skip
    return replace(context, note=note)


def require_closed_link(context: AskForMore, services: Services) -> AskForMore:
    """What is still open needs no asking; what was withdrawn cannot be asked for."""
    require_not_withdrawn(context, services)
    try:
        require_something_left(require_open(context, services), services)
    except LinkClosed as over:
        if over.askable:
            return context
        raise  # what its sender removed cannot be asked for
    raise Conflict(N_("This link works again. Open it from your email."), reason="open_again")


def require_not_lately(context: AskForMore, services: Services) -> AskForMore:
    _, recipient = context.share_and_recipient
    if recipient.asking and recipient.asking.at > context.now - MIN_INTERVAL:
        raise refuse_repetition()
    return context


def refuse_repetition() -> TooMany:
    return TooMany(
        N_("You have already asked. The sender was told, and you get an email when they answer."),
        reason="asked_lately", retry_after_seconds=DAY_SECONDS,
    )  # fmt: skip


def draft_request(context: AskForMore, services: Services) -> AskForMore:
    share, recipient = context.share_and_recipient
    day = context.now.date().isoformat()
    notice = Notification(
        id=derive_id("asked", share.id, recipient.id, day),
        kind=NotificationKind.ASKED,
        to=share.owner_address,
        share_id=share.id,
        recipient_id=recipient.id,
        person_id=share.owner_id,
        values={"note": context.note},
        created_at=context.now,
        mail=MailJob(due_at=context.now, changed_at=context.now),
    )
    return replace(context, notice=notice, details={**context.details, "note": context.note})


def ask(context: AskForMore, services: Services) -> AskForMore:
    if context.notice is None:
        raise RuntimeError("the request is drafted first")
    asking = AccessRequest(at=context.now, note=context.note)
    result = services.access_requests.request(
        context.share_and_recipient[1],
        asking,
        context.now - MIN_INTERVAL,
        MAX_PENDING,
        context.notice,
        context.required_record,
    )
    match result:
        case RequestResult.REQUESTED:
            return context
        case RequestResult.REQUESTED_LATELY:
            raise refuse_repetition()
        case RequestResult.TOO_MANY_WAIT:
            raise TooMany(
                N_("Several people have already asked the sender for more. Please wait for the answer."),
                reason="many_asked", retry_after_seconds=DAY_SECONDS,
            )  # fmt: skip
    assert_never(result)


@dataclass(frozen=True, kw_only=True)
class AnswerRequest(Context):
    """The owner's answer to one recipient's request. until: the later end of the share, if it has ended."""

    share_id: str
    recipient_id: str
    share: Share | None = None
    recipients: tuple[Recipient, ...] = ()
    recipient: Recipient | None = None
    until: datetime | None = None
    files: tuple[File, ...] = ()
    notice: Notification | None = None

    @property
    def share_and_recipient(self) -> tuple[Share, Recipient]:
        if self.share is None or self.recipient is None:
            raise RuntimeError("the request is found first")
        return self.share, self.recipient


T = TypeVar("T", AskForMore, AnswerRequest)


def tell(context: T, services: Services) -> T:
    """Now, if the mail service takes it now; the schedule sends it otherwise."""
    if context.notice:
        send_notice(context.notice, services)
    return context


def find_request(context: AnswerRequest, services: Services) -> AnswerRequest:
    found = services.shares.get_with_recipients(context.share_id)
    if found is None:
        raise NotFound()
    share, recipients = found
    recipient = next((each for each in recipients if each.id == context.recipient_id), None)
    if recipient is None or recipient.asking is None:
        raise NotFound()
    details = {"recipient": recipient.id, "to": recipient.address}
    return replace(context, share=share, recipients=tuple(recipients), recipient=recipient, about=share.id,
                   details=details)  # fmt: skip


def require_owner(context: AnswerRequest, services: Services) -> AnswerRequest:
    require(context.me, Permission.MAIL, context.share_and_recipient[0].owner_id)
    return context


def require_pending_request(context: AnswerRequest, services: Services) -> AnswerRequest:
    """One answer counts: a second click, or a link of an old email, changes nothing (I7)."""
    share, recipient = context.share_and_recipient
    if not (share.state == "open" and recipient.state == "open" and recipient.asks):
        raise Conflict(N_("This request has already been answered, or the share was withdrawn."),
                       reason="answered")  # fmt: skip
    return context


def draft_grant(context: AnswerRequest, services: Services) -> AnswerRequest:
    """More days where the share has ended, one more download of each file where they are used up."""
    share, recipient = context.share_and_recipient
    given = replace(recipient, asking=record_answer(recipient, AccessRequestState.GIVEN, context.now))
    found = services.files.get_of_shares([share])
    offered = offer(share, recipient, found, context.now)
    if offered.is_emptied:
        raise Conflict(N_("The files of this share are deleted. Share them again instead."),
                       reason="file_gone")  # fmt: skip
    if offered.is_spent:
        given = replace(given, extra_downloads=recipient.extra_downloads + 1)
    if context.now < share.expires_at:
        return replace(context, recipient=given)
    days = min(MORE_DAYS, services.limits.max_share_days)
    until = expiry.end_of_day_in(days, context.now, expiry.zone(share.zone))
    files = [file for file in found.values() if file.state in {FileState.READY, FileState.TRASHED}]
    return replace(context, recipient=given, until=until, files=tuple(files))


def draft_approval(context: AnswerRequest, services: Services) -> AnswerRequest:
    return replace(context, notice=reply(context, NotificationKind.GIVEN))


def draft_refusal(context: AnswerRequest, services: Services) -> AnswerRequest:
    recipient = context.share_and_recipient[1]
    declined = replace(recipient, asking=record_answer(recipient, AccessRequestState.DECLINED, context.now))
    return replace(context, recipient=declined, notice=reply(context, NotificationKind.DECLINED))


def record_answer(recipient: Recipient, state: AccessRequestState, now: datetime) -> AccessRequest:
    if recipient.asking is None:
        raise RuntimeError("the request is found first")
    return replace(recipient.asking, state=state, answered_at=now)


def reply(context: AnswerRequest, kind: NotificationKind) -> Notification:
    share, recipient = context.share_and_recipient
    asked_at = recipient.asking.at.isoformat() if recipient.asking else ""
    return Notification(
        id=derive_id(kind, share.id, recipient.id, asked_at), kind=kind, to=recipient.address,
        share_id=share.id, recipient_id=recipient.id, created_at=context.now,
        mail=MailJob(due_at=context.now, changed_at=context.now),
    )  # fmt: skip


def give(context: AnswerRequest, services: Services) -> AnswerRequest:
    share, recipient = context.share_and_recipient
    notice, record = context.notice, context.required_record
    if notice is None or not services.access_requests.approve(
        share, context.recipients, recipient, context.until, context.files, notice, record
    ):
        raise Conflict()
    return context


def decline(context: AnswerRequest, services: Services) -> AnswerRequest:
    share, recipient = context.share_and_recipient
    notice = context.notice
    if notice is None or not services.access_requests.decline(
        share, recipient, notice, context.required_record
    ):
        raise Conflict()
    return context


ASK_FOR_MORE: Workflow[AskForMore] = Workflow(
    "ask_for_more",
    Action.MORE_ASKED,
    {
        Stage.VALIDATE: (parse_note,),
        Stage.IDENTIFY: (open_link,),
        # Counted last, so that only who holds such a link can use up what all together may (R46).
        Stage.AUTHORIZE: (
            require_closed_link,
            require_not_lately,
            rates.step(lambda services: services.limits.rates.asks),
        ),
        Stage.AUDIT: (draft_request,),
        Stage.PROCESS: (ask,),
        Stage.NOTIFY: (tell,),
    },
)
APPROVE_REQUEST: Workflow[AnswerRequest] = Workflow(
    "give_more",
    Action.MORE_GIVEN,
    {
        Stage.IDENTIFY: (find_request,),
        Stage.AUTHORIZE: (require_owner, require_pending_request, draft_grant),
        Stage.AUDIT: (draft_approval,),
        Stage.PROCESS: (give,),
        Stage.NOTIFY: (tell,),
    },
    needs=Privilege.SHARE,
)
DECLINE_REQUEST: Workflow[AnswerRequest] = Workflow(
    "decline_more",
    Action.MORE_DECLINED,
    {
        **APPROVE_REQUEST.stages,
        Stage.AUTHORIZE: (require_owner, require_pending_request),
        Stage.AUDIT: (draft_refusal,),
        Stage.PROCESS: (decline,),
    },
    needs=Privilege.SHARE,
)
