"""Making, changing and leaving the organisation's recipient groups, below the pages."""

from __future__ import annotations

from typing import Any

from portal.domain.contacts.recipient_groups import ORGANISATION, Group
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.workflows.contacts import leaving_groups
from portal.workflows.contacts import organisation_groups as groups
from tests.actions import make_person, make_request
from tests.builders import Running

IDA = make_person("Ida Admin", admin=True)


def save_organisation_group(
    running: Running, name: str = "Auditors", text: str = "x@example.com, y@example.com",
    keepers_text: str = "", who: Person = IDA,
) -> Group:  # fmt: skip
    context = groups.SaveOrganisationGroup(
        make_request(who, running), name=name, recipients_text=text, keepers_text=keepers_text
    )
    return run(groups.MAKE_ORGANISATION_GROUP, context, running.portal.services).required_result


def change_organisation_group(
    running: Running, group: Group, who: Person = IDA, **asked: Any
) -> groups.SaveOrganisationGroup:
    fields = {"name": group.name, "recipients_text": ", ".join(group.addresses), "version": group.version}
    context = groups.SaveOrganisationGroup(
        make_request(who, running), group_id=group.id, **(fields | asked)
    )  # fmt: skip
    return run(groups.CHANGE_ORGANISATION_GROUP, context, running.portal.services)


def delete_organisation_group(running: Running, group: Group, who: Person = IDA) -> None:
    context = groups.OnOrganisationGroup(make_request(who, running), group_id=group.id)
    run(groups.DELETE_ORGANISATION_GROUP, context, running.portal.services)


def take_out(running: Running, address: str, who: Person = IDA) -> leaving_groups.TakeOut:
    context = leaving_groups.TakeOut(make_request(who, running), address=address)
    return run(leaving_groups.TAKE_OUT_ADDRESS, context, running.portal.services)


def list_organisation_groups(running: Running) -> dict[str, tuple[str, ...]]:
    """Who is in which."""
    return {each.name: each.addresses for each in running.portal.services.groups.list_of(ORGANISATION)}


def get_organisation_group(running: Running, group: Group) -> Group:
    found = running.portal.services.groups.get(ORGANISATION, group.id)
    assert found is not None
    return found
