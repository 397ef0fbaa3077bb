"""Making a service account; what administrators do with people they do with it as well."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid
from portal.domain.ids import derive_id, is_id
from portal.domain.mail.email_message import single_line
from portal.domain.people import service_accounts
from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Person, Role
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, collect_refusals
from portal.workflows.people.inviting import NAME_CHARACTERS, parse_address
from portal.workflows.people.managing import list_names, name


@dataclass(frozen=True, kw_only=True)
class MakeServiceAccount(Context):
    """submission_id: of the form, so that sent twice it makes one account."""

    submission_id: str
    name: str
    address: str
    roles: frozenset[Role] = frozenset()
    account: Person | None = None

    @property
    def made(self) -> Person:
        if self.account is None:
            raise RuntimeError("the account is drafted first")
        return self.account


def check_form(context: MakeServiceAccount, services: Services) -> MakeServiceAccount:
    return collect_refusals(context, services, (check_submission, check_name, check_address, check_roles))


def check_submission(context: MakeServiceAccount, services: Services) -> MakeServiceAccount:
    if not is_id(context.submission_id):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="submission")
    return context


def check_name(context: MakeServiceAccount, services: Services) -> MakeServiceAccount:
    line = single_line(context.name, NAME_CHARACTERS)
    if not line:
        raise Invalid(N_("Give the service account a name."), field="name", reason="name_missing")
    return replace(context, name=line)


def check_address(context: MakeServiceAccount, services: Services) -> MakeServiceAccount:
    """Where emails about its files and shares go."""
    return replace(context, address=parse_address(context.address))


def check_roles(context: MakeServiceAccount, services: Services) -> MakeServiceAccount:
    return replace(context, roles=service_accounts.check_roles(context.roles))


def draft_account(context: MakeServiceAccount, services: Services) -> MakeServiceAccount:
    account_id = derive_id("service account", context.me.id, context.submission_id)
    account = service_accounts.make_account(account_id, context.name, context.address, context.roles)
    details = {"to": name(account), "after": list_names(account.roles)}
    return replace(context, account=account, about=account.id, details=details)


def make(context: MakeServiceAccount, services: Services) -> MakeServiceAccount:
    """The same form again finds what it made, where it says the same."""
    if not services.service_accounts.make(context.made, context.now, context.required_record):
        known = services.people.get_profile(context.made.id)
        if known is None or known.person != context.made or known.closing_at:
            raise Conflict(reason="submission_reused")
    return context


MAKE_SERVICE_ACCOUNT: Workflow[MakeServiceAccount] = Workflow(
    "make_service_account",
    Action.SERVICE_ACCOUNT_MADE,
    {
        Stage.VALIDATE: (check_form,),
        Stage.IDENTIFY: (draft_account,),
        Stage.PROCESS: (make,),
    },
    needs=Privilege.ADMINISTER,
)
