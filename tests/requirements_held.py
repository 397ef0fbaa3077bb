"""Which numbered requirements are held: by a test that carries the number, ran, and passed.

The last lines of each run say how many. A whole run fails where docs/asvs.md calls a requirement held that no
passed test carries: a marker on a test that is skipped or never collected holds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tools.list_tests import claimed

PROPERTY = "requirement"


def note_requirements(items: Sequence[pytest.Item]) -> None:
    """Let each test's report carry the numbers of its markers, also from one process to another."""
    for item in items:
        for marker in item.iter_markers(PROPERTY):
            item.user_properties += [(PROPERTY, number) for number in marker.args]


class HeldRequirements:
    """Hears of each test's end. Workers of a divided run hear of their own tests alone, so only the process
    that gathers all reports decides anything.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.is_whole_run = (
            config.args_source is pytest.Config.ArgsSource.TESTPATHS
            and not config.option.keyword
            and not config.option.markexpr
        )
        self.held: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.held |= {str(value) for name, value in report.user_properties if name == PROPERTY}

    def missing(self) -> list[str]:
        return sorted(claimed() - self.held, key=lambda number: int(number[1:])) if self.is_whole_run else []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.missing() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"Requirements held by tests that passed: {len(self.held)}")
        if self.missing():
            names = ", ".join(self.missing())
            terminalreporter.write_line(
                f"docs/asvs.md calls held what no passed test carries: {names}", red=True
            )
