"""What administrators do with someone: their roles and quota, disabling and enabling, passwords, the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid
from portal.domain.people.administrators import Leaving
from portal.domain.people.directory import AccountStatus, NoDirectory, NotPossible
from portal.domain.people.permissions import GIVEN_BY_ADMINS, Privilege
from portal.domain.people.person import Person, Role
from portal.domain.people.service_accounts import check_roles
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Step, Workflow
from portal.workflows.contacts.leaving_groups import iterate_leaving
from portal.workflows.people.account import remove_account_piece
from portal.workflows.people.administrators import find_leaving
from portal.workflows.people.finding import Found, find_person

MOST_BYTES = 10**18


class NotYourself(Conflict):
    reason = "own_account"
    message = N_("You cannot do this with your own account. Another administrator can.")


@dataclass(frozen=True, kw_only=True)
class ManagePerson(Context):
    """who: an id of ours, or a subject of the directory. roles: what they are to be; confirmation: their
    address, typed; max_bytes, max_files: their own limits, None for those of everyone.
    """

    who: str
    roles: frozenset[Role] = frozenset()
    confirmation: str = ""
    max_bytes: int | None = None
    max_files: int | None = None
    found: Found | None = None
    leaving: Leaving | None = None

    @property
    def target(self) -> Found:
        if self.found is None:
            raise RuntimeError("the person is found first")
        return self.found

    @property
    def is_own(self) -> bool:
        return self.target.person.id == self.me.id


def find(context: ManagePerson, services: Services) -> ManagePerson:
    found = find_person(context.who, context.now, services)
    return replace(context, found=found, about=found.person.id, details={"to": name(found.person)})


def name(person: Person) -> str:
    return f"{person.name} ({person.address})" if person.address else person.name


def require_directory(context: ManagePerson, services: Services) -> ManagePerson:
    if context.target.user is None:
        raise NoDirectory()
    return context


def require_place_for_roles(context: ManagePerson, services: Services) -> ManagePerson:
    """The directory keeps those of people, we keep those of service accounts."""
    if context.target.person.is_service:
        return replace(context, roles=check_roles(context.roles))
    return require_directory(context, services)


def require_other(context: ManagePerson, services: Services) -> ManagePerson:
    if context.is_own:
        raise NotYourself()
    return context


def require_address(context: ManagePerson, services: Services) -> ManagePerson:
    person = context.target.person
    wanted = person.address or person.name
    if context.confirmation.strip().casefold() != wanted.casefold():
        raise Invalid(
            N_("Type %(wanted)s, exactly as shown above, to delete this account."),
            field="confirmation", reason="not_confirmed", params={"wanted": wanted},
        )  # fmt: skip
    return context


def draft_leaving(context: ManagePerson, services: Services) -> ManagePerson:
    """Where an administrator is to be none any more: the administrators that are left."""
    leaving = find_leaving(context.target.person, context.target.roles, context.me, services)
    return replace(context, leaving=leaving)


def disable(context: ManagePerson, services: Services) -> ManagePerson:
    """Ours first, which is what counts; should the directory not answer, pressing again goes on."""
    person, record = context.target.person, context.required_record
    if not services.people_administration.disable(person.id, context.now, record, context.leaving):
        services.audit.write(record)
    services.people.end_sessions(person, context.now)
    if user := context.target.user:
        services.directory.disable(user.subject)
    return context


def enable(context: ManagePerson, services: Services) -> ManagePerson:
    """The directory first: killed in between, they are not let in yet."""
    if user := context.target.user:
        services.directory.enable(user.subject)
    person = replace(context.target.person, roles=context.target.roles)
    if not services.people_administration.enable(person, context.required_record):
        services.audit.write(context.required_record)
    return context


def sign_out(context: ManagePerson, services: Services) -> ManagePerson:
    services.people.end_sessions(context.target.person, context.now)
    return context


def draft_roles(context: ManagePerson, services: Services) -> ManagePerson:
    """Before and after, for the record; nobody is left without an administrator."""
    before = context.target.roles
    after = context.roles | {Role.STAFF} | (before - GIVEN_BY_ADMINS)
    context = replace(
        context, roles=after,
        details={**context.details, "before": list_names(before), "after": list_names(after)},
    )  # fmt: skip
    return context if Role.ADMIN in after else draft_leaving(context, services)


def list_names(roles: frozenset[Role]) -> str:
    return " ".join(role for role in Role if role in roles)


def change_roles(context: ManagePerson, services: Services) -> ManagePerson:
    """What was given out before ends with the write, so that the next sign-in says what they are by now."""
    person, before, after = context.target.person, context.target.roles, context.roles
    if before == after:
        return context
    record, administration = context.required_record, services.people_administration
    if not administration.set_roles(person.id, after, context.now, record, context.leaving):
        services.audit.write(record)
    if context.target.user:
        groups: Mapping[Role, str] = services.directory.groups
        services.directory.change_groups(
            context.target.user.subject,
            frozenset(groups[role] for role in after - before - {Role.STAFF}),
            frozenset(groups[role] for role in before - after - {Role.STAFF}),
        )
    services.people.end_sessions(person, context.now)
    return context


def invite_again(context: ManagePerson, services: Services) -> ManagePerson:
    user = context.target.user
    if user is None or user.status is not AccountStatus.INVITED:
        raise NotPossible()
    services.directory.invite_again(user.subject)
    return context


def reset_password(context: ManagePerson, services: Services) -> ManagePerson:
    if user := context.target.user:
        services.directory.reset_password(user.subject)
    return context


def reset_second_factor(context: ManagePerson, services: Services) -> ManagePerson:
    """And every session ends: one of them may be who has the lost phone, and each kept that there was one."""
    if user := context.target.user:
        services.directory.reset_second_factor(user.subject)
        services.directory_answers.pop(user.subject, None)
        services.people.end_sessions(context.target.person, context.now)
    return context


def close(context: ManagePerson, services: Services) -> ManagePerson:
    """As someone's own closing of their account, from the mark on; who never signed in has nothing here."""
    if context.target.profile:
        services.people.close(context.target.person, context.now, context.required_record, context.leaving)
    else:
        services.audit.write(context.required_record)
        if user := context.target.user:
            services.directory.delete(user.subject)
    return context


