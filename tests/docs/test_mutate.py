"""`python -m tools.mutate`: its changes are those it says, and it tells who notices from who does not."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.mail.suppression import find_suppression
from portal.engine.workflow import Stage
from portal.workflows.shares import drafts
from tests.dynamodb.conditions import Scope, holds
from tests.dynamodb.expressions import parse_condition, placeholders
from tools.mutation.choosing import Measured, nearness
from tools.mutation.conditions import change_condition
from tools.mutation.mutants import Module
from tools.mutation.plugin import (
    KILLED,
    SURVIVED,
    Trial,
    Trials,
    in_child,
    loaded_functions,
    replace_code,
    replace_values,
)

CHECKOUT = Path(__file__).parents[2]
SUPPRESSION = "portal/domain/mail/suppression.py"
CODE = '''
"""A docstring of 3 words."""
LIMIT = 3

def admit(count: int, name: str = "x") -> int:
    if count < LIMIT and name:
        raise ValueError(count)
    log.info("refused", extra={"count": 1})
    note(name)
    return count + 1

STEPS = (admit, LIMIT)
'''


def module_of(folder: Path, text: str) -> Module:
    (folder / "code.py").write_text(text, encoding="utf-8")
    return Module(folder, "code.py")


def test_each_change_is_one_that_a_test_could_notice(tmp_path: Path) -> None:
    module = module_of(tmp_path, CODE)
    assert [(each.line, each.words, each.function is not None) for each in module.mutants] == [
        (3, "3  =>  4", False),
        (6, "count < LIMIT and name  =>  name", True),
        (6, "count < LIMIT and name  =>  count < LIMIT", True),
        (6, "count < LIMIT and name  =>  False", True),
        (6, "count < LIMIT and name  =>  True", True),
        (6, "count < LIMIT  =>  count <= LIMIT", True),
        (9, "note(name)  =>  pass", True),
        (10, "count + 1  =>  count - 1", True),
        (10, "1  =>  2", True),
        (12, "admit  =>  nothing", False),
        (12, "LIMIT  =>  nothing", False),
    ]  # fmt: skip
    before = module.compile()
    assert all(module.compile_mutant(number) != before for number in range(len(module.mutants)))
    assert module.compile() == before


def meaning(condition: str) -> tuple[bool, ...]:
    """Whether it holds for items with and without `a` and `b`, below, at and above `:x`."""
    values = {":x": {"N": "2"}}
    numbers = [{}, *({"N": str(number)} for number in (1, 2, 3))]
    items = [
        {name: each for name, each in (("a", one), ("b", two)) if each}
        for one, two in product(numbers, numbers)
    ]
    return tuple(
        holds(parse_condition(condition), Scope({"#a": "a", "#b": "b"}, values, item)) for item in items
    )


@pytest.mark.parametrize(
    ("condition", "changed"),
    [
        ("#a <= :x AND #b = :x", ["#b = :x", "#a < :x AND #b = :x", "#a <= :x", "#a <= :x AND #b <> :x"]),
        (
            "attribute_not_exists(#a) OR #a < :x",
            ["#b = :x OR NOT #b = :x", "#a < :x", "#b = :x OR NOT #b = :x", "attribute_not_exists(#a)",
             "attribute_not_exists(#a) OR #a <= :x"],
        ),
        ("attribute_exists(#a)", ["#b = :x OR NOT #b = :x"]),
    ],
)  # fmt: skip
def test_a_condition_is_changed_in_one_part_and_stays_a_valid_one(condition: str, changed: list[str]) -> None:
    """With the same names and values; the service refuses others, and that would prove nothing."""
    found = list(change_condition(condition))
    assert [meaning(each) for each in found] == [meaning(each) for each in changed]
    spoken = placeholders(parse_condition(condition))
    assert all(placeholders(parse_condition(each)) == spoken for each in found)


def test_a_key_condition_loses_what_its_list_is_narrowed_by() -> None:
    assert list(change_condition("#pk = :all AND #sk < :end")) == ["#pk = :all", "#pk = :all AND #sk <= :end"]
    assert list(change_condition("#pk = :all AND begins_with(#sk, :a)")) == ["#pk = :all"]
    assert not list(change_condition("SET #a = :x, #b = :y ADD #c :one"))


def test_a_mutant_runs_in_a_process_of_its_own() -> None:
    module = Module(CHECKOUT, SUPPRESSION)
    at, job = datetime(2026, 1, 1, tzinfo=UTC), MailJob(MailState.BOUNCED)
    wanted = "job.state is MailState.BOUNCED and for_good  =>  for_good"
    (number,) = (place for place, each in enumerate(module.mutants) if each.words == wanted)

    def is_noticed(state: MailState) -> int:
        replace_code(loaded_functions(), module, number)
        return KILLED if find_suppression("ben@example.com", MailJob(state), at) else SURVIVED

    assert in_child(lambda: is_noticed(MailState.SENT), 20) == "killed"
    assert find_suppression("ben@example.com", MailJob(MailState.SENT), at) is None
    assert find_suppression("ben@example.com", job, at) is not None


def test_one_that_never_ends_is_noticed() -> None:
    def spin() -> int:
        while True:
            pass

    assert in_child(spin, 1) == "timed out"


def test_what_cannot_be_tried_is_not_taken_for_noticed() -> None:
    def fail() -> int:
        raise RuntimeError

    assert in_child(fail, 20) == "broken"


def test_a_step_that_goes_is_missing_wherever_its_workflow_is_known() -> None:
    """A constant of a module is another one there and where it was imported to."""
    module = Module(CHECKOUT, "portal/workflows/shares/drafts.py")
    (step,) = (place for place, each in enumerate(module.mutants) if each.step == "keep_own_files")
    (most,) = (place for place, each in enumerate(module.mutants) if each.words == "100  =>  101")

    def is_noticed(number: int) -> int:
        replace_values(module, number)
        is_whole = drafts.SAVE_DRAFT.stages[Stage.IDENTIFY] == (drafts.keep_own_files,)
        return SURVIVED if is_whole and drafts.MAX_IDS == 100 else KILLED

    assert module.mutants[step].kind == "removal"
    assert [in_child(lambda: is_noticed(each), 20) for each in (step, most)] == ["killed", "killed"]  # noqa: B023
    assert drafts.SAVE_DRAFT.stages[Stage.IDENTIFY] == (drafts.keep_own_files,)


def test_each_part_of_what_is_asked_goes_and_each_test_is_fixed(tmp_path: Path) -> None:
    module = module_of(
        tmp_path,
        "def admit(a, b):\n"
        "    while a or b:\n"
        "        b = [each for each in a if each]\n"
        "    return 1 if a else 2\n"
        "STEPS = (admit, Stage)\n",
    )
    assert [each.words for each in module.mutants if each.kind == "removal"] == [
        "a or b  =>  b",
        "a or b  =>  a",
        "a or b  =>  False",
        "each  =>  True",
        "a  =>  False",
        "a  =>  True",
        "admit  =>  nothing",
    ]


def test_the_nearest_and_quickest_tests_that_run_the_line_are_chosen(tmp_path: Path) -> None:
    module = module_of(tmp_path, CODE)
    tests = {6: frozenset({"slow", "quick", "other"}), 9: frozenset({"third"})}
    known = Measured({"slow": 2.0, "quick": 0.1, "other": 1.0, "third": 0.1}, {"code.py": tests})

    def choose(words: str, most: int = 2, seconds: float = 9.0) -> tuple[str, ...]:
        (mutant,) = (each for each in module.mutants if each.words == words)
        return known.choose({"code.py": module}, "code.py", mutant, most, seconds)

    limit = "count < LIMIT  =>  count <= LIMIT"
    assert choose(limit) == ("quick", "other")
    assert choose(limit, most=9) == ("quick", "other", "slow")
    assert choose(limit, most=9, seconds=1.2) == ("quick", "other")
    assert choose(limit, seconds=0.05) == ("quick",)
    assert set(choose("3  =>  4")) == {"quick", "third"}  # whatever runs a function that speaks of it
    assert set(choose("admit  =>  nothing")) == {"quick", "third"}
    many = Measured({"a[1]": 0.1, "a[2]": 0.2, "b": 0.3}, {"code.py": {6: frozenset({"a[1]", "a[2]", "b"})}})
    (mutant,) = (each for each in module.mutants if each.words == limit)
    assert many.choose({"code.py": module}, "code.py", mutant, 2, 9.0) == ("a[1]", "b")


def test_what_is_nearest_to_a_module() -> None:
    near = ["tests/domain/mail/test_mail_job.py::test_a", "tests/domain/mail/test_other.py::test_a",
            "tests/domain/files/test_jobs.py::test_a", "tests/web/test_jobs.py::test_a"]  # fmt: skip
    assert [nearness("portal/domain/mail/mail_job.py", each) for each in near] == [4, 3, 1, 0]
    assert nearness("portal/aws/tables/files_table.py", "tests/workflows/files/test_a.py::test_a") == 1


def test_who_noticed_a_change_of_a_function_is_asked_first_about_the_next(tmp_path: Path) -> None:
    module = module_of(tmp_path, CODE)
    trials = Trials({"code.py": module}, [], lambda *_: None)
    one = Trial("code.py", 5, ("a", "b", "c"), 1.0)
    assert list(trials.put_in_order(one)) == ["a", "b", "c"]
    trials.noticed[trials.place_of(one)] = ["b", "c"]
    assert list(trials.put_in_order(one)) == ["c", "b", "a"]
    assert list(trials.put_in_order(Trial("code.py", 0, ("a", "b", "c"), 1.0))) == ["a", "b", "c"]
