"""Asking for more: a recipient whose link is over asks its sender, who answers with one click.

Only who holds the right link can ask, once a day, and a few people per share at a time, so that nobody's mail
box is flooded. What was withdrawn offers nothing. Either answer is told by mail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from portal.domain import expiry
from portal.domain.audit import Action
from portal.domain.errors import Conflict, Invalid, NotFound, TooMany, words
from portal.domain.files import File, FileState
from portal.domain.ids import derived_id, is_id
from portal.domain.letters import plain_line
from portal.domain.notices import Notice, NoticeKind
from portal.domain.shares import Asking, AskingState, MailJob, Recipient, Share
from portal.workflows import rates
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.mail import send_notice
from portal.workflows.opening import Open, Over, not_withdrawn, open_link, something_left, still_open
from portal.workflows.services import Services

AGAIN = timedelta(days=1)  # so often may one recipient ask
MOST_OPEN = 3  # requests of one share that wait for an answer
NOTE_CHARACTERS = 300
MORE_DAYS = 7
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class AskForMore(Open):
    """note: a word to the sender, as plain text."""

    note: str = ""
    notice: Notice | None = None


def the_note(context: AskForMore, services: Services) -> AskForMore:
    note = plain_line(context.note)
    if len(note) > NOTE_CHARACTERS:
        raise Invalid(
            words("The note can have at most %(most)s characters."),
            field="note", reason="note_long", values={"most": NOTE_CHARACTERS},
        )  # fmt: skip
    return replace(context, note=note)


def it_is_over(context: AskForMore, services: Services) -> AskForMore:
    """What is still open needs no asking; what was withdrawn cannot be asked for."""
    not_withdrawn(context, services)
    try:
        something_left(still_open(context, services), services)
    except Over:
        return context
    raise Conflict(words("This link works again. Open it from your mail."), reason="open_again")


def not_lately(context: AskForMore, services: Services) -> AskForMore:
    _, recipient = context.opened
    if recipient.asking and recipient.asking.at > context.now - AGAIN:
        raise asked_lately()
    return context


def asked_lately() -> TooMany:
    return TooMany(
        words("You have asked already. The sender was told, and you get a mail when they answer."),
        reason="asked_lately", retry_after_seconds=DAY_SECONDS,
    )  # fmt: skip


def draft_request(context: AskForMore, services: Services) -> AskForMore:
    share, recipient = context.opened
    day = context.now.date().isoformat()
    notice = Notice(
        id=derived_id("asked", share.id, recipient.id, day), kind=NoticeKind.ASKED, to=share.owner_address,
        share_id=share.id, recipient_id=recipient.id, person_id=share.owner_id,
        values={"note": context.note}, created_at=context.now,
        mail=MailJob(due_at=context.now, changed_at=context.now),
    )  # fmt: skip
    return replace(context, notice=notice, details={**context.details, "note": context.note})


def ask(context: AskForMore, services: Services) -> AskForMore:
    if context.notice is None:
        raise RuntimeError("the request is drafted first")
    asking = Asking(at=context.now, note=context.note)
    came_to = services.asks.ask(
        context.opened[1], asking, context.now - AGAIN, MOST_OPEN, context.notice, context.made_record
    )
    if came_to == "share":
        raise TooMany(
            words("Several people have asked the sender for more already. Wait for the answer, please."),
            reason="many_asked", retry_after_seconds=DAY_SECONDS,
        )  # fmt: skip
    if came_to != "asked":
        raise asked_lately()
    return context


@dataclass(frozen=True, kw_only=True)
class Answer(Context):
    """The owner's answer to one recipient's request. until: the later end of the share, if it has ended."""

    share_id: str
    recipient_id: str
    share: Share | None = None
    recipients: tuple[Recipient, ...] = ()
    recipient: Recipient | None = None
    until: datetime | None = None
    files: tuple[File, ...] = ()
    notice: Notice | None = None

    @property
    def asked(self) -> tuple[Share, Recipient]:
        if self.share is None or self.recipient is None:
            raise RuntimeError("the request is found first")
        return self.share, self.recipient


T = TypeVar("T", AskForMore, Answer)


def tell(context: T, services: Services) -> T:
    """Now, if the mail service takes it now; the schedule sends it otherwise."""
    if context.notice:
        send_notice(context.notice, services)
    return context


def the_request(context: Answer, services: Services) -> Answer:
    found = services.shares.with_recipients(context.share_id) if is_id(context.share_id) else None
    if found is None:
        raise NotFound()
    share, recipients = found
    recipient = next((each for each in recipients if each.id == context.recipient_id), None)
    if recipient is None or recipient.asking is None:
        raise NotFound()
    details = {"recipient": recipient.id, "to": recipient.address}
    return replace(context, share=share, recipients=tuple(recipients), recipient=recipient, about=share.id,
                   details=details)  # fmt: skip


def asked_of_me(context: Answer, services: Services) -> Answer:
    if context.asked[0].owner_id != context.me.id:
        raise NotFound()
    return context


def waits(context: Answer, services: Services) -> Answer:
    """One answer counts: a second click, or a link of an old mail, changes nothing (I7)."""
    share, recipient = context.asked
    not_withdrawn_answer = share.state == "open" and recipient.state == "open"
    if not not_withdrawn_answer or recipient.asking is None or recipient.asking.state is not AskingState.OPEN:
        raise Conflict(words("This request has been answered already, or the share was withdrawn."),
                       reason="answered")  # fmt: skip
    return context


def what_to_give(context: Answer, services: Services) -> Answer:
    """More days where the share has ended, one more download of each file where they are used up."""
    share, recipient = context.asked
    given = replace(recipient, asking=answered(recipient, AskingState.GIVEN, context.now))
    if recipient.is_spent(share):
        given = replace(given, extra_downloads=recipient.extra_downloads + 1)
    if context.now < share.expires_at:
        return replace(context, recipient=given)
    days = min(MORE_DAYS, services.limits.max_share_days)
    until = expiry.in_days(days, context.now, expiry.zone(share.zone))
    kept = services.files.get_many(share.owner_id, [each.id for each in share.files])
    versions = {each.id: each.version_id for each in share.files}
    files = [file for file in kept
             if file.state is FileState.READY and file.version_id == versions[file.id]]  # fmt: skip
    if not files:
        raise Conflict(words("The files of this share are deleted. Share them again instead."),
                       reason="file_gone")  # fmt: skip
    return replace(context, recipient=given, until=until, files=tuple(files))


def draft_given(context: Answer, services: Services) -> Answer:
    return replace(context, notice=reply(context, NoticeKind.GIVEN))


def draft_declined(context: Answer, services: Services) -> Answer:
    recipient = context.asked[1]
    declined = replace(recipient, asking=answered(recipient, AskingState.DECLINED, context.now))
    return replace(context, recipient=declined, notice=reply(context, NoticeKind.DECLINED))


def answered(recipient: Recipient, state: AskingState, now: datetime) -> Asking:
    if recipient.asking is None:
        raise RuntimeError("the request is found first")
    return replace(recipient.asking, state=state, answered_at=now)


def reply(context: Answer, kind: NoticeKind) -> Notice:
    share, recipient = context.asked
    asked_at = recipient.asking.at.isoformat() if recipient.asking else ""
    return Notice(
        id=derived_id(kind, share.id, recipient.id, asked_at), kind=kind, to=recipient.address,
        share_id=share.id, recipient_id=recipient.id, created_at=context.now,
        mail=MailJob(due_at=context.now, changed_at=context.now),
    )  # fmt: skip


def give(context: Answer, services: Services) -> Answer:
    share, recipient = context.asked
    notice, record = context.notice, context.made_record
    if notice is None or not services.asks.give(
        share, context.recipients, recipient, context.until, context.files, notice, record
    ):
        raise Conflict()
    return context


def decline(context: Answer, services: Services) -> Answer:
    share, recipient = context.asked
    notice = context.notice
    if notice is None or not services.asks.decline(share, recipient, notice, context.made_record):
        raise Conflict()
    return context


ASK_FOR_MORE: Workflow[AskForMore] = Workflow(
    "ask_for_more",
    Action.MORE_ASKED,
    {
        Stage.VALIDATE: (the_note,),
        Stage.IDENTIFY: (open_link,),
        # Counted last, so that only who holds such a link can use up what all together may (R46).
        Stage.AUTHORIZE: (it_is_over, not_lately, rates.step(lambda services: services.limits.rates.asks)),
        Stage.AUDIT: (draft_request, record_with_change("ask_for_more", Action.MORE_ASKED)),
        Stage.PROCESS: (ask,),
        Stage.NOTIFY: (tell,),
    },
)
GIVE_MORE: Workflow[Answer] = Workflow(
    "give_more",
    Action.MORE_GIVEN,
    {
        Stage.IDENTIFY: (the_request,),
        Stage.AUTHORIZE: (asked_of_me, waits, what_to_give),
        Stage.AUDIT: (draft_given, record_with_change("give_more", Action.MORE_GIVEN)),
        Stage.PROCESS: (give,),
        Stage.NOTIFY: (tell,),
    },
)
DECLINE_MORE: Workflow[Answer] = Workflow(
    "decline_more",
    Action.MORE_DECLINED,
    {
        **GIVE_MORE.stages,
        Stage.AUTHORIZE: (asked_of_me, waits),
        Stage.AUDIT: (draft_declined, record_with_change("decline_more", Action.MORE_DECLINED)),
        Stage.PROCESS: (decline,),
    },
)
