"""Switching emails off and on: on one's account page, or off by the signed address in an email."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action, Actor
from portal.domain.errors import NotFound
from portal.domain.mail.notifications import NotificationKind
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow


@dataclass(frozen=True, kw_only=True)
class SwitchMails(Context):
    """off: every kind that is to be off from now on; the others are on."""

    off: frozenset[NotificationKind]


@dataclass(frozen=True, kw_only=True)
class Unsubscribe(Context):
    """token: of the address in the email; off: the kinds that it switches off."""

    token: str
    owner_id: str = ""
    off: frozenset[NotificationKind] = frozenset()


def describe_switches(context: SwitchMails, services: Services) -> SwitchMails:
    return replace(context, about=context.me.id, details=list_switched_off(context.off))


def identify_owner(context: Unsubscribe, services: Services) -> Unsubscribe:
    """Anything but an address of ours is treated as missing."""
    found = services.switches.verify(context.token)
    if found is None:
        raise NotFound()
    owner_id, off = found
    actor = Actor("person", owner_id, source_ip=context.actor.source_ip, device=context.actor.device)
    request = context.request.with_actor(actor)
    return replace(
        context, owner_id=owner_id, off=off, about=owner_id, request=request, details=list_switched_off(off)
    )


def list_switched_off(off: frozenset[NotificationKind]) -> dict[str, str]:
    return {"off": ", ".join(sorted(off))}


def switch(context: SwitchMails, services: Services) -> SwitchMails:
    services.people.switch_mails(context.me.id, context.off, context.required_record, keep=False)
    return context


def switch_off(context: Unsubscribe, services: Services) -> Unsubscribe:
    services.people.switch_mails(context.owner_id, context.off, context.required_record, keep=True)
    return context


SWITCH_MAILS: Workflow[SwitchMails] = Workflow(
    "switch_mails",
    Action.MAILS_SWITCHED,
    {
        Stage.IDENTIFY: (describe_switches,),
        Stage.PROCESS: (switch,),
    },
)
UNSUBSCRIBE: Workflow[Unsubscribe] = Workflow(
    "unsubscribe",
    Action.MAILS_SWITCHED,
    {
        Stage.IDENTIFY: (identify_owner,),
        Stage.PROCESS: (switch_off,),
    },
)
