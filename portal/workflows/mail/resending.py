"""Everything again that failed: one's own emails, or, for an administrator, everyone's (R75).

An outage or a wrong setting fails many emails at once; nobody should have to press a button for each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.clock import start_countdown
from portal.domain.contacts import recipient_rules
from portal.domain.errors import Refusal
from portal.domain.links.availability import offer
from portal.domain.mail.mail_job import MailState
from portal.domain.mail.notifications import OF_NO_SHARE, MailPlace, Notification
from portal.domain.people.permissions import Permission, Privilege, may, require_admin
from portal.domain.shares.share import Recipient, RecipientState, Share
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow

SECONDS = 8.0  # what one request may spend; what is left over is said, and taken up by the next press


@dataclass(frozen=True, kw_only=True)
class ResendFailed(Context):
    """everyone: not only one's own. queued: how many are sent again; is_partial: whether time ran out."""

    everyone: bool = False
    queued: int = 0
    is_partial: bool = False

    def is_about(self, owner_id: str) -> bool:
        return self.everyone or not owner_id or may(self.me, Permission.MAIL, owner_id)


def may_resend(context: ResendFailed, services: Services) -> ResendFailed:
    """Everyone may have their own sent again; the others' are for administrators."""
    if context.everyone:
        require_admin(context.me)
    return replace(context, about=context.me.id)


def queue_failed(context: ResendFailed, services: Services) -> ResendFailed:
    seconds_left, queued = start_countdown(services.clock, SECONDS), 0
    for place, owner_id in services.outbox.list_all_failed():
        if seconds_left() <= 0:
            return replace(context, queued=queued, is_partial=True)
        if context.is_about(owner_id):
            queued += queue_one(place, context, services)
    return replace(context, queued=queued)


def queue_one(place: MailPlace, context: ResendFailed, services: Services) -> bool:
    """Whether it is sent again: it is theirs, still failed, and someone may still want it."""
    notice = services.outbox.get_notification(place.notice_id) if place.notice_id else None
    where = (notice.share_id, notice.recipient_id) if notice else (place.share_id, place.recipient_id)
    if notice and notice.kind in OF_NO_SHARE:
        return queue_warning(notice, context, services)
    share = services.shares.get(where[0])
    found = services.shares.get_with_recipient(*where) if where[1] else None
    recipient = found[1] if found else None
    what = notice or recipient
    if share is None or what is None or not context.is_about(share.owner_id):
        return False
    if not is_wanted(what, share, recipient, context, services):
        return False
    return services.outbox.queue_again(what, context.now, record(what, share.id, context))


def queue_warning(notice: Notification, context: ResendFailed, services: Services) -> bool:
    """One about files, shared or not, a handover or one's own data: who is told must know all the same."""
    if notice.mail.state is not MailState.FAILED or not context.is_about(notice.person_id):
        return False
    about = notice.values.get("file", notice.person_id)
    return services.outbox.queue_again(notice, context.now, record(notice, about, context))


def is_wanted(
    what: Recipient | Notification, share: Share, recipient: Recipient | None, context: ResendFailed,
    services: Services,
) -> bool:  # fmt: skip
    """The rules of a new email hold for one that is sent again, as they are today."""
    if what.mail.state is not MailState.FAILED or not share.is_open(context.now):
        return False
    if offer(share, recipient, services.files.get_of_shares([share]), context.now).is_emptied:
        return False
    if recipient is None:
        return True
    try:
        recipient_rules.check_recipients([recipient.address], services.limits)
    except Refusal:
        return False
    return recipient.state is RecipientState.OPEN


def record(what: Recipient | Notification, about: str, context: ResendFailed) -> AuditRecord:
    recipient_id = what.id if isinstance(what, Recipient) else what.recipient_id
    details = {"to": what.address} | ({"recipient": recipient_id} if recipient_id else {})
    return AuditRecord(
        context.now, Action.MAIL_AGAIN, context.actor, about, workflow="resend_failed", details=details,
        request_id=context.request_id,
    )  # fmt: skip


RESEND_FAILED: Workflow[ResendFailed] = Workflow(
    "resend_failed",
    Action.FAILED_MAILS_AGAIN,
    {
        Stage.AUTHORIZE: (may_resend,),
        Stage.PROCESS: (queue_failed,),
    },
    Audit.BEFORE_CHANGE,
    needs=Privilege.SHARE,
)
