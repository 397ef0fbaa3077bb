"""Whom a share may go to: how many, and which addresses and domains the organisation allows."""

from __future__ import annotations

import pytest

from portal.domain.contacts.recipient_rules import (
    SHOWN_CHARACTERS,
    check_recipients,
    may_email,
    parse_recipients,
)
from portal.domain.errors import Invalid
from portal.domain.policy.limits import Limits

FEW = Limits(max_recipients=2)


def refusal(text: str, groups: dict[str, tuple[str, ...]] | None = None, limits: Limits = FEW) -> Invalid:
    with pytest.raises(Invalid) as refused:
        parse_recipients(text, limits, groups)
    return refused.value


def test_so_many_recipients_and_no_more() -> None:
    """Those of groups count with those typed, each once however it is spelled."""
    assert parse_recipients("a@x.example, b@x.example", FEW) == ("a@x.example", "b@x.example")
    group = {"Partners": ("A@x.example", "b@x.example")}
    assert set(parse_recipients("a@X.example", FEW, group)) == {"a@x.example", "b@x.example"}
    assert refusal("a@x.example, b@x.example, c@x.example").params == {"most": 2, "count": 3}
    assert refusal("c@x.example", group).params == {"most": 2, "count": 3, "groups": "Partners"}
    assert refusal("", {"Nobody": ()}).reason == "no_recipients"


def test_what_is_no_address_is_shown_shortened() -> None:
    found = refusal("; ".join([f"bad{number}@" for number in range(9)]))
    assert found.params["bad"] == "; ".join(f"bad{number}@" for number in range(5))
    assert len(str(refusal("@" + "x" * 900).params["bad"])) == SHOWN_CHARACTERS


@pytest.mark.parametrize(
    ("allowed", "blocked", "free", "refused"),
    [
        (None, (), ["a@x.example", "a@y.example"], []),
        (("x.example",), (), ["a@x.example", "a@sub.X.example"], ["a@y.example", "a@notx.example"]),
        (None, ("x.example",), ["a@y.example", "a@notx.example"], ["a@x.example", "a@sub.x.example"]),
        (("x.example",), ("a@x.example",), ["b@x.example"], ["a@x.example", "A@X.example"]),
        (("a@x.example",), (), ["A@x.example"], ["b@x.example"]), ((), (), [], ["a@x.example"]),
    ],
)  # fmt: skip
def test_email_goes_where_it_is_allowed_and_not_blocked(
    allowed: tuple[str, ...] | None, blocked: tuple[str, ...], free: list[str], refused: list[str]
) -> None:
    limits = Limits(allowed_recipients=allowed, blocked_recipients=blocked)
    check_recipients(free, limits)
    assert all(may_email(each, limits) for each in free)
    for each in refused:
        assert not may_email(each, limits)
        with pytest.raises(Invalid) as found:
            check_recipients([*free, each], limits)
        assert found.value.params["addresses"] == each
