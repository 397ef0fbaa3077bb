"""Who the program speaks for."""

from __future__ import annotations

from marshmallow import fields

from portal.domain.people.permissions import Privilege, has_privilege
from portal.domain.people.person import Scope
from portal.web.api.fields import Text, Told
from portal.web.api.operations import operation
from portal.web.identity.access import current_principal


class MeTold(Told):
    user_id = Text(required=True)
    name = Text(required=True)
    address = Text(required=True)
    may = fields.List(fields.String(), required=True, metadata={"description": "by this token, just now"})
    scopes = fields.List(fields.String(), required=True)
    signed_in_by = Text(required=True)


@operation("Who you are, and what you may by this token", answer=MeTold)
def show() -> dict[str, object]:
    principal = current_principal()
    person = principal.person
    if person is None:
        raise RuntimeError("an upload's key opens no route of this kind")
    return {
        "user_id": person.subject, "name": person.name, "address": person.address,
        "may": sorted(each for each in Privilege if has_privilege(person, each)),
        "scopes": sorted(each for each in Scope if person.has_scope(each)),
        "signed_in_by": str(principal.credential),
    }  # fmt: skip
