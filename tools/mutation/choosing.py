"""Which tests run a line, from a database of coverage that knows tests, and how long each takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, takewhile
from pathlib import Path, PurePath
from xml.etree import ElementTree

from coverage import CoverageData

from tools.mutation.mutants import Module, Mutant


@dataclass(frozen=True)
class Measured:
    """seconds: of each test that passed. lines: the tests that run each line of a file."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, frozenset[str]]]

    @classmethod
    def read(cls, databases: Iterable[Path], reports: Iterable[Path]) -> Measured:
        seconds = {name: took for report in reports for name, took in read_durations(report)}
        lines: dict[str, dict[int, frozenset[str]]] = {}
        for database in databases:
            data = CoverageData(str(database))
            data.read()
            for file in data.measured_files():
                known = lines.setdefault("portal" + file.rpartition("/portal")[2], {})
                for line, contexts in data.contexts_by_lineno(file).items():
                    tests = frozenset(each.partition("|")[0] for each in contexts)
                    known[line] = known.get(line, frozenset()) | (tests & seconds.keys())
        return cls(seconds, lines)

    def choose(
        self, modules: dict[str, Module], path: str, mutant: Mutant, most: int, seconds: float
    ) -> tuple[str, ...]:
        """Of the tests that run what is changed the nearest ones first, and of these the quickest; those that
        differ in their parameters alone come one after another of the others. Not more than so many, and than
        take so many seconds, but one.
        """
        found = self.running(path, mutant.lines)
        if not mutant.function:
            for other, module in modules.items():
                for own, mentioned, body in module.functions:
                    if own == mutant.step if mutant.step else mentioned & mutant.names:
                        found |= self.running(other, body)
        order, times = list[tuple[int, int, float, str]](), Counter[str]()
        for test in sorted(found, key=lambda each: self.seconds[each]):
            function = test.partition("[")[0]
            times[function] += 1
            order.append((-nearness(path, test), times[function], self.seconds[test], test))
        nearest = [test for *_, test in sorted(order)[:most]]
        spent = accumulate(self.seconds[test] for test in nearest)
        return tuple(
            test for test, end in zip(nearest, spent, strict=True) if end <= seconds or test == nearest[0]
        )

    def running(self, path: str, lines: range) -> frozenset[str]:
        known = self.lines.get(path, {})
        return frozenset().union(*(known.get(line, frozenset()) for line in lines))


def nearness(path: str, test: str) -> int:
    """How many folders a module and a test share below the top one, and words of the module's name."""
    folders, others = PurePath(path).parts[1:-1], PurePath(test.partition("::")[0]).parts[1:-1]
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(folders, others, strict=False)))
    words = set(PurePath(path).stem.split("_")) - {"table"}
    return same + len(words & set(re.split(r"[/_.]", test.partition("::")[0])))


def read_durations(report: Path) -> Iterable[tuple[str, float]]:
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 -- pytest's own report
        if not len([each for each in case if each.tag in {"failure", "error", "skipped"}]):
            yield (
                f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name']}",
                float(case.attrib["time"]),
            )
