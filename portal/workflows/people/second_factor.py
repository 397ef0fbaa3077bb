"""Adding a second factor to one's own account, once the sign-in service has confirmed who one is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from portal.domain.audit.record import Action
from portal.domain.people.directory import NoDirectory
from portal.domain.people.second_factor import Enrolment, read_code
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow


@dataclass(frozen=True, kw_only=True)
class AddSecondFactor(Context):
    """code: what the app shows, as it was typed."""

    enrolment: Enrolment = field(repr=False)
    code: str = field(repr=False)


def read_typed_code(context: AddSecondFactor, services: Services) -> AddSecondFactor:
    return replace(context, code=read_code(context.code))


def require_directory(context: AddSecondFactor, services: Services) -> AddSecondFactor:
    if not services.directory.is_there:
        raise NoDirectory()
    return context


def check_code(context: AddSecondFactor, services: Services) -> AddSecondFactor:
    """Whether the app has the secret. The directory asks for no code before it is told to."""
    services.directory.check_code(context.enrolment.access_token, context.code)
    return context


def switch_on(context: AddSecondFactor, services: Services) -> AddSecondFactor:
    services.directory.ask_for_codes(context.enrolment.access_token)
    return context


ADD_SECOND_FACTOR: Workflow[AddSecondFactor] = Workflow(
    "add_second_factor",
    Action.SECOND_FACTOR_ADDED,
    {
        Stage.VALIDATE: (read_typed_code,),
        Stage.IDENTIFY: (require_directory,),
        Stage.AUTHORIZE: (check_code,),
        Stage.PROCESS: (switch_on,),
    },
    Audit.BEFORE_CHANGE,
)
