"""Setting policies, for all or for one group, and going back to an earlier version of all of them.

What is shared and uploaded already keeps the terms that it was made under; what someone does from now on, and
every email that is sent from now on, follows the new ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never

from portal.domain.audit.record import Action
from portal.domain.contacts.recipient_rules import parse_rule
from portal.domain.errors import N_, Conflict, Invalid, NotFound, Refusal, Several
from portal.domain.mail.email_message import single_line
from portal.domain.people.permissions import require_admin
from portal.domain.policy.policies import (
    FOR_ALL,
    NO_POLICY,
    Difference,
    Policy,
    Rules,
    SavePolicyResult,
    Setting,
    list_differences,
)
from portal.domain.policy.policy_checks import MAX_GROUP_CHARACTERS, check_policy
from portal.domain.policy.policy_fields import FIELDS, Kind, PolicyField, Value
from portal.domain.policy.policy_input import parse_kinds, parse_number, parse_size
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow

NO_FACTORS_HERE = N_(
    "Your organisation's own sign-in service decides about second factors. Require them there."
)
ADD_YOURS_FIRST = N_(
    "Set up an authenticator app for your own account first. Otherwise you could lock yourself out."
)
RECORDED_CHARACTERS = 20_000  # of what was before and after, in the audit record; the history has all of it


class PoliciesChangedMeanwhile(Conflict):
    """Another administrator's change came between; the page shows both (R63)."""

    reason = "changed_meanwhile"
    message = N_(
        "Someone else changed the policies while you had this open. Nothing you typed is lost: compare both"
        " below, then save yours or take theirs."
    )


@dataclass(frozen=True)
class Typed:
    """A field as typed. text: of a switch, `yes` or `no`."""

    text: str
    locked: bool = False


@dataclass(frozen=True, kw_only=True)
class OnPolicies(Context):
    """version: of the policies as whoever asks has seen them. before, after: as they are, and shall be.
    again: they are so already.
    """

    version: int
    about: str = "policies"
    before: Policy = NO_POLICY
    after: Policy = NO_POLICY

    @property
    def again(self) -> bool:
        return not any(list_differences(self.before, self.after))


@dataclass(frozen=True, kw_only=True)
class ChangePolicy(OnPolicies):
    """What one scope shall set: FOR_ALL, or the name of a group. typed: by field; one that is not there is
    left to the next layer. rules: what was read of it.
    """

    scope: str
    typed: Mapping[str, Typed]
    rules: Rules = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RestorePolicy(OnPolicies):
    """wanted: the version to go back to."""

    wanted: int


def parse_scope(context: ChangePolicy, services: Services) -> ChangePolicy:
    """A group's name as the provider writes it: letters of another case are another group's."""
    if context.scope != FOR_ALL and (
        single_line(context.scope) != context.scope or len(context.scope) > MAX_GROUP_CHARACTERS
    ):
        raise Invalid(
            N_("Enter the name of a group exactly as the identity provider has it."),
            field="group", reason="policy_group",
        )  # fmt: skip
    return context


def parse_rules(context: ChangePolicy, services: Services) -> ChangePolicy:
    """Everything that is wrong with the input at once."""
    rules, problems = dict[str, Setting](), list[Refusal]()
    for each in FIELDS:
        if each.name in context.typed:
            typed = context.typed[each.name]
            try:
                rules[each.name] = Setting(parse_value(each, typed.text), typed.locked)
            except Invalid as refusal:
                problems.append(refusal)
    if problems:
        raise problems[0] if len(problems) == 1 else Several(problems)
    return replace(context, rules=rules)


def parse_value(kind: PolicyField, text: str) -> Value:
    match kind.kind:
        case Kind.DAYS | Kind.NUMBER:
            return parse_number(kind, text)
        case Kind.BYTES:
            return parse_size(kind, text)
        case Kind.SWITCH:
            return text == "yes"
        case Kind.RECIPIENTS:
            return parse_rule(kind, text)
        case Kind.FILE_KINDS:
            return parse_kinds(kind, text)
    assert_never(kind.kind)


