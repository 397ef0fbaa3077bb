"""One's own access tokens: listed, and revoked. A program makes none: that takes a person in a browser."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.people.access_tokens import AccessToken
from portal.engine.workflow import run
from portal.queries.people import list_access_tokens
from portal.web.api.fields import Flag, Moment, Text, Told
from portal.web.api.operations import operation
from portal.web.current import services
from portal.web.identity.access import current_person, current_principal, staff_request
from portal.workflows.people.access_tokens import REVOKE_TOKEN, RevokeToken


class TokenTold(Told):
    token_id = Text(attribute="id", required=True)
    name = Text(required=True)
    scopes = fields.Function(
        lambda token: sorted(token["scopes"]), required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )  # fmt: skip
    created_at = Moment(required=True)
    expires_at = Moment(required=True)
    used_at = Moment(allow_none=True, metadata={"description": "when it was last used, to the hour"})
    is_current = Flag(required=True, metadata={"description": "whether this call shows it"})


class TokensTold(Told):
    tokens = fields.List(fields.Nested(TokenTold), required=True)


@operation("List your access tokens", answer=TokensTold)
def list_own() -> dict[str, Any]:
    return {"tokens": [describe(each) for each in list_access_tokens(current_person(), services())]}


def describe(token: AccessToken) -> dict[str, Any]:
    told = {name: getattr(token, name) for name in ("id", "name", "created_at", "expires_at", "used_at")}
    return {**told, "scopes": token.scopes, "is_current": token.id == current_principal().token_id}


@operation("Revoke the access token that this call shows", status=204)
def revoke_current() -> None:
    """A program that signs out. Whoever shows no access token has none to revoke."""
    run_revocation(current_principal().token_id)


@operation("Revoke one of your access tokens", status=204)
def revoke(token_id: str) -> None:
    run_revocation(token_id)


def run_revocation(token_id: str) -> None:
    run(REVOKE_TOKEN, RevokeToken(staff_request(), token_id=token_id), services())
