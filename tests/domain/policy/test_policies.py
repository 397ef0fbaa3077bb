"""What of the policies counts for whom, what is no policy, and what is read from a form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid, Refusal, Several
from portal.domain.policy.limits import Limits
from portal.domain.policy.policies import (
    FOR_ALL,
    Policy,
    Setting,
    Source,
    list_differences,
    resolve,
    resolve_all,
)
from portal.domain.policy.policy_checks import check_policy
from portal.domain.policy.policy_fields import BY_NAME, FIELDS, Kind, PolicyField, tidy
from portal.domain.policy.policy_input import parse_kinds, parse_number, parse_size, write_size

ENVIRONMENT = Limits()
GROUPS = ("accounts", "board", "students")
ENTRIES = {
    Kind.RECIPIENTS: ("example.com", "mail.example.com", "partner.example", "ana@example.com"),
    Kind.FILE_KINDS: ("pdf", "docx", "exe"),
}


def make_values(kind: PolicyField) -> st.SearchStrategy[Any]:
    if kind.kind is Kind.SWITCH:
        return st.booleans()
    if kind.kind in ENTRIES:
        lists = st.sets(st.sampled_from(ENTRIES[kind.kind])).map(tidy)
        return st.none() | lists if kind.has_none else lists
    numbers = st.integers(kind.least, min(kind.most, 200))
    return st.none() | numbers if kind.has_none else numbers


RULES = st.fixed_dictionaries(
    {}, optional={each.name: st.builds(Setting, make_values(each), st.booleans()) for each in FIELDS}
)
POLICIES = st.builds(Policy, st.just(1), RULES, st.dictionaries(st.sampled_from(GROUPS), RULES))


def is_within(kind: PolicyField, value: Any, bound: Any) -> bool:
    """Whether the bound takes nothing away from the value."""
    return kind.choose_stricter(value, bound) == kind.choose_stricter(value, value)


@given(POLICIES, st.permutations(GROUPS), st.integers(0, 3))
def test_what_counts_does_not_depend_on_the_order_of_groups(
    policy: Policy, groups: list[str], count: int
) -> None:
    mine = groups[:count]
    found = resolve(ENVIRONMENT, policy, mine)
    assert found == resolve(ENVIRONMENT, policy, [*reversed(mine), *mine])
    assert found == resolve(ENVIRONMENT, policy, [*mine, "of nobody"])


@given(POLICIES, st.sets(st.sampled_from(GROUPS)))
def test_nothing_is_wider_than_a_lock_for_all(policy: Policy, groups: set[str]) -> None:
    """Neither what counts, nor what people may choose beyond a default."""
    found, limits = resolve_all(ENVIRONMENT, policy, groups), resolve(ENVIRONMENT, policy, groups)
    locks = {name: each.value for name, each in policy.for_all.items() if each.locked}
    for name, bound in locks.items():
        assert is_within(BY_NAME[name], found[name].value, bound), name
    choices = {
        "default_share_days": limits.max_share_days, "file_days": limits.max_file_days,
        "confirm_by_code": limits.code_required, "previews": limits.previews_allowed,
        "default_download_limit": limits.max_download_limit if limits.download_limit_required else None,
    }  # fmt: skip
    assert set(choices) == {each.name for each in FIELDS if each.is_choice}
    for name in locks.keys() & choices.keys():
        assert is_within(BY_NAME[name], choices[name], locks[name]), name
    assert limits.default_share_days <= limits.max_share_days <= limits.max_file_days
    assert (limits.default_download_limit or 0) <= limits.max_download_limit


def make_policy(for_all: dict[str, Setting] | None = None, **groups: dict[str, Setting]) -> Policy:
    return Policy(1, for_all or {}, groups)


def test_each_layer_counts_instead_of_the_one_before() -> None:
    """A group may have more than all have, and someone in several gets the strictest of theirs."""
    policy = make_policy(
        {"max_share_days": Setting(30)},
        board={"max_share_days": Setting(365)}, students={"max_share_days": Setting(100)},
    )  # fmt: skip
    days = [resolve(ENVIRONMENT, policy, mine).max_share_days for mine in ((), ("board",), GROUPS)]
    assert (resolve(ENVIRONMENT, Policy(), ()).max_share_days, days) == (90, [30, 365, 100])
    sources = [
        resolve_all(ENVIRONMENT, policy, mine)["max_share_days"].source for mine in ((), ("board",), GROUPS)
    ]
    assert sources == [Source.ALL, Source.GROUP, Source.GROUP]
    locked = replace(policy, for_all={"max_share_days": Setting(30, locked=True)})
    assert resolve(ENVIRONMENT, locked, ("board",)).max_share_days == 30


def test_a_lock_of_a_default_binds_what_people_choose() -> None:
    rules = {
        "default_share_days": Setting(5, locked=True), "confirm_by_code": Setting(True, locked=True),
        "default_download_limit": Setting(3, locked=True), "previews": Setting(False, locked=True),
    }  # fmt: skip
    limits = resolve(ENVIRONMENT, make_policy(rules), ())
    assert (limits.default_share_days, limits.max_share_days) == (5, 5)
    assert (limits.max_download_limit, limits.download_limit_required) == (3, True)
    assert (limits.code_required, limits.previews_allowed) == (True, False)
    open_ = {name: Setting(each.value) for name, each in rules.items()}
    limits = resolve(ENVIRONMENT, make_policy(open_), ())
    assert (limits.default_share_days, limits.max_share_days) == (5, 90)
    assert (limits.default_download_limit, limits.max_download_limit) == (3, 100)
    assert (limits.download_limit_required, limits.code_required, limits.previews_allowed) == (
        False, False, True,
    )  # fmt: skip


def test_lists_leave_what_all_of_them_leave() -> None:
    """Of what is allowed the common part, of what is blocked all; a part may be a subdomain or an address."""
    policy = make_policy(
        {"blocked_recipients": Setting(("rival.example",), locked=True)},
        board={
            "allowed_recipients": Setting(("example.com", "partner.example")),
            "blocked_recipients": Setting(("bad.example",)),
        },
        students={"allowed_recipients": Setting(("ana@example.com", "mail.partner.example"))},
    )
    limits = resolve(ENVIRONMENT, policy, GROUPS)
    assert limits.allowed_recipients == ("ana@example.com", "mail.partner.example")
    assert limits.blocked_recipients == ("bad.example", "rival.example")


@pytest.mark.parametrize(
    ("for_all", "fields"),
    [
        ({"default_share_days": 40, "max_share_days": 30}, {"default_share_days"}),
        ({"max_share_days": 30, "max_file_days": 10}, {"max_share_days"}),
        ({"file_days": 30, "max_file_days": 10, "max_share_days": 5}, {"file_days"}),
        ({"default_download_limit": 11, "max_download_limit": 10}, {"default_download_limit"}),
        ({"allowed_recipients": ("a.example.com",), "blocked_recipients": ("example.com",)},
         {"allowed_recipients"}),
        ({"allowed_kinds": ("exe",), "blocked_kinds": ("exe",), "default_share_days": 91},
         {"allowed_kinds", "default_share_days"}),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_locks_everybody_out_is_no_policy(
    for_all: dict[str, Any], fields: set[str]
) -> None:
    """For all, and for a group alike; at its field."""
    rules = {name: Setting(value) for name, value in for_all.items()}
    for policy, scope in ((make_policy(rules), FOR_ALL), (make_policy(board=rules), "board")):
        with pytest.raises((Invalid, Several)) as refused:
            check_policy(ENVIRONMENT, policy)
        found: list[Refusal] = getattr(refused.value, "refusals", [refused.value])
        assert {each.field for each in found} == fields
        assert {getattr(each, "scope", None) for each in found} == {scope}


@pytest.mark.requirement("R36")
@pytest.mark.parametrize("scope", [FOR_ALL, "board"])
def test_no_policy_switches_off_a_scan_that_the_environment_requires(scope: str) -> None:
    off = {"scan_required": Setting(False)}
    policy = make_policy(off) if scope == FOR_ALL else make_policy(**{scope: off})
    check_policy(ENVIRONMENT, policy)
    with pytest.raises(Invalid) as refused:
        check_policy(replace(ENVIRONMENT, scan_required=True), policy)
    assert refused.value.field == "scan_required"


def test_what_is_only_taken_over_is_fitted() -> None:
    """So that a shorter life for one group needs no other defaults there."""
    policy = make_policy({"default_share_days": Setting(14)}, students={"max_share_days": Setting(3)})
    check_policy(ENVIRONMENT, policy)
    assert resolve(ENVIRONMENT, policy, ("students",)).default_share_days == 3


SIZE, LIMIT, KINDS = BY_NAME["max_file_bytes"], BY_NAME["default_download_limit"], BY_NAME["blocked_kinds"]


@pytest.mark.parametrize(
    ("text", "size"), [("2 GB", 2 * 10**9), ("1.5 TB", 15 * 10**11), ("500mib", 500 * 1024**2), ("12", 12)]
)
def test_sizes_are_read_with_their_unit(text: str, size: int) -> None:
    assert parse_size(SIZE, text) == size
    assert parse_size(SIZE, write_size(size)) == size


@given(st.integers(1, SIZE.most))
def test_a_size_is_read_back_as_it_is_written(size: int) -> None:
    assert parse_size(SIZE, write_size(size)) == size


@pytest.mark.parametrize("text", ["", "0", "many", "-1", "6 TiB", "1 XB", "1e9", "٣ zebras"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_size(SIZE, text)
    assert refused.value.field == "max_file_bytes"


def test_other_values_are_read_as_people_type_them() -> None:
    assert (parse_number(LIMIT, " ٣ "), parse_number(LIMIT, "")) == (3, None)
    assert parse_kinds(KINDS, ".EXE, bat\nexe;com") == ("bat", "com", "exe")
    for text in ("0", "1001", "three", "1.5"):
        with pytest.raises(Invalid):
            parse_number(LIMIT, text)
    for text in ("tar.gz", "*", "p/df"):
        with pytest.raises(Invalid):
            parse_kinds(KINDS, text)


def test_differences_are_named_by_scope_and_field() -> None:
    before = make_policy({"max_share_days": Setting(30)}, board={"trash_days": Setting(7)})
    after = make_policy({"max_share_days": Setting(30, locked=True)})
    found = [(each.scope, each.name, each.before, each.after) for each in list_differences(before, after)]
    assert found == [
        (FOR_ALL, "max_share_days", Setting(30), Setting(30, locked=True)),
        ("board", "trash_days", Setting(7), None),
    ]
