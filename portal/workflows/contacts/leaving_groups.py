"""Taking an address out of every group of the organisation: an administrator does, or an account ends.

One's own groups stay as they are: nobody else may look into them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.contacts import mailboxes
from portal.domain.contacts.recipient_groups import ORGANISATION, Group, SaveGroupResult
from portal.domain.errors import N_, Invalid, Unavailable
from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Person
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow, draft_record

MAX_ATTEMPTS = 5  # at a group that others change in the same moment


@dataclass(frozen=True, kw_only=True)
class TakeOut(Context):
    """address: as typed, then as it is compared. groups: those that have it."""

    address: str
    groups: tuple[Group, ...] = ()


def parse_address(context: TakeOut, services: Services) -> TakeOut:
    found = mailboxes.normalize(context.address.strip())
    if found is None:
        raise Invalid(N_("Enter one email address."), field="address", reason="bad_address")
    return replace(context, address=found, details={"to": found})


def find_groups(context: TakeOut, services: Services) -> TakeOut:
    found = tuple(each for each in list_groups(services) if each.has_address(context.address))
    if not found:
        raise Invalid(
            N_("%(address)s is in no group of the organisation."),
            field="address", reason="in_no_group", params={"address": context.address},
        )  # fmt: skip
    return replace(context, groups=found)


def list_groups(services: Services) -> list[Group]:
    return services.groups.list_of(ORGANISATION)


def take_out_of_all(context: TakeOut, services: Services) -> TakeOut:
    """Group by group, each with its record: whatever stops it, pressing again goes on."""
    record = partial(describe, draft_record(TAKE_OUT_ADDRESS, context))
    for group in context.groups:
        take_out(group, context.address, "", record, services)
    return context


def describe(record: AuditRecord, group: Group) -> AuditRecord:
    """The same record about this group, as it is called by now."""
    return replace(record, about=group.id, details={**record.details, "name": group.name})


def take_out(
    group: Group, address: str, person_id: str, record: Callable[[Group], AuditRecord], services: Services
) -> None:
    """As an address and as a keeper, on condition that the group is as it was read; who changes it in the
    same moment keeps their change. record: of taking it out of a group as it then is.
    """
    now: Group | None = group
    for _ in range(MAX_ATTEMPTS):
        if now is None:
            return
        made = record(now)
        after = now.drop_member(address, person_id)
        if (after.addresses, after.keepers) == (now.addresses, now.keepers):
            return
        after = replace(after, version=now.version + 1, changed_at=made.at, changed_by=made.actor.name)
        if services.groups.change(now, after, made) is SaveGroupResult.SAVED:
            return
        now = services.groups.get(ORGANISATION, group.id)
    raise Unavailable()


def iterate_leaving(person: Person, record: AuditRecord, services: Services) -> Iterator[Callable[[], None]]:
    """What takes someone out of each group that names them, as a keeper or by their address where the
    provider has confirmed it: else someone who chose another's could take that one out.
    """
    address = person.address if person.address_verified else ""
    made = partial(describe, replace(record, details={"to": person.address or person.name}))
    for each in list_groups(services):
        if each.has_address(address) or person.id in each.keepers:
            yield partial(take_out, each, address, person.id, made, services)


TAKE_OUT_ADDRESS: Workflow[TakeOut] = Workflow(
    "take_out_address",
    Action.ADDRESS_TAKEN_OUT,
    {
        Stage.VALIDATE: (parse_address,),
        Stage.IDENTIFY: (find_groups,),
        Stage.PROCESS: (take_out_of_all,),
    },
    Audit.OWN,
    needs=Privilege.ADMINISTER,
)
