"""Letting email go to an address again that was held back: an administrator's decision (R55)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, NotFound
from portal.domain.mail.email_message import MailRefused
from portal.domain.mail.suppression import MARK, SuppressedAddress
from portal.domain.people.permissions import require_admin
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow


class StillHeld(Conflict):
    reason = "still_held"
    message = N_(
        "The email service did not release this address, so it is still suppressed. Ask whoever runs the "
        "portal to take it off the suppression list of the SES account."
    )


@dataclass(frozen=True, kw_only=True)
class Release(Context):
    held_id: str
    held: SuppressedAddress | None = None

    @property
    def required_address(self) -> SuppressedAddress:
        if self.held is None:
            raise RuntimeError("the address is found first")
        return self.held


def require_administrator(context: Release, services: Services) -> Release:
    require_admin(context.me)
    return context


def find_address(context: Release, services: Services) -> Release:
    held = services.suppression_list.get_by_hash(context.held_id) if MARK.fullmatch(context.held_id) else None
    if held is None:
        raise NotFound()
    return replace(context, held=held, about=context.me.id, details={"to": held.address})


def let_go(context: Release, services: Services) -> Release:
    """The mail service's list first: should it refuse, ours goes on saying the truth."""
    try:
        services.mailer.release(context.required_address.address)
    except MailRefused as refused:
        raise StillHeld() from refused
    if not services.suppression_list.release(context.required_address, context.required_record):
        raise Conflict()
    return context


RELEASE_ADDRESS: Workflow[Release] = Workflow(
    "release_address",
    Action.ADDRESS_RELEASED,
    {
        Stage.IDENTIFY: (find_address,),
        Stage.AUTHORIZE: (require_administrator,),
        Stage.PROCESS: (let_go,),
    },
)
