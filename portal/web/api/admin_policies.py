"""The organisation's policies: read, set for everyone or one group, and taken back to an earlier version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from portal.domain.policy.policies import FOR_ALL, Policy
from portal.domain.policy.policy_checks import MAX_GROUP_CHARACTERS
from portal.domain.policy.policy_fields import FIELDS, MAX_ENTRIES, Kind, PolicyField
from portal.engine.workflow import run
from portal.queries.admin import policies as policy_queries
from portal.web.api.fields import Asked, Flag, Moment, Part, Text, Told, Whole, between, length, list_of
from portal.web.api.operations import Answer, operation, require_match
from portal.web.current import services
from portal.web.identity.access import staff_request
from portal.workflows.policy.policies import (
    CHANGE_POLICY,
    RESTORE_POLICY,
    ChangePolicy,
    RestorePolicy,
    Typed,
)

MOST_VERSIONS = 10**8


def make_value_field(kind: PolicyField) -> fields.Field[Any]:
    """What a field's value is in JSON: a number, true or false, or a list of texts."""
    how: dict[str, Any] = {"required": True, "allow_none": kind.has_none}
    match kind.kind:
        case Kind.SWITCH:
            return Flag(**how)
        case Kind.RECIPIENTS | Kind.FILE_KINDS:
            return list_of(Text(validate=length(1, 320)), MAX_ENTRIES, **how)
        case _:
            return Whole(validate=between(kind.least, kind.most), **how)


def make_rules(base: type[Schema], ending: str) -> type[Schema]:
    """The settings of one scope, by the names of the fields. What is not there is not set."""
    settings: dict[str, Any] = {}
    for kind in FIELDS:
        parts = {"value": make_value_field(kind), "locked": Flag(load_default=False)}
        named = f"{''.join(map(str.title, kind.name.split('_')))}{ending}"
        settings[kind.name] = Part(base.from_dict(parts, name=named))
    return base.from_dict(settings, name=f"Rules{ending}")


RulesAsked, RulesTold = make_rules(Asked, "Asked"), make_rules(Told, "Told")


class PoliciesTold(Told):
    """version: 0 where nothing was ever set."""

    version = Whole(required=True)
    changed_at = Moment(allow_none=True, required=True)
    changed_by = Text(required=True)
    for_all = fields.Nested(RulesTold, required=True)
    groups = fields.Dict(keys=fields.String(), values=fields.Nested(RulesTold), required=True)


class PoliciesAsked(Asked):
    """The rules of one scope, in place of all that it had."""

    group = Text(
        load_default=FOR_ALL, validate=length(0, MAX_GROUP_CHARACTERS),
        metadata={"description": "as the identity provider has it; empty for everyone"},
    )  # fmt: skip
    rules = Part(RulesAsked, required=True)


class VersionsAsked(Asked):
    cursor = Text(validate=length(1, 2000))


class PolicyVersionTold(Told):
    version = Whole(attribute="policy.version", required=True)
    changed_at = Moment(attribute="policy.changed_at", allow_none=True, required=True)
    changed_by = Text(attribute="policy.changed_by", required=True)
    restored = Whole(
        attribute="policy.restored", required=True,
        metadata={"description": "the version that it went back to; 0 for none"},
    )  # fmt: skip
    changes = fields.Method(
        "list_changes", required=True, metadata={"type": "array", "items": {"type": "object"}}
    )

    def list_changes(self, version: policy_queries.Version) -> list[Any]:
        return [
            {"group": each.scope, "field": each.name, "before": tell(each.before), "after": tell(each.after)}
            for each in version.changes
        ]


class PolicyVersionsTold(Told):
    versions = fields.List(fields.Nested(PolicyVersionTold), required=True)
    next = Text(allow_none=True, required=True)


class RestoreAsked(Asked):
    version = Whole(required=True, validate=between(0, MOST_VERSIONS))


def tell(setting: Any) -> dict[str, Any] | None:
    return {"value": setting.value, "locked": setting.locked} if setting else None


@operation("Read the policies that are in force", answer=PoliciesTold, has_etag=True)
def show() -> Policy:
    return services().policies.read()


@operation(
    "Set the policies of everyone or of one group", body=PoliciesAsked, answer=PoliciesTold, has_etag=True,
    matches=True,
)  # fmt: skip
def change(body: dict[str, Any]) -> Policy:
    seen = services().policies.read()
    require_match(PoliciesTold, seen)
    context = ChangePolicy(
        staff_request(), version=seen.version, scope=body["group"], typed=write_rules(body["rules"])
    )
    run(CHANGE_POLICY, context, services())
    return services().policies.read()


def write_rules(rules: Mapping[str, Mapping[str, Any]]) -> dict[str, Typed]:
    """As the form would have it, so that both are read by one parser."""
    return {name: Typed(write_value(each["value"]), each["locked"]) for name, each in rules.items()}


def write_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(value) if isinstance(value, list) else str(value)


@operation("List the versions of the policies, newest first", query=VersionsAsked, answer=PolicyVersionsTold)
def list_versions(query: dict[str, Any]) -> Answer:
    page = policy_queries.list_versions(query.get("cursor"), services())
    return Answer({"versions": page.items, "next": page.next}, next=page.next)


@operation(
    "Go back to an earlier version of the policies", body=RestoreAsked, answer=PoliciesTold, has_etag=True,
    matches=True,
)  # fmt: skip
def restore(body: dict[str, Any]) -> Policy:
    seen = services().policies.read()
    require_match(PoliciesTold, seen)
    context = RestorePolicy(staff_request(), version=seen.version, wanted=body["version"])
    run(RESTORE_POLICY, context, services())
    return services().policies.read()
