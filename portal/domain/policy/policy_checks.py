"""Policies that nobody may set: what contradicts itself, and what would lock everybody out.

No policy but one reaches the pages of administrators, so whoever set one can always set it back; a second
factor is only required by who has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal.domain.errors import N_, Invalid, Refusal, Several
from portal.domain.policy.limits import Limits
from portal.domain.policy.policies import FOR_ALL, Policy, resolve_all
from portal.domain.policy.policy_fields import Value, is_listed

MAX_GROUPS = 50
MAX_GROUP_CHARACTERS = 128  # of a name; Cognito's own limit
MAX_CHARACTERS = 100_000  # of all lists together: each process keeps the policy, and reads it once a minute

# A default, and the most that it may be; where one scope sets the first above the second.
PAIRS = {
    ("default_share_days", "max_share_days"): N_(
        "The default share life of %(value)s days is longer than the longest of %(most)s days."
    ),
    ("file_days", "max_file_days"): N_(
        "The default file life of %(value)s days is longer than the longest of %(most)s days."
    ),
    ("max_share_days", "max_file_days"): N_(
        "A share of %(value)s days would outlive its files, which are kept for %(most)s days at most."
    ),
    ("default_download_limit", "max_download_limit"): N_(
        "The default download limit of %(value)s is above the highest of %(most)s."
    ),
}
NOBODY_LEFT = {
    "allowed_recipients": N_("With these lists nothing could be shared with anyone: allow at least one "
                             "domain or address that is not blocked."),
    "allowed_kinds": N_("With these lists no file could be uploaded: allow at least one kind that is not "
                        "blocked."),
}  # fmt: skip
SCAN_STAYS = N_("The environment requires the malware scan, and no policy can switch it off.")
BLOCKS = {"allowed_recipients": "blocked_recipients", "allowed_kinds": "blocked_kinds"}


class PolicyContradiction(Invalid):
    """scope: the group whose policy does not hold together; FOR_ALL for everyone's."""

    reason = "policy_contradiction"

    def __init__(self, sentence: str, scope: str, field: str, params: Mapping[str, object]) -> None:
        super().__init__(sentence, field=field, params=params)
        self.scope = scope


def check_policy(environment: Limits, policy: Policy) -> None:
    """Raises what is wrong with it, all at once."""
    check_size(policy)
    found = [each for scope in policy.scopes for each in find_contradictions(environment, policy, scope)]
    if len(found) == 1:
        raise found[0]
    if found:
        raise Several(found)


def check_size(policy: Policy) -> None:
    if len(policy.groups) > MAX_GROUPS:
        raise Invalid(
            N_("At most %(most)s groups can have policies of their own."),
            field="group", reason="policy_groups", params={"most": MAX_GROUPS},
        )  # fmt: skip
    lists = [each.value for rules in policy.scopes.values() for each in rules.values()]
    if sum(len(entry) for each in lists if isinstance(each, tuple) for entry in each) > MAX_CHARACTERS:
        raise Invalid(
            N_("All lists together are too long. Name whole domains instead of single addresses."),
            reason="policy_long",
        )


def find_contradictions(environment: Limits, policy: Policy, scope: str) -> Iterator[Refusal]:
    """What does not hold together in what counts for everyone, or for someone in this one group alone.

    Only of what this scope sets itself: what it takes over from elsewhere is fitted (`policies.fit`).
    """
    found = resolve_all(environment, policy, (scope,) if scope != FOR_ALL else ())
    values = {name: each.value for name, each in found.items()}
    rules = policy.scopes[scope]
    if environment.scan_required and "scan_required" in rules and not rules["scan_required"].value:
        # The bucket itself may deny what was not scanned, whatever the portal says.
        yield PolicyContradiction(SCAN_STAYS, scope, "scan_required", {})
    for (name, most_name), sentence in PAIRS.items():
        value, most = values[name], values[most_name]
        if name in rules and is_above(value, most):
            yield PolicyContradiction(sentence, scope, name, {"value": value, "most": most})
    for name, blocks in BLOCKS.items():
        if not rules.keys().isdisjoint({name, blocks}) and leaves_nothing(values[name], values[blocks]):
            yield PolicyContradiction(NOBODY_LEFT[name], scope, name, {})


def is_above(value: Value, most: Value) -> bool:
    return isinstance(value, int) and isinstance(most, int) and value > most


def leaves_nothing(allowed: Value, blocked: Value) -> bool:
    """Whether everything that is allowed is blocked; None allows anything, which no list can block."""
    if not isinstance(allowed, tuple):
        return False
    against = blocked if isinstance(blocked, tuple) else ()
    return all(is_listed(each, against) for each in allowed)
