"""Runs tests against mutants: each in a process of its own, forked from one that has everything loaded.

pytest collects once, and one test of each folder runs first, so that what is made once a process is there. A
mutant in a function is put in place by handing the function its other code. An assignment of a module is made
again, and what it gave is replaced wherever its name is known; what a test then does not notice, and what is
no assignment, gets a process that was forked before the portal is imported. No file is ever changed.
"""

from __future__ import annotations

import gc
import mmap
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from typing import Any

import pytest
from botocore.client import BaseClient
from hypothesis import HealthCheck, Phase, settings

from tools.mutation.mutants import Function, Module

Place = tuple[str, str, int]
Functions = dict[Place, list[FunctionType]]
OPTIMIZED = 0x01  # inspect.CO_OPTIMIZED: the code of a function, not of a class or a module
MOST_MEMORY = 4 * 1024**3
SURVIVED, KILLED, BROKEN = 0, 1, 2
ENDS = ("survived", "killed", "broken")


@dataclass(frozen=True)
class Trial:
    """A mutant by its module and number, and the tests, or files of tests, that should notice."""

    path: str
    number: int
    tests: tuple[str, ...]
    seconds: float


Tell = Callable[[Trial, str], None]


class Trials:
    """A pytest plugin that runs trials instead of tests. tell: hears how each ended."""

    def __init__(self, modules: dict[str, Module], trials: Sequence[Trial], tell: Tell) -> None:
        self.modules = modules
        self.trials = trials
        self.tell = tell
        self.last = mmap.mmap(-1, 8)  # shared with the processes of the trials: the place of a test
        self.noticed: dict[tuple[str, Function | None], list[str]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            items.setdefault(item.nodeid, []).append(item)
            items.setdefault(item.nodeid.partition("::")[0], []).append(item)
        warm_up(session.items)
        functions = loaded_functions()
        allow_unused_values()
        gc.collect()
        gc.freeze()
        for trial in self.trials:
            chosen = [item for each in self.put_in_order(trial) for item in items.get(each, ())]
            self.tell(trial, self.attempt(trial, chosen, functions) if chosen else "untested")
        return True

    def put_in_order(self, trial: Trial) -> Sequence[str]:
        """First the tests that noticed another change of the same function, the latest before all."""
        known = self.noticed.get(self.place_of(trial), [])
        return sorted(trial.tests, key=lambda each: -known.index(each) if each in known else 1)

    def place_of(self, trial: Trial) -> tuple[str, Function | None]:
        return trial.path, self.modules[trial.path].mutants[trial.number].function

    def attempt(self, trial: Trial, chosen: Sequence[pytest.Item], functions: Functions) -> str:
        module = self.modules[trial.path]

        def run() -> int:
            if module.mutants[trial.number].function:
                replace_code(functions, module, trial.number)
            else:
                replace_values(module, trial.number)
            return run_items(chosen, self.last)

        how = in_child(run, trial.seconds)
        if how == "killed":
            noticed = self.noticed.setdefault(self.place_of(trial), [])
            test = chosen[struct.unpack("q", self.last[:])[0]].nodeid
            noticed[:] = [*(each for each in noticed if each != test), test]
        return how


def warm_up(items: Iterable[pytest.Item]) -> None:
    """Run one test of each folder."""
    for item in {each.path.parent: each for each in items}.values():
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what starts a portal of its own, whose code runs in other processes."""
    items[:] = [each for each in items if "local" not in getattr(each, "fixturenames", ())]


def run_items(items: Sequence[pytest.Item], last: mmap.mmap) -> int:
    """Until the first that fails. last: gets the place of each before it runs."""
    failures = Failures()
    pytest.Function.repr_failure = say_nothing  # type: ignore[method-assign]
    items[0].config.pluginmanager.register(failures)
    for place, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True)):
        last[:] = struct.pack("q", place)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failures.met:
            return KILLED
    return SURVIVED


def say_nothing(*_: object, **__: object) -> str:
    """Instead of how it failed: nobody reads that, and to write it takes longer than most tests."""
    return ""


class Failures:
    met = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.met = self.met or report.failed


def try_module(module: Module, trial: Trial) -> str:
    """One mutant of a module itself, in a process that has not imported the portal yet."""

    def run() -> int:
        load_mutant(module, trial.number)
        allow_unused_values()
        return SURVIVED if pytest.main([*OPTIONS, "-x", *trial.tests]) == pytest.ExitCode.OK else KILLED

    return in_child(run, trial.seconds)


# The same examples each time, and the first that fails is enough.
settings.register_profile(
    "mutation", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
OPTIONS = ["-q", "-s", "-n0", "-p", "no:cacheprovider", "--hypothesis-profile=mutation", "--no-header",
           "--assert=plain"]  # fmt: skip


def in_child(run: Callable[[], int], seconds: float) -> str:
    """How it ends: "survived", "killed", "timed out", which is killed too, or "broken": it was not tried."""
    child = os.fork()
    if not child:
        status = BROKEN
        try:
            bound(seconds)
            status = run()
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended):
        return "timed out"
    return ENDS[os.WEXITSTATUS(ended)]


def bound(seconds: float) -> None:
    """Quiet, and not for ever: so many seconds of the processor, which a busy machine does not shorten."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.alarm(int(6 * seconds))


def loaded_functions() -> Functions:
    """The portal's, by where they are written."""
    found: Functions = {}
    gc.unfreeze()  # what is frozen is not listed
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and "/portal/" in each.__code__.co_filename:
            found.setdefault(place_of(each.__code__), []).append(each)
    return found


def replace_code(functions: Functions, module: Module, number: int) -> None:
    """Hand each function that the mutant changes its other code."""
    before = {place_of(code): code for code in functions_in(module.compile())}
    replaced = 0
    for code in functions_in(module.compile_mutant(number)):
        if code != before[place_of(code)]:
            for function in functions.get(place_of(code), ()):
                function.__code__ = code
                replaced += 1
    if not replaced:
        raise RuntimeError("the mutant is nowhere in what is loaded")


def replace_values(module: Module, number: int) -> None:
    """Make an assignment of the module again, and put what it gives where its name is known."""
    loaded = sys.modules[module.path.removesuffix(".py").replace("/", ".")]
    names = dict(vars(loaded))
    changed = module.assign_mutant(number, names)
    if not changed:
        raise RuntimeError("what is no assignment needs a module that is loaded anew")
    for name in changed:
        old, new = getattr(loaded, name), names[name]
        for other in list(sys.modules.values()):
            if name in vars(other) and vars(other)[name] is old:
                setattr(other, name, new)
        change_in_place(old, new)


def change_in_place(old: object, new: object) -> None:
    """For those who hold it under another name."""
    if isinstance(old, dict) and isinstance(new, dict):
        old.clear()
        old.update(new)
    elif is_dataclass(old):
        for each in fields(old):
            object.__setattr__(old, each.name, getattr(new, each.name))


def functions_in(code: CodeType) -> Iterator[CodeType]:
    """Functions and methods, with those inside of others: a step that a function made is one of these."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_flags & OPTIMIZED:
                yield each
            yield from functions_in(each)


def place_of(code: CodeType) -> Place:
    return code.co_filename.rpartition("/portal/")[2], code.co_qualname, code.co_firstlineno


def load_mutant(module: Module, number: int) -> None:
    """From now on importing the module gives the mutant."""
    real = SourceFileLoader.get_code
    path, code = str(module.top / module.path), module.compile_mutant(number)

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        return code if self.path == path else real(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


def allow_unused_values() -> None:
    """A query whose key condition lost a part is asked without the names and values of that part."""
    client: Any = BaseClient
    real = client._make_api_call

    def call(self: Any, operation: str, request: dict[str, Any]) -> Any:
        if operation == "Query":
            text = request["KeyConditionExpression"] + " " + request.get("FilterExpression", "")
            for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
                given = request.get(name, {})
                request[name] = {
                    key: value
                    for key, value in given.items()
                    if f"{key} " in f"{text} " or f"{key})" in text or f"{key}," in text
                }
        return real(self, operation, request)

    client._make_api_call = call
