"""The one way things are done: a workflow is stages of steps, run in order; a refusal ends it and is
recorded.

A step is `step(context, services) -> context`, or raises a Refusal. Stages and their order are fixed: what is
wrong with the input, who asks for what, whether they may, the record of it, the doing, the telling.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from portal.domain.audit import Action, Actor, AuditRecord, Outcome
from portal.domain.errors import Refusal, Several, Unavailable
from portal.domain.people import Person
from portal.workflows.services import Services

log = logging.getLogger(__name__)


class Stage(StrEnum):
    VALIDATE = "validate"
    IDENTIFY = "identify"
    AUTHORIZE = "authorize"
    AUDIT = "audit"
    PROCESS = "process"
    NOTIFY = "notify"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every workflow knows: when, who acts, on behalf of which signed-in person, and what it is about.

    passed: the steps that let it through, `stage/step` each; they go into the audit record.
    """

    now: datetime
    actor: Actor
    person: Person | None = None
    request_id: str = ""
    about: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    record: AuditRecord | None = None
    passed: tuple[str, ...] = ()

    @property
    def me(self) -> Person:
        """The signed-in person; only workflows that begin with one ask."""
        if self.person is None:
            raise RuntimeError("this workflow needs a signed-in person")
        return self.person

    @property
    def made_record(self) -> AuditRecord:
        """The record that the audit stage made."""
        if self.record is None:
            raise RuntimeError("the audit stage makes the record before the process stage")
        return self.record


C = TypeVar("C", bound=Context)
Step = Callable[[C, Services], C]


@dataclass(frozen=True)
class Workflow(Generic[C]):
    """A name, the audit tag of what it does, and its steps by stage."""

    name: str
    action: Action
    stages: Mapping[Stage, tuple[Step[C], ...]]

    def steps(self, stage: Stage, services: Services) -> tuple[Step[C], ...]:
        """Our own steps of a stage, then a deployer's; ours can be neither moved nor removed."""
        return (*self.stages.get(stage, ()), *services.extra_steps.get(self.name, {}).get(stage, ()))


def run(workflow: Workflow[C], context: C, services: Services) -> C:
    """Run a workflow to its end; raises the Refusal that stopped it, after recording it.

    A failed notification never undoes the work: it is recorded, and the outbox keeps what is still to be
    sent.
    """
    for stage in Stage:
        for step in workflow.steps(stage, services):
            name = step_name(step)
            try:
                context = replace(step(context, services), passed=(*context.passed, f"{stage}/{name}"))
            except Exception as problem:
                if stage is Stage.NOTIFY:
                    log.exception("notification failed", extra={"workflow": workflow.name, "step": name})
                    note(Outcome.FAILED, workflow, context, services, stage, name)
                    continue
                if isinstance(problem, Refusal):
                    refuse(workflow, context, services, stage, name, problem)
                raise
    return context


def rehearse(workflow: Workflow[C], context: C, services: Services) -> C:
    """Run only the stages that ask: the same answers and refusals as `run`, and nothing is recorded or done.

    For a page that shows what would happen, and for requests that must leave no trace.
    """
    for stage in (Stage.VALIDATE, Stage.IDENTIFY, Stage.AUTHORIZE):
        for step in workflow.steps(stage, services):
            context = step(context, services)
    return context


def checked_together(context: C, services: Services, rules: Sequence[Step[C]]) -> C:
    """Ask every rule, so that everything that is wrong is told, and mended, at once."""
    problems: list[Refusal] = []
    for rule in rules:
        try:
            context = rule(context, services)
        except Refusal as refusal:
            problems.append(refusal)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Several(problems)
    return context


def refuse(
    workflow: Workflow[Any], context: Context, services: Services, stage: Stage, step: str, refusal: Refusal
) -> None:
    """Record who was refused what, where and why. Should that fail, the refusal stands all the same.

    Strangers are only logged, and a recipient's same refusal is recorded once an hour, so that nobody can
    fill the audit log by asking again and again.
    """
    log.info(
        "refused", extra={"workflow": workflow.name, "stage": stage, "step": step, "reason": refusal.reason}
    )
    actor = context.actor
    if actor.kind == "visitor":
        return
    once = (
        f"{workflow.name}/{refusal.reason}/{actor.id}/{actor.source_ip}" if actor.kind == "recipient" else ""
    )
    note(Outcome.REFUSED, workflow, context, services, stage, step, reason=refusal.reason, once=once)


def note(
    outcome: Outcome, workflow: Workflow[Any], context: Context, services: Services, stage: Stage, step: str,
    reason: str = "", once: str = "",
) -> None:  # fmt: skip
    """Record where a workflow was refused, or which of its steps failed."""
    drawn = drafted(workflow, context)
    record = replace(drawn, outcome=outcome, stage=stage, step=step, reason=reason, once=once)
    try:
        services.audit.write(record)
    except Exception:
        log.exception("an outcome could not be recorded", extra={"workflow": workflow.name})


def drafted(workflow: Workflow[Any], context: Context) -> AuditRecord:
    return AuditRecord(
        at=context.now,
        action=workflow.action,
        actor=context.actor,
        about=context.about or context.actor.id,
        workflow=workflow.name,
        details={**context.details, "passed": " ".join(context.passed)},
        request_id=context.request_id,
    )


def record_with_change(workflow_name: str, action: Action) -> Callable[[C, Services], C]:
    """The audit step of workflows whose change is one transaction: the record is made here and written with
    the change.

    So there is no change without its record and no record of a change that did not happen (I4, R61).
    """

    def record(context: C, services: Services) -> C:
        return replace(context, record=drafted(Workflow(workflow_name, action, {}), context))

    return record


def record_before_change(
    workflow_name: str, action: Action, *, hourly: bool = False
) -> Callable[[C, Services], C]:
    """The audit step of workflows that change things outside the table: written first; if it fails, nothing
    happens. hourly: once an hour for the same actor and thing, for what a page repeats by itself.
    """

    def record(context: C, services: Services) -> C:
        made = drafted(Workflow(workflow_name, action, {}), context)
        if hourly:
            made = replace(made, once=f"{workflow_name}/{made.about}/{context.actor.id}")
        services.audit.write(made)
        return replace(context, record=made)

    return record


@contextmanager
def kept_apart(what: str) -> Iterator[None]:
    """For one of many that the schedule deals with: its failure is logged and keeps no other from its turn.

    An outage does, since it would meet the others too.
    """
    try:
        yield
    except Unavailable:
        raise
    except Exception:
        log.exception("one of many failed", extra={"what": what})


def step_name(step: Callable[..., Any]) -> str:
    return getattr(step, "__name__", type(step).__name__)
