"""What the record of each action says beside who, when and where: docs/audit.md has the whole list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.actions import list_rows
from tests.aws.file_acts import ACTS
from tests.builders import Clock, Running, make_running
from tests.parts import SMALL

pytestmark = pytest.mark.requirement("R61")
PAGE = Path(__file__).parents[3] / "docs/audit.md"
NOT_HERE = {"release_address"}  # SES in process has no list of its own to take one from


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    """One that takes small files in parts."""
    return make_running(clock, **SMALL)


def list_audit(running: Running) -> list[dict[str, Any]]:
    found = [each for each in list_rows(running) if each["pk"]["S"].startswith("AUDIT#")]
    return sorted(found, key=lambda each: (each["at"]["S"], each["action"]["S"]))


def describe(workflow: str, record: dict[str, Any]) -> str:
    names = sorted(record.get("details", {"M": {}})["M"].keys() - {"passed"})
    return f"| `{workflow}` | {record['action']['S']} | {', '.join(names) or '-'} |"


def read_table() -> Iterator[tuple[str, str]]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| `(\w+)` \| [a-z_]+\.[a-z_]+ \|", line):
            yield found[1], line


@pytest.mark.parametrize("workflow", sorted(ACTS.keys() - NOT_HERE))
def test_each_action_records_what_the_list_says(portal: Running, workflow: str) -> None:
    act = ACTS[workflow](portal)
    next(act)
    before = list_audit(portal)
    next(act, None)
    new = [each for each in list_audit(portal) if each not in before]
    assert all(each["outcome"]["S"] == "done" for each in new)
    rows = dict.fromkeys(describe(workflow, each) for each in new)
    assert sorted(rows) == sorted(line for name, line in read_table() if name == workflow), "\n".join(rows)


def test_the_list_has_no_other_actions() -> None:
    assert {name for name, _ in read_table()} <= ACTS.keys() - NOT_HERE