def begin_removal(context: ManagePerson, services: Services) -> ManagePerson:
    if context.target.profile:
        remove_account_piece(context.target.person, context.now, services)
        return context
    left = replace(context.required_record, action=Action.ADDRESS_TAKEN_OUT)
    for leave_group in iterate_leaving(context.target.person, left, services):
        leave_group()
    return context


def check_quota(context: ManagePerson, services: Services) -> ManagePerson:
    for field, most in (("max_bytes", context.max_bytes), ("max_files", context.max_files)):
        if most is not None and not 0 <= most <= MOST_BYTES:
            raise Invalid(N_("Enter a number from 0, or nothing."), field=field, reason="quota")
    return context


def describe_quota(context: ManagePerson, services: Services) -> ManagePerson:
    limits = {"max_bytes": context.max_bytes, "max_files": context.max_files}
    said = {limit: str(most) for limit, most in limits.items() if most is not None}
    return replace(context, details={**context.details, **said})


def set_quota(context: ManagePerson, services: Services) -> ManagePerson:
    services.people_administration.set_quota(
        context.target.person.id, context.max_bytes, context.max_files, context.required_record
    )
    return context


def make_workflow(
    name: str, action: Action, process: Step[ManagePerson], *authorize: Step[ManagePerson],
    audit: Audit = Audit.WITH_CHANGE, notify: tuple[Step[ManagePerson], ...] = (),
    validate: tuple[Step[ManagePerson], ...] = (),
) -> Workflow[ManagePerson]:  # fmt: skip
    return Workflow(
        name,
        action,
        {
            Stage.VALIDATE: validate,
            Stage.IDENTIFY: (find,),
            Stage.AUTHORIZE: authorize,
            Stage.PROCESS: (process,),
            Stage.NOTIFY: notify,
        },
        audit,
        needs=Privilege.ADMINISTER,
    )


OUTSIDE = Audit.BEFORE_CHANGE  # what changes is not in the table
DISABLE = make_workflow("disable_person", Action.PERSON_DISABLED, disable, require_other, draft_leaving)
ENABLE = make_workflow("enable_person", Action.PERSON_ENABLED, enable)
SIGN_OUT = make_workflow("sign_out_person", Action.PERSON_SIGNED_OUT, sign_out, audit=OUTSIDE)
CHANGE_ROLES = make_workflow(
    "change_roles", Action.ROLES_CHANGED, change_roles, require_place_for_roles, draft_roles
)
INVITE_AGAIN = make_workflow(
    "invite_again", Action.INVITED_AGAIN, invite_again, require_directory, audit=OUTSIDE
)
RESET_PASSWORD = make_workflow(
    "reset_password", Action.PASSWORD_RESET, reset_password, require_directory, audit=OUTSIDE
)
RESET_SECOND_FACTOR = make_workflow(
    "reset_second_factor", Action.SECOND_FACTOR_RESET, reset_second_factor, require_directory, audit=OUTSIDE
)
SET_QUOTA = make_workflow("set_quota", Action.QUOTA_SET, set_quota, describe_quota, validate=(check_quota,))
DELETE_PERSON = make_workflow(
    "delete_person", Action.PERSON_DELETED, close, require_address, require_other, draft_leaving,
    notify=(begin_removal,),
)  # fmt: skip