def draft_change(context: ChangePolicy, services: Services) -> ChangePolicy:
    before = services.policies.read()
    return draft(context, before, before.with_rules(context.scope, context.rules))


def draft_restoring(context: RestorePolicy, services: Services) -> RestorePolicy:
    """Version 0 is that nothing is set."""
    before = services.policies.read()
    wanted = services.policies.get_version(context.wanted) if context.wanted else NO_POLICY
    if wanted is None:
        raise NotFound()
    context = draft(context, before, replace(wanted, restored=context.wanted))
    return replace(context, details={**context.details, "restored": str(context.wanted)})


C = TypeVar("C", bound=OnPolicies)


def draft(context: C, before: Policy, after: Policy) -> C:
    after = replace(
        after, version=before.version + 1, changed_at=context.now, changed_by=context.me.name,
        restored=after.restored if isinstance(context, RestorePolicy) else 0,
    )  # fmt: skip
    return replace(context, before=before, after=after, details=describe_change(before, after))


def describe_change(before: Policy, after: Policy) -> dict[str, str]:
    """For the record: what of it became what, as JSON by scope and field; what is not set is null."""
    found = list(list_differences(before, after))
    return {
        "version": str(after.version),
        "before": write_settings(found, "before"),
        "after": write_settings(found, "after"),
    }


def write_settings(found: list[Difference], side: str) -> str:
    said: dict[str, dict[str, object]] = {}
    for each in found:
        setting: Setting | None = getattr(each, side)
        shown = {"value": setting.value, "locked": setting.locked} if setting else None
        said.setdefault(each.scope or "all", {})[each.name] = shown
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)[:RECORDED_CHARACTERS]


def require_administrator(context: C, services: Services) -> C:
    require_admin(context.me)
    return context


def require_unchanged(context: C, services: Services) -> C:
    """Of two changes at once the second is told; the same change sent twice is one (I7)."""
    if context.before.version != context.version and not context.again:
        raise PoliciesChangedMeanwhile()
    return context


def check_consistency(context: C, services: Services) -> C:
    """Also of an earlier version: the environment may have changed since it was in force."""
    check_policy(services.environment_limits, context.after)
    return context


def require_own_second_factor(context: C, services: Services) -> C:
    """Who requires one has one, which shows that it can be added here, and lets them in to take it back."""
    before, after = list_requiring(context.before), list_requiring(context.after)
    if after <= before:
        return context
    if not services.directory.is_there:
        raise Invalid(NO_FACTORS_HERE, field="second_factor_required", reason="no_directory")
    if not services.directory.has_second_factor(context.me.subject):
        raise Invalid(ADD_YOURS_FIRST, field="second_factor_required", reason="no_second_factor")
    return context


def list_requiring(policy: Policy) -> frozenset[str]:
    """The scopes that require a second factor."""
    name = "second_factor_required"
    return frozenset(
        scope for scope, rules in policy.scopes.items() if (found := rules.get(name)) and found.value
    )


def save(context: C, services: Services) -> C:
    if context.again:
        return context
    result = services.policies.save(context.before, context.after, context.required_record)
    match result:
        case SavePolicyResult.SAVED:
            return context
        case SavePolicyResult.CHANGED_MEANWHILE:
            raise PoliciesChangedMeanwhile()
    assert_never(result)


CHANGE_POLICY: Workflow[ChangePolicy] = Workflow(
    "change_policy",
    Action.POLICY_CHANGED,
    {
        Stage.VALIDATE: (parse_scope, parse_rules),
        Stage.IDENTIFY: (draft_change,),
        Stage.AUTHORIZE: (
            require_administrator,
            require_unchanged,
            check_consistency,
            require_own_second_factor,
        ),
        Stage.PROCESS: (save,),
    },
)
RESTORE_POLICY: Workflow[RestorePolicy] = Workflow(
    "restore_policy",
    Action.POLICY_RESTORED,
    {
        Stage.IDENTIFY: (draft_restoring,),
        Stage.AUTHORIZE: (
            require_administrator,
            require_unchanged,
            check_consistency,
            require_own_second_factor,
        ),
        Stage.PROCESS: (save,),
    },
)
