"""No workflow changes anything before its audit stage, whichever test runs it on the table in memory (I4).

Counting how often someone tries is the exception: a try counts whatever comes of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from portal.engine.workflow import Stage, Workflow
from tests.dynamodb.wire import MemoryDynamoDB

EARLY = {Stage.VALIDATE, Stage.IDENTIFY, Stage.AUTHORIZE}
READS = {"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"}
COUNTERS = ("RATE#",)
running_step: ContextVar[str] = ContextVar("running_step", default="")


@contextmanager
def refusing_early_writes(memory: MemoryDynamoDB) -> Iterator[None]:
    """Fail the step of an early stage that writes into the table."""
    plain_steps = Workflow.steps

    def watched_steps(self: Workflow[Any], stage: Stage, services: Any) -> tuple[Callable[..., Any], ...]:
        steps = plain_steps(self, stage, services)
        return tuple(watch_step(step, f"{self.name}/{stage}") for step in steps) if stage in EARLY else steps

    memory.observers.append(refuse_write_in_step)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workflow, "steps", watched_steps)
        yield


def watch_step(step: Callable[..., Any], where: str) -> Callable[..., Any]:
    @functools.wraps(step)
    def run(*arguments: Any) -> Any:
        token = running_step.set(f"{where}/{getattr(step, '__name__', '')}")
        try:
            return step(*arguments)
        finally:
            running_step.reset(token)

    return run


def refuse_write_in_step(operation: str, ask: Mapping[str, Any]) -> None:
    step = running_step.get()
    if step and operation not in READS:
        keys = list_written_keys(ask)
        assert all(key.startswith(COUNTERS) for key in keys), (
            f"{step} writes {keys}: what a workflow changes belongs into its process stage, after the audit."
        )


def list_written_keys(ask: Mapping[str, Any]) -> list[str]:
    """The partition keys that a write touches."""
    writes = [next(iter(each.values())) for each in ask.get("TransactItems", [])] or [ask]
    return [(write.get("Key") or write["Item"])["pk"]["S"] for write in writes]
