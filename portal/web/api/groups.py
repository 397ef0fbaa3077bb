"""One's groups of people to share with."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.contacts.recipient_groups import Group
from portal.engine.workflow import run
from portal.queries import contacts
from portal.web.api.fields import MAX_ADDRESSES, Asked, Moment, Text, Told, Whole, length, list_of
from portal.web.api.operations import operation, require_match
from portal.web.current import services
from portal.web.identity.access import current_person, staff_request
from portal.workflows.contacts.recipient_groups import (
    CHANGE_GROUP,
    DELETE_GROUP,
    MAKE_GROUP,
    OnGroup,
    SaveGroup,
)


class GroupTold(Told):
    group_id = Text(attribute="id", required=True)
    name = Text(required=True)
    addresses = fields.List(Text(), required=True)
    changed_at = Moment(required=True)
    version = Whole(required=True)


class GroupsTold(Told):
    groups = fields.List(fields.Nested(GroupTold), required=True)


class GroupAsked(Asked):
    name = Text(required=True, validate=length(1, 200))
    addresses = list_of(Text(validate=length(1, 320)), MAX_ADDRESSES, 1, required=True)


@operation("List your groups", answer=GroupsTold)
def list_own() -> dict[str, Any]:
    return {"groups": contacts.list_groups(current_person(), services())}


@operation("Make a group", body=GroupAsked, answer=GroupTold, status=201, has_etag=True, creates=True)
def create(body: dict[str, Any]) -> Group:
    """The same name with the same addresses again is the group that is there."""
    context = SaveGroup(staff_request(), name=body["name"], recipients_text="\n".join(body["addresses"]))
    return run(MAKE_GROUP, context, services()).required_result


def find_group(group_id: str) -> Group:
    return contacts.get_group(current_person(), group_id, services())


@operation("Read a group", answer=GroupTold, has_etag=True)
def show(group_id: str) -> Group:
    return find_group(group_id)


@operation("Change a group", body=GroupAsked, answer=GroupTold, has_etag=True, matches=True)
def change(group_id: str, body: dict[str, Any]) -> Group:
    before = find_group(group_id)
    require_match(GroupTold, before)
    context = SaveGroup(
        staff_request(), name=body["name"], recipients_text="\n".join(body["addresses"]), group_id=group_id,
        version=before.version,
    )  # fmt: skip
    run(CHANGE_GROUP, context, services())
    return find_group(group_id)


@operation("Delete a group; what was shared stays as it is", status=204, matches=True)
def delete(group_id: str) -> None:
    seen = find_group(group_id)
    require_match(GroupTold, seen)
    run(DELETE_GROUP, OnGroup(staff_request(), group_id=group_id, version=seen.version), services())
