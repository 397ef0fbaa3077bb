"""Inviting people: one, or each line of a list, whose fate is said line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.clock import start_countdown
from portal.domain.contacts.mailboxes import normalize
from portal.domain.errors import N_, Conflict, Invalid, Refusal, Unavailable
from portal.domain.mail.email_message import single_line
from portal.domain.people.directory import InviteResult, MailLimitReached, NoDirectory
from portal.domain.people.invitations import Fate, InvitationLine
from portal.domain.people.permissions import Privilege
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Request, Stage, Workflow, run

NAME_CHARACTERS = 120
TOGETHER = 8  # invitations at a time; Cognito takes 50 a second of one pool
LIST_SECONDS = 12.0  # what one press spends on a list; what is left takes another press
MIN_REMAINING_SECONDS = 3.0


class AlreadyThere(Conflict):
    reason = "already_invited"
    message = N_("%(address)s has an account already.")


@dataclass(frozen=True, kw_only=True)
class Invite(Context):
    address: str
    name: str = ""


def parse_address(text: str) -> str:
    address = normalize(text)
    if address is None:
        raise Invalid(
            N_("This is no email address. An address looks like name@example.com."),
            field="address", reason="bad_address",
        )  # fmt: skip
    return address


def parse_invitation(context: Invite, services: Services) -> Invite:
    address = parse_address(context.address)
    name = single_line(context.name, NAME_CHARACTERS)
    return replace(context, address=address, name=name, details={"to": address})


def require_new(context: Invite, services: Services) -> Invite:
    if not services.directory.is_there:
        raise NoDirectory()
    if services.directory.has_address(context.address):
        raise AlreadyThere(params={"address": context.address}, field="address")
    return context


def invite(context: Invite, services: Services) -> Invite:
    if services.directory.invite(context.address, context.name) is InviteResult.ALREADY_THERE:
        raise AlreadyThere(params={"address": context.address}, field="address")
    return context


INVITE: Workflow[Invite] = Workflow(
    "invite_person",
    Action.PERSON_INVITED,
    {
        Stage.VALIDATE: (parse_invitation,),
        Stage.IDENTIFY: (require_new,),
        Stage.PROCESS: (invite,),
    },
    Audit.BEFORE_CHANGE,
    needs=Privilege.ADMINISTER,
)


def invite_all(request: Request, lines: Sequence[InvitationLine], services: Services) -> list[InvitationLine]:
    """Invite those who wait, some at a time, and say of each line what became of it. Where the time is over,
    or the directory sends no more emails today, the rest is left to another press.
    """
    seconds_left = start_countdown(services.clock, LIST_SECONDS)
    waiting = [each for each in lines if each.fate is Fate.WAITING]
    done, goes_on = dict[int, InvitationLine](), True
    with ThreadPoolExecutor(TOGETHER) as pool:
        for start in range(0, len(waiting), TOGETHER):
            some = waiting[start : start + TOGETHER]
            goes_on = goes_on and seconds_left() > MIN_REMAINING_SECONDS
            fates = [Fate.LATER] * len(some)
            if goes_on:
                fates = list(pool.map(make_task(request, services), some))
            goes_on = goes_on and Fate.LATER not in fates
            done |= {each.number: replace(each, fate=fate) for each, fate in zip(some, fates, strict=True)}
    return [done.get(each.number, each) for each in lines]


def make_task(request: Request, services: Services) -> Callable[[InvitationLine], Fate]:
    """In the context of who asks, whose time limit counts in other threads too."""
    context = copy_context()
    return lambda line: context.copy().run(invite_line, request, line, services)


def invite_line(request: Request, line: InvitationLine, services: Services) -> Fate:
    try:
        run(INVITE, Invite(request, address=line.address, name=line.name), services)
    except (MailLimitReached, Unavailable):
        return Fate.LATER
    except AlreadyThere:
        return Fate.THERE
    except Invalid:
        return Fate.NO_ADDRESS
    except Refusal:
        return Fate.REFUSED
    return Fate.INVITED
