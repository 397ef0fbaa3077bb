"""People as administrators see and manage them: the same as on their pages, by the same workflows."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.people.permissions import GIVEN_BY_ADMINS
from portal.domain.people.person import Role
from portal.engine.workflow import Workflow, run
from portal.queries.admin.people import get_person, list_people
from portal.web.api.fields import Asked, Flag, Moment, Text, Told, Whole, between, length, list_of, one_of
from portal.web.api.operations import Answer, operation
from portal.web.current import now, services
from portal.web.identity.access import staff_request
from portal.workflows.people import managing
from portal.workflows.people.finding import Found
from portal.workflows.people.inviting import INVITE, Invite
from portal.workflows.people.managing import MOST_BYTES, ManagePerson

GIVEN = tuple(str(role) for role in Role if role in GIVEN_BY_ADMINS)


class PersonTold(Told):
    person_id = Text(attribute="address_key", required=True, metadata={"description": "for further calls"})
    user_id = Text(attribute="person.subject", required=True)
    name = Text(attribute="person.name", required=True)
    address = Text(attribute="person.address", required=True)
    roles = fields.Function(
        lambda found: [str(role) for role in Role if role in found.roles], required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )  # fmt: skip
    groups = fields.Function(
        lambda found: sorted(found.groups), required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )  # fmt: skip
    is_disabled = Flag(required=True)
    status = fields.Function(
        lambda found: str(found.user.status) if found.user else None, required=True,
        metadata={"type": ["string", "null"], "description": "in the directory; null where it is not ours"},
    )  # fmt: skip
    has_second_factor = Flag(
        attribute="user.has_second_factor", dump_default=None, allow_none=True,
        metadata={"description": "null where nobody asked; said of one person alone"},
    )  # fmt: skip
    last_seen_at = Moment(attribute="profile.seen_at", dump_default=None, allow_none=True)
    files = Whole(attribute="standing.usage.files", required=True)
    bytes = Whole(attribute="standing.usage.bytes", required=True)
    max_files = Whole(attribute="standing.usage.max_files", allow_none=True, required=True)
    max_bytes = Whole(attribute="standing.usage.max_bytes", allow_none=True, required=True)
    mails_today = Whole(attribute="standing.mails_today", required=True)


class PeopleTold(Told):
    people = fields.List(fields.Nested(PersonTold), required=True)
    next = Text(allow_none=True, required=True)


class PeopleAsked(Asked):
    q = Text(validate=length(1, 200), metadata={"description": "how a name or an address begins"})
    sort = Text(validate=one_of("seen"), metadata={"description": "who signed in last comes first"})
    cursor = Text(validate=length(1, 2000))


class InviteAsked(Asked):
    address = Text(required=True, validate=length(1, 320))
    name = Text(validate=length(0, 200), load_default="")


class InvitedTold(Told):
    address = Text(required=True)


class RolesAsked(Asked):
    roles = list_of(Text(validate=one_of(*GIVEN)), len(GIVEN), required=True)


class QuotaAsked(Asked):
    """null: the limits of everyone count."""

    max_bytes = Whole(required=True, allow_none=True, validate=between(0, MOST_BYTES))
    max_files = Whole(required=True, allow_none=True, validate=between(0, MOST_BYTES))


class DeleteAsked(Asked):
    confirmation = Text(required=True, metadata={"description": "their email address, exactly"})


@operation("List people, or find some", query=PeopleAsked, answer=PeopleTold)
def list_everyone(query: dict[str, Any]) -> Answer:
    found = list_people(
        now(), services(), query.get("q", ""), query.get("sort", ""), query.get("cursor")
    ).people
    return Answer({"people": found.items, "next": found.next}, next=found.next)


@operation("Invite someone", body=InviteAsked, answer=InvitedTold, status=201)
def invite(body: dict[str, Any]) -> Invite:
    return run(INVITE, Invite(staff_request(), address=body["address"], name=body["name"]), services())


def find(person_id: str) -> Found:
    return get_person(person_id, now(), services()).found


def manage(workflow: Workflow[ManagePerson], context: ManagePerson) -> Found:
    run(workflow, context, services())
    return find(context.who)


def press(workflow: Workflow[ManagePerson], person_id: str) -> Found:
    return manage(workflow, ManagePerson(staff_request(), who=person_id))


@operation("Read what someone has and may", answer=PersonTold)
def show(person_id: str) -> Found:
    return find(person_id)


@operation("Close someone's account and remove what they have", body=DeleteAsked, status=204)
def delete(person_id: str, body: dict[str, Any]) -> None:
    context = ManagePerson(staff_request(), who=person_id, confirmation=body["confirmation"])
    run(managing.DELETE_PERSON, context, services())


@operation("Give someone roles, in place of those they have", body=RolesAsked, answer=PersonTold)
def change_roles(person_id: str, body: dict[str, Any]) -> Found:
    roles = frozenset(map(Role, body["roles"]))
    return manage(managing.CHANGE_ROLES, ManagePerson(staff_request(), who=person_id, roles=roles))


@operation("Give someone limits of their own", body=QuotaAsked, answer=PersonTold)
def set_quota(person_id: str, body: dict[str, Any]) -> Found:
    context = ManagePerson(
        staff_request(), who=person_id, max_bytes=body["max_bytes"], max_files=body["max_files"]
    )
    return manage(managing.SET_QUOTA, context)


@operation("Disable an account: its sessions, tokens and uploads end", answer=PersonTold)
def disable(person_id: str) -> Found:
    return press(managing.DISABLE, person_id)


@operation("Enable an account again", answer=PersonTold)
def enable(person_id: str) -> Found:
    return press(managing.ENABLE, person_id)


@operation("Sign someone out everywhere", answer=PersonTold)
def sign_out(person_id: str) -> Found:
    return press(managing.SIGN_OUT, person_id)


@operation("Send the invitation again to someone who has not signed in yet", answer=PersonTold)
def invite_again(person_id: str) -> Found:
    return press(managing.INVITE_AGAIN, person_id)


@operation("Have someone choose a new password", answer=PersonTold)
def reset_password(person_id: str) -> Found:
    return press(managing.RESET_PASSWORD, person_id)


@operation("Remove someone's second factor, and sign them out everywhere", answer=PersonTold)
def reset_second_factor(person_id: str) -> Found:
    return press(managing.RESET_SECOND_FACTOR, person_id)
