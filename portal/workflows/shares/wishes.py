"""What ends the wish that a draft is sent once its files have arrived: its owner, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, NotFound, Refusal, Several
from portal.domain.ids import derive_id, derive_sortable_id
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.shares.drafts import Draft, Returned
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow

SENT = N_("This was sent in the meantime.")


@dataclass(frozen=True, kw_only=True)
class OnWish(Context):
    """draft: as it was read; refusal: why it is not sent, where the portal itself says so."""

    draft_id: str
    draft: Draft | None = None
    refusal: Refusal | None = None

    @property
    def required_draft(self) -> Draft:
        if self.draft is None:
            raise RuntimeError("the draft is found first")
        return self.draft


def find_own_wish(context: OnWish, services: Services) -> OnWish:
    draft = services.drafts.get(context.me.id, context.draft_id, context.now)
    about = derive_id("share", context.me.id, context.draft_id)
    if draft is None:
        raise Conflict(SENT, reason="sent") if services.shares.get(about) else NotFound()
    return replace(context, draft=draft, about=about)


def stop(context: OnWish, services: Services) -> OnWish:
    """Taken back once, it is again."""
    draft = context.required_draft
    if draft.wish is None:
        return context
    after = replace(draft, wish=None, saved_at=context.now)
    if services.drafts.take_back(draft, after, context.required_record):
        return context
    raise Conflict(SENT, reason="sent") if services.shares.get(context.about) else Conflict()


STOP_SENDING: Workflow[OnWish] = Workflow(
    "stop_sending",
    Action.SENDING_STOPPED,
    {
        Stage.IDENTIFY: (find_own_wish,),
        Stage.PROCESS: (stop,),
    },
)


def describe_refusal(context: OnWish, services: Services) -> OnWish:
    refusal = context.refusal
    reason = refusal.reason if refusal else ""
    return replace(context, details={"reason": reason})


def give_back(context: OnWish, services: Services) -> OnWish:
    """The draft stays, with the reason; its owner hears of it by email. Where it was sent from another page,
    and not as it is here, it becomes another draft, since this one is a share by now.
    """
    draft, refusal = context.required_draft, context.refusal
    first = refusal.refusals[0] if isinstance(refusal, Several) else refusal or Refusal()
    params = {name: str(value) for name, value in first.params.items()}
    returned = Returned(context.now, first.reason, first.message, params)
    after = replace(draft, wish=None, saved_at=context.now, returned=returned)
    if first.reason == "submission_reused":
        after = replace(after, id=derive_sortable_id(context.now, "draft", draft.id))
    notice = draft_notice(draft, after, returned, services)
    services.drafts.take_back(draft, after, context.required_record, notice)
    return context


def draft_notice(draft: Draft, after: Draft, returned: Returned, services: Services) -> Notification | None:
    """None where nobody can be told."""
    owner, wish = services.people.get(draft.owner_id), draft.wish
    if owner is None or wish is None or not owner.address:
        return None
    values = {"draft": after.id, "language": wish.language, "words": returned.message}
    values |= {f"of_{name}": value for name, value in returned.params.items()}
    return Notification(
        id=derive_id(NotificationKind.NOT_SENT, draft.id, wish.id), kind=NotificationKind.NOT_SENT,
        to=owner.address, share_id="", person_id=owner.id, values=values, created_at=returned.at,
        mail=MailJob(due_at=returned.at, changed_at=returned.at),
    )  # fmt: skip


RETURN_DRAFT: Workflow[OnWish] = Workflow(
    "return_draft",
    Action.DRAFT_RETURNED,
    {
        Stage.AUDIT: (describe_refusal,),
        Stage.PROCESS: (give_back,),
    },
)
