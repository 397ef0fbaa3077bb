"""Which lines and branches of the portal the tests run: a plugin of pytest, `-p tests.measured_lines`.

SlipCover instead of coverage.py, which doubled the time of each test that it measured (Python before 3.14):
here a probe goes from a line's bytecode once the line ran, so all tests can be measured. What is measured,
what is left out and how much is asked for stands in pyproject.toml under `tool.coverage`; coverage.py itself
reads that for tools/mutate.py.
"""

from __future__ import annotations

import io
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
import slipcover

CHECKOUT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]
FLOOR = float(SETTINGS["report"]["fail_under"])  # percent of lines and branches together
WHAT = {"source": SETTINGS["run"]["source"], "omit": SETTINGS["run"]["omit"]}
WIDTH = 60  # of the column of what is missing
IN_A_WORKER = "PYTEST_XDIST_WORKER" in os.environ

Coverage = dict[str, Any]


class MeasuredLines:
    """Measures in the process that runs the tests, and puts together what workers found."""

    def __init__(self) -> None:
        excluded = SETTINGS["report"]["exclude_also"]
        self.probes = slipcover.Slipcover(branch=True, exclude_also=excluded, **WHAT)
        matcher = slipcover.FileMatcher(sources=WHAT["source"], omit=WHAT["omit"])
        slipcover.ImportManager(self.probes, matcher).__enter__()
        self.of_workers: list[Coverage] = []

    def put_together(self) -> Coverage:
        coverage: Coverage = self.probes.get_coverage()
        for other in self.of_workers:
            slipcover.merge_coverage(coverage, other)
        return coverage

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.of_workers.append(json.loads(node.workeroutput["measured_lines"]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.coverage = self.put_together()
        if IN_A_WORKER:
            session.config.workeroutput["measured_lines"] = json.dumps(self.coverage)  # type: ignore[attr-defined]
        elif session.exitstatus == pytest.ExitCode.OK and self.reached < FLOOR:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def reached(self) -> float:
        return float(self.coverage["summary"]["percent_covered"])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        table = io.StringIO()
        slipcover.print_coverage(self.coverage, outfile=table, skip_covered=True, missing_width=WIDTH)
        terminalreporter.section("lines and branches that no test runs")
        terminalreporter.write_line(table.getvalue())
        terminalreporter.write_line(
            f"{self.reached:.2f} % of lines and branches; at least {FLOOR:g} are asked for."
        )


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before any conftest imports the portal."""
    early_config.pluginmanager.register(MeasuredLines(), "measured lines")
