"""Who had something and who has it now are told once a handover has ended, however far it came."""

from __future__ import annotations

from functools import partial

from portal.domain.ids import derive_id
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.people.handover import Handover, HandoverState
from portal.engine.services import Services
from portal.workflows.mail.delivery import deliver, skip


def draft_handover_notices(handover: Handover, services: Services) -> list[Notification]:
    """None while it goes on, where nothing was moved, or for who has no address."""
    if handover.state is HandoverState.RUNNING or not (handover.files_moved or handover.shares_moved):
        return []
    giver = services.people.get(handover.giver_id)
    people = (
        (NotificationKind.HANDED_OVER, handover.giver_id, giver.address if giver else "",
         handover.receiver_name),
        (NotificationKind.TAKEN_OVER, handover.receiver_id, handover.receiver_address, handover.giver_name),
    )  # fmt: skip
    moved = {"files": str(handover.files_moved), "shares": str(handover.shares_moved)}
    now = services.clock()
    return [
        Notification(
            id=derive_id(kind, handover.id), kind=kind, to=address, share_id="", person_id=person_id,
            values={**moved, "other": other}, created_at=now, mail=MailJob(due_at=now, changed_at=now),
        )
        for kind, person_id, address, other in people if address
    ]  # fmt: skip


def tell_of_handover(notice: Notification, services: Services) -> MailJob:
    """Not to an account that is disabled or being deleted."""
    if notice.kind in services.people.get_mails_off(notice.person_id):
        return skip(notice, services)
    return deliver(notice, partial(services.mail_renderer.render_handover, notice), services)
