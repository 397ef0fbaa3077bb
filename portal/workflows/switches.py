"""Switching mails off and on: on one's account page, or off by the signed address in a mail."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit import Action, Actor
from portal.domain.errors import NotFound
from portal.domain.notices import NoticeKind
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.services import Services


@dataclass(frozen=True, kw_only=True)
class SwitchMails(Context):
    """off: every kind that is to be off from now on; the others are on."""

    off: frozenset[NoticeKind]


@dataclass(frozen=True, kw_only=True)
class Unsubscribe(Context):
    """token: of the address in the mail; off: the kinds that it switches off."""

    token: str
    owner_id: str = ""
    off: frozenset[NoticeKind] = frozenset()


def mine(context: SwitchMails, services: Services) -> SwitchMails:
    return replace(context, about=context.me.id, details=told(context.off))


def whose(context: Unsubscribe, services: Services) -> Unsubscribe:
    """Anything but an address of ours is as good as none."""
    found = services.switches.opens(context.token)
    if found is None:
        raise NotFound()
    owner_id, off = found
    actor = Actor("person", owner_id, source_ip=context.actor.source_ip, device=context.actor.device)
    return replace(context, owner_id=owner_id, off=off, about=owner_id, actor=actor, details=told(off))


def told(off: frozenset[NoticeKind]) -> dict[str, str]:
    return {"off": ", ".join(sorted(off))}


def switch(context: SwitchMails, services: Services) -> SwitchMails:
    services.people.switch_mails(context.me.id, context.off, context.made_record, keep=False)
    return context


def switch_off(context: Unsubscribe, services: Services) -> Unsubscribe:
    services.people.switch_mails(context.owner_id, context.off, context.made_record, keep=True)
    return context


SWITCH_MAILS: Workflow[SwitchMails] = Workflow(
    "switch_mails",
    Action.MAILS_SWITCHED,
    {
        Stage.IDENTIFY: (mine,),
        Stage.AUDIT: (record_with_change("switch_mails", Action.MAILS_SWITCHED),),
        Stage.PROCESS: (switch,),
    },
)
UNSUBSCRIBE: Workflow[Unsubscribe] = Workflow(
    "unsubscribe",
    Action.MAILS_SWITCHED,
    {
        Stage.IDENTIFY: (whose,),
        Stage.AUDIT: (record_with_change("unsubscribe", Action.MAILS_SWITCHED),),
        Stage.PROCESS: (switch_off,),
    },
)
