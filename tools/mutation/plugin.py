"""Runs tests against mutants: each in a process of its own, forked from one that has everything loaded.

pytest collects once. A mutant in a function is put in place by handing the function its other code; one of a
module itself needs a module that is loaded anew, so its process is forked before the portal is imported. No
file is ever changed.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from typing import Any

import pytest
from botocore.client import BaseClient

from tools.mutation.mutants import Module

Place = tuple[str, str, int]
Functions = dict[Place, list[FunctionType]]
OPTIMIZED = 0x01  # inspect.CO_OPTIMIZED: the code of a function, not of a class or a module
MOST_MEMORY = 4 * 1024**3
SURVIVED, KILLED = 0, 1


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

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            items.setdefault(item.nodeid, []).append(item)
            items.setdefault(item.nodeid.partition("::")[0], []).append(item)
        functions = loaded_functions()
        allow_unused_values()
        gc.freeze()
        for trial in self.trials:
            chosen = [item for each in trial.tests for item in items.get(each, ())]
            module = self.modules[trial.path]

            def run(chosen: list[Any] = chosen, module: Module = module, number: int = trial.number) -> int:
                replace_code(functions, module, number)
                return run_items(chosen)

            self.tell(trial, in_child(run, trial.seconds) if chosen else "untested")
        return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what starts a portal of its own, whose code runs in other processes."""
    items[:] = [each for each in items if "local" not in getattr(each, "fixturenames", ())]


def run_items(items: Sequence[pytest.Item]) -> int:
    """Until the first that fails."""
    failures = Failures()
    items[0].config.pluginmanager.register(failures)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failures.met:
            return KILLED
    return SURVIVED


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


OPTIONS = ["-q", "-s", "-n0", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--no-header"]


def in_child(run: Callable[[], int], seconds: float) -> str:
    """How it ends: "survived", "killed" or "timed out", which is killed too."""
    child = os.fork()
    if not child:
        status = KILLED
        try:
            bound(seconds)
            status = run()
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended):
        return "timed out"
    return "killed" if os.WEXITSTATUS(ended) else "survived"


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


def functions_in(code: CodeType) -> Iterator[CodeType]:
    """Functions and methods; those inside of others come with them."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_flags & OPTIMIZED:
                yield each
            else:
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
