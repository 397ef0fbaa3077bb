"""What a transaction fails as: the reasons of its writes, wherever they stand in it."""

from __future__ import annotations

from enum import StrEnum
from itertools import permutations, product

import pytest

from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Write, put_new, update
from portal.domain.errors import SignInNeeded
from tests.builders import Running


class Result(StrEnum):
    FIRST = "first"
    SECOND = "second"


NAMED = {"first": Result.FIRST, "second": Result.SECOND, "nameless": ""}


@pytest.fixture
def table(portal: Running) -> Table:
    table: Table = portal.portal.services.shares.table  # type: ignore[attr-defined]
    return table


def write(name: str) -> Write:
    return put_new({"pk": name, "sk": "TEST"}).failing_as(NAMED[name])


def catch_failure(table: Table, *writes: Write) -> ConditionFailed:
    with pytest.raises(ConditionFailed) as problem:
        table.transact(writes)
    return problem.value


@pytest.mark.parametrize("there", [some for some in product([True, False], repeat=3) if any(some)])
def test_reasons_follow_their_writes_in_any_order(table: Table, there: tuple[bool, ...]) -> None:
    taken = {name for name, is_there in zip(NAMED, there, strict=True) if is_there}
    for name in taken:
        table.write(put_new({"pk": name, "sk": "TEST"}))
    for order in permutations(NAMED):
        problem = catch_failure(table, *map(write, order))
        assert problem.places == tuple(place for place, name in enumerate(order) if name in taken)
        assert problem.reasons == tuple(name for name in order if name in taken and NAMED[name])
        assert problem.is_only("first") == (taken == {"first"})


def test_the_first_reason_is_the_result(table: Table) -> None:
    table.transact([write("first"), write("second")])
    assert (
        catch_failure(table, write("nameless"), write("second"), write("first")).as_result(Result)
        is Result.SECOND
    )


def test_a_condition_that_says_nothing_is_no_result(table: Table) -> None:
    """A workflow that did not expect it fails, instead of taking it for something else."""
    table.transact([write("nameless")])
    problem = catch_failure(table, write("first"), write("nameless"))
    with pytest.raises(ConditionFailed) as again:
        problem.as_result(Result)
    assert again.value is problem


def test_a_refusal_is_raised_before_any_reason(table: Table) -> None:
    table.transact([write("first"), write("second")])
    with pytest.raises(SignInNeeded):
        table.transact([write("first"), write("second").failing_as(SignInNeeded())])


@pytest.mark.requirement("R74", "T9")
def test_a_write_that_meets_its_own_first_try_is_done_once(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service repeats a call whose answer was lost; the stamp tells it from someone else's."""
    count, new = update(("counter", "TEST"), "ADD #times :one", one=1), put_new({"pk": "new", "sk": "TEST"})
    monkeypatch.setattr("portal.aws.client.table.secrets.token_urlsafe", lambda _: "first")
    for _ in range(2):
        table.write(count)
        table.write(new)
    monkeypatch.setattr("portal.aws.client.table.secrets.token_urlsafe", lambda _: "second")
    table.write(count)
    assert table.get(("counter", "TEST")) == {"pk": "counter", "sk": "TEST", "times": 2}
    with pytest.raises(ConditionFailed):
        table.write(new)
