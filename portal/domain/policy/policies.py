"""Policies: what administrators set on top of the environment, and what of it counts for one person.

For each field by itself:

1. The environment's value counts, unless a policy sets another.
2. A value for all counts instead of it, and a value of one of the person's groups instead of that one.
3. Someone in several groups that set it gets the strictest of their values, whatever the groups' order.
4. A locked value is a bound: no group goes beyond it, nor do people in what they choose themselves.

So a group can be given more than all have, but never more than a lock for all leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce

from portal.domain.policy.limits import Limits
from portal.domain.policy.policy_fields import FIELDS, PolicyField, Value

FOR_ALL = ""  # the scope that is no group


@dataclass(frozen=True)
class Setting:
    """A value, and whether it is a bound. value None: no limit, or anything."""

    value: Value = None
    locked: bool = False


Rules = Mapping[str, Setting]


@dataclass(frozen=True)
class Policy:
    """All that is set, by the names of fields in `Limits`. version: 0 where nothing was ever set. restored:
    the version that this one went back to; 0 for none.
    """

    version: int = 0
    for_all: Rules = field(default_factory=dict)
    groups: Mapping[str, Rules] = field(default_factory=dict)
    changed_at: datetime | None = None
    changed_by: str = ""
    restored: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.for_all and not self.groups

    @property
    def scopes(self) -> dict[str, Rules]:
        return {FOR_ALL: self.for_all, **{name: self.groups[name] for name in sorted(self.groups)}}

    def with_rules(self, scope: str, rules: Rules) -> Policy:
        """The same with other rules in one scope; a group without any is left out."""
        if scope == FOR_ALL:
            return replace(self, for_all=dict(rules))
        others = {name: each for name, each in self.groups.items() if name != scope}
        return replace(self, groups=others | ({scope: dict(rules)} if rules else {}))


NO_POLICY = Policy()


class SavePolicyResult(StrEnum):
    SAVED = "saved"
    CHANGED_MEANWHILE = "changed_meanwhile"


class Source(StrEnum):
    """Where a value comes from."""

    ENVIRONMENT = "environment"
    ALL = "all"
    GROUP = "group"


@dataclass(frozen=True)
class Resolved:
    """What counts for one field. bound: what nobody goes beyond, once is_bound. groups: those whose values
    were looked at.
    """

    value: Value
    source: Source = Source.ENVIRONMENT
    is_bound: bool = False
    bound: Value = None
    groups: tuple[str, ...] = ()


def resolve_field(kind: PolicyField, environment: Limits, policy: Policy, groups: Iterable[str]) -> Resolved:
    for_all = policy.for_all.get(kind.name)
    mine = sorted(each for each in set(groups) if kind.name in policy.groups.get(each, {}))
    of_groups = [policy.groups[each][kind.name] for each in mine]
    counting = of_groups or ([for_all] if for_all else [])
    if not counting:
        return Resolved(getattr(environment, kind.name))
    locks = [each.value for each in (for_all, *of_groups) if each and each.locked]
    value = reduce(kind.choose_stricter, (each.value for each in counting))
    bound = reduce(kind.choose_stricter, locks) if locks else None
    if locks:
        value = kind.choose_stricter(value, bound)
    source = Source.GROUP if of_groups else Source.ALL
    return Resolved(value, source, bool(locks), bound, tuple(mine))


def resolve_all(environment: Limits, policy: Policy, groups: Iterable[str]) -> dict[str, Resolved]:
    mine = tuple(groups)
    return {each.name: resolve_field(each, environment, policy, mine) for each in FIELDS}


def resolve(environment: Limits, policy: Policy, groups: Iterable[str]) -> Limits:
    """The limits of someone in these groups of the identity provider."""
    if policy.is_empty:
        return environment
    found = resolve_all(environment, policy, groups)
    limits = replace(environment, **{name: each.value for name, each in found.items()})  # type: ignore[arg-type]
    return fit(replace(limits, **limit_choices(found)))  # type: ignore[arg-type]


def limit_choices(found: Mapping[str, Resolved]) -> dict[str, Value]:
    """What a lock makes of a choice that people have: of a default the most, of a switch a duty."""
    bounds: dict[str, Value] = {}
    for default, most in (("default_share_days", "max_share_days"), ("file_days", "max_file_days"),
                          ("default_download_limit", "max_download_limit")):  # fmt: skip
        bound, limit = found[default].bound, found[most].value
        if isinstance(bound, int) and isinstance(limit, int):
            bounds[most] = min(bound, limit)
    if "max_download_limit" in bounds:
        bounds["download_limit_required"] = True
    bounds["code_required"] = found["confirm_by_code"].bound is True
    bounds["previews_allowed"] = found["previews"].bound is not False
    return bounds


def fit(limits: Limits) -> Limits:
    """No default beyond the most, and no share that outlives its files."""
    share_days = min(limits.max_share_days, limits.max_file_days)
    times = limits.default_download_limit
    if limits.download_limit_required:
        times = times or limits.max_download_limit
    return replace(
        limits,
        max_share_days=share_days,
        default_share_days=min(limits.default_share_days, share_days),
        file_days=min(limits.file_days, limits.max_file_days),
        default_download_limit=min(times, limits.max_download_limit) if times else None,
    )


@dataclass(frozen=True)
class Difference:
    """What one scope sets of one field in two versions; None: it does not set it."""

    scope: str
    name: str
    before: Setting | None
    after: Setting | None


def list_differences(before: Policy, after: Policy) -> Iterator[Difference]:
    """In the order of scopes, then of fields."""
    for scope in sorted({*before.scopes, *after.scopes}):
        old, new = before.scopes.get(scope, {}), after.scopes.get(scope, {})
        for each in FIELDS:
            if old.get(each.name) != new.get(each.name):
                yield Difference(scope, each.name, old.get(each.name), new.get(each.name))
