"""Letting mail go to an address again that was held back: an administrator's decision (R55)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit import Action
from portal.domain.errors import Conflict, NotFound, words
from portal.domain.letters import MailRefused
from portal.domain.permissions import require_admin
from portal.domain.suppression import MARK, Held
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.services import Services


class StillHeld(Conflict):
    reason = "still_held"
    words = words(
        "The mail service did not let this address go, so it is still held back. Ask whoever runs the portal"
        " to take it off the suppression list of the SES account."
    )


@dataclass(frozen=True, kw_only=True)
class Release(Context):
    held_id: str
    held: Held | None = None

    @property
    def found(self) -> Held:
        if self.held is None:
            raise RuntimeError("the address is found first")
        return self.held


def for_administrators(context: Release, services: Services) -> Release:
    require_admin(context.me)
    return context


def the_address(context: Release, services: Services) -> Release:
    held = services.suppressed.marked(context.held_id) if MARK.fullmatch(context.held_id) else None
    if held is None:
        raise NotFound()
    return replace(context, held=held, about=context.me.id, details={"to": held.address})


def let_go(context: Release, services: Services) -> Release:
    """The mail service's list first: should it refuse, ours goes on saying the truth."""
    try:
        services.mailer.release(context.found.address)
    except MailRefused as refused:
        raise StillHeld() from refused
    if not services.suppressed.release(context.found, context.made_record):
        raise Conflict()
    return context


RELEASE_ADDRESS: Workflow[Release] = Workflow(
    "release_address",
    Action.ADDRESS_RELEASED,
    {
        Stage.IDENTIFY: (the_address,),
        Stage.AUTHORIZE: (for_administrators,),
        Stage.AUDIT: (record_with_change("release_address", Action.ADDRESS_RELEASED),),
        Stage.PROCESS: (let_go,),
    },
)
