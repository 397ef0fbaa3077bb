"""Service accounts and their tokens, for administrators' programs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.people.access_tokens import DEFAULT_DAYS, MAX_DAYS
from portal.domain.people.directory import Profile
from portal.domain.people.person import Role, Scope
from portal.domain.people.service_accounts import OFFERED
from portal.engine.workflow import run
from portal.queries.admin.people import get_service_account
from portal.queries.people import list_access_tokens
from portal.web.api.fields import Asked, Moment, Text, Told, Whole, between, length, list_of, one_of
from portal.web.api.operations import operation, submission_id
from portal.web.current import services
from portal.web.identity.access import staff_request
from portal.workflows.people.access_tokens import (
    MAKE_SERVICE_TOKEN,
    REVOKE_SERVICE_TOKEN,
    MakeToken,
    RevokeToken,
)
from portal.workflows.people.service_accounts import MAKE_SERVICE_ACCOUNT, MakeServiceAccount

ROLES = tuple(map(str, OFFERED))


class ServiceAccountTold(Told):
    """Everything else about it is what there is about a person (`/v1/admin/people/{person_id}`)."""

    person_id = Text(attribute="person.id", required=True)
    name = Text(attribute="person.name", required=True)
    address = Text(attribute="person.address", required=True)
    roles = fields.Function(
        lambda profile: [str(role) for role in Role if role in profile.person.roles], required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )  # fmt: skip
    is_disabled = fields.Function(
        lambda profile: profile.disabled_at is not None, required=True, metadata={"type": "boolean"}
    )


class ServiceAccountsTold(Told):
    accounts = fields.List(fields.Nested(ServiceAccountTold), required=True)


class ServiceAccountAsked(Asked):
    name = Text(required=True, validate=length(1, 200))
    address = Text(required=True, validate=length(1, 320), metadata={"description": "for emails about it"})
    roles = list_of(
        Text(validate=one_of(*ROLES)), len(ROLES), load_default=list,
        metadata={"description": "without any: what is everyday"},
    )  # fmt: skip


class TokenTold(Told):
    token_id = Text(attribute="id", required=True)
    name = Text(required=True)
    scopes = fields.Function(
        lambda token: sorted(map(str, token.scopes)), required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )  # fmt: skip
    created_at = Moment(required=True)
    expires_at = Moment(required=True)
    used_at = Moment(allow_none=True)


class TokensTold(Told):
    tokens = fields.List(fields.Nested(TokenTold), required=True)


class TokenMadeTold(Told):
    token = Text(required=True, metadata={"description": "what a program shows; told this once"})
    about = fields.Nested(TokenTold, required=True)


class TokenAsked(Asked):
    name = Text(required=True, validate=length(1, 60))
    scopes = list_of(Text(validate=one_of(*Scope)), len(Scope), 1, required=True)
    days = Whole(validate=between(1, MAX_DAYS), load_default=DEFAULT_DAYS)


@operation("List the service accounts", answer=ServiceAccountsTold)
def list_all() -> dict[str, Any]:
    return {"accounts": services().service_accounts.list_all()}


@operation("Make a service account", body=ServiceAccountAsked, answer=ServiceAccountTold, status=201,
           creates=True)  # fmt: skip
def make(body: dict[str, Any]) -> Profile:
    context = MakeServiceAccount(
        staff_request(), submission_id=submission_id(), name=body["name"], address=body["address"],
        roles=frozenset(map(Role, body["roles"])),
    )  # fmt: skip
    return Profile(run(MAKE_SERVICE_ACCOUNT, context, services()).made)


@operation("List the tokens of a service account", answer=TokensTold)
def list_tokens(person_id: str) -> dict[str, Any]:
    return {"tokens": list_access_tokens(get_service_account(person_id, services()), services())}


@operation("Make a token for a service account", body=TokenAsked, answer=TokenMadeTold, status=201,
           creates=True)  # fmt: skip
def make_token(person_id: str, body: dict[str, Any]) -> dict[str, Any]:
    context = MakeToken(
        staff_request(), account_id=person_id, submission_id=submission_id(), name=body["name"],
        scopes=body["scopes"], days=body["days"],
    )  # fmt: skip
    token, parts = run(MAKE_SERVICE_TOKEN, context, services()).made
    return {"token": parts.text, "about": token}


@operation("Revoke a token of a service account", status=204)
def revoke_token(person_id: str, token_id: str) -> None:
    context = RevokeToken(staff_request(), account_id=person_id, token_id=token_id)
    run(REVOKE_SERVICE_TOKEN, context, services())
