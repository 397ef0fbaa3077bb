"""One clock: what decides something by time asks the clock it was given, in the portal and in its tests."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRUE_TIME = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
    "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep", "time.gmtime", "time.localtime",
}  # fmt: skip
# The clock itself; log lines, which say when they were written and decide nothing; an authenticator app,
# whose codes the user pool in process looks at by true time; receivers, which look at a signature's time;
# threads that are given a moment to overlap.
MAY_ASK = {
    "portal/domain/clock.py", "portal/web/edge/logging.py", "tests/web/pages/staff/test_second_factor.py",
    "tests/docs/test_webhook_examples.py", "tests/workflows/webhooks/test_turns.py",
}  # fmt: skip
# Embedded AWS, browsers and servers of their own live in true time.
TESTS = ("tests/domain", "tests/workflows", "tests/web", "tests/events", "tests/docs")


def true_times(path: Path) -> list[str]:
    """The places where a file asks the machine for the time, or waits."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if f"{node.value.id}.{node.attr}" in TRUE_TIME:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


@pytest.mark.parametrize("folder", ["portal", *TESTS])
def test_nothing_asks_the_machine_for_the_time(folder: str) -> None:
    """Ask `services.clock` (or `table.clock`) instead; in tests the fixture `clock`, or `BEGINS`."""
    files = [path for path in (ROOT / folder).rglob("*.py") if "local" not in path.relative_to(ROOT).parts]
    found = [place for path in files for place in true_times(path)]
    assert [place for place in found if place.partition(":")[0] not in MAY_ASK] == []
