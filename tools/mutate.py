"""Change the code in one place at a time, and see whether a test notices.

    python -m tools.mutate portal/aws/tables/quotas.py              mutants of the module that no test notices
    python -m tools.mutate --kind condition portal/aws              conditions of DynamoDB alone
    python -m tools.mutate --tests tests/domain -- portal/domain    by these tests, whatever they run

Without --tests it chooses those that run the line, the quickest first. To know them it runs all tests once
with coverage, which takes as long as they do, and keeps that in .local/mutation; --measure does it again.
docs/testing.md says what the changes are.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

from tools.mutation.choosing import Measured
from tools.mutation.mutants import Module
from tools.mutation.plugin import OPTIONS, Trial, Trials, try_module

CHECKOUT = Path(__file__).parents[1]
HELD = CHECKOUT / ".local/mutation"
ROOMS = ("domain", "workflows", "web", "aws", "events", "queries", "mail")
UNSURE = {"survived", "broken"}
SPARE_SECONDS = 5.0  # of the processor, beside four times what the tests took


def read_arguments() -> argparse.Namespace:
    kind = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=kind)
    parser.add_argument("paths", nargs="+", help="modules or folders, such as portal/domain")
    parser.add_argument("--kind", choices=("all", "condition", "removal", "code"), default="all")
    parser.add_argument("--tests", nargs="*", help="files or folders of tests to run instead")
    parser.add_argument("--numbers", nargs="*", type=int, help="only these mutants of a module")
    parser.add_argument("--again", type=Path, help="only those that this output names as not noticed")
    parser.add_argument("--most", type=int, default=30, help="how many tests for one mutant")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long these may take together")
    parser.add_argument("--measure", action="store_true", help="find out anew which tests run which lines")
    parser.add_argument("--from", dest="start", default="", help="leave out modules before this one")
    parser.add_argument("--verbose", action="store_true", help="print those that were noticed, too")
    return parser.parse_args()


def measure() -> None:
    HELD.mkdir(parents=True, exist_ok=True)
    folders = [f"tests/{room}" for room in ROOMS]
    coverage = ["--cov", "--cov-context=test", "--cov-report=", f"--junitxml={HELD}/tests.xml"]
    subprocess.run(  # noqa: S603 -- our own tests
        [sys.executable, "-m", "pytest", *OPTIONS, "-p", "tools.mutation.plugin", *folders, *coverage],
        cwd=CHECKOUT, env=os.environ | {"COVERAGE_FILE": f"{HELD}/lines"}, check=False,
    )  # fmt: skip


def python_files(folder: Path, wanted: Sequence[str]) -> list[str]:
    """Those of a folder of the checkout that are one of these, or below one of these."""
    files = sorted(path.relative_to(CHECKOUT) for path in folder.rglob("*.py"))
    return [str(each) for each in files if any(each.is_relative_to(one) for one in wanted)]


def read_output(output: Path) -> set[tuple[str, int]]:
    """Module and number of each that was not noticed."""
    named = re.compile(r"^(?:survived|untested|broken): (\S+):\d+ \[(\d+)\]", re.MULTILINE)
    return {(path, int(number)) for path, number in named.findall(output.read_text(encoding="utf-8"))}


def plan(modules: dict[str, Module], arguments: argparse.Namespace) -> Iterator[Trial]:
    given = python_files(CHECKOUT / "tests", arguments.tests) if arguments.tests else None
    known = None if given else Measured.read(HELD.glob("lines*"), HELD.glob("*.xml"))
    again = read_output(arguments.again) if arguments.again else None
    for path in python_files(CHECKOUT / "portal", arguments.paths):
        for number, mutant in enumerate(modules[path].mutants):
            is_wanted = not arguments.numbers or number in arguments.numbers
            if path < arguments.start or (again is not None and (path, number) not in again):
                continue
            if not is_wanted or arguments.kind not in {"all", mutant.kind}:
                continue
            if known:
                tests = known.choose(modules, path, mutant, arguments.most, arguments.seconds)
                bound = SPARE_SECONDS + 4 * sum(known.seconds[each] for each in tests)
                yield Trial(path, number, tests, bound)
            else:
                yield Trial(path, number, tuple(given or ()), 10 * SPARE_SECONDS)


@dataclass
class Telling:
    """Prints what happens to each mutant, and counts."""

    modules: dict[str, Module]
    verbose: bool
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, trial: Trial, how: str) -> None:
        self.counts[how] += 1
        mutant = self.modules[trial.path].mutants[trial.number]
        if self.verbose or how in {"survived", "untested", "broken"}:
            place = f"{trial.path}:{mutant.line} [{trial.number}]"
            print(f"{how}: {place}  {mutant.words}  ({len(trial.tests)} tests)", flush=True)

    @property
    def summary(self) -> str:
        return ", ".join(f"{count} {how}" for how, count in sorted(self.counts.items())) or "no mutants"


def run_trials(modules: dict[str, Module], trials: Sequence[Trial], tell: Telling) -> None:
    """In a process of their own, since this one must not import the portal: it tries again what belongs to a
    module itself and was not noticed there.
    """
    reading, writing = os.pipe()
    session = os.fork()
    if not session:
        os.close(reading)
        run_session(modules, trials, writing)
    os.close(writing)
    left = []
    with open(reading, encoding="utf-8") as answers:
        for answer in answers:
            place, how = answer.split(maxsplit=1)
            trial = trials[int(place)]
            if how.strip() in UNSURE and not modules[trial.path].mutants[trial.number].function:
                left.append(trial)
            else:
                tell(trial, how.strip())
    os.waitpid(session, 0)
    for trial in left:
        tell(trial, try_module(modules[trial.path], trial))


def run_session(modules: dict[str, Module], trials: Sequence[Trial], writing: int) -> NoReturn:
    places = {id(trial): place for place, trial in enumerate(trials)}

    def answer(trial: Trial, how: str) -> None:
        os.write(writing, f"{places[id(trial)]} {how}\n".encode())

    try:
        files = sorted({each.partition("::")[0] for trial in trials for each in trial.tests})
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        pytest.main([*OPTIONS, *files], plugins=[Trials(modules, trials, answer)])
    finally:
        os._exit(0)


def main() -> None:
    arguments = read_arguments()
    if arguments.measure or not (arguments.tests or list(HELD.glob("*.xml"))):
        measure()
    modules = {path: Module(CHECKOUT, path) for path in python_files(CHECKOUT / "portal", ["portal"])}
    tell = Telling(modules, arguments.verbose)
    run_trials(modules, list(plan(modules, arguments)), tell)
    print(tell.summary)


if __name__ == "__main__":
    main()
