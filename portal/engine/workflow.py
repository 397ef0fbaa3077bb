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

from portal import deadline
from portal.domain.audit.record import Action, Actor, AuditRecord, Outcome, Trust
from portal.domain.errors import Refusal, Several, Unavailable
from portal.domain.people.permissions import Privilege, require_privilege
from portal.domain.people.person import Person
from portal.domain.people.principal import Principal
from portal.engine.services import Services

log = logging.getLogger(__name__)
NOTE_SECONDS = 1.0  # what only says how something ended keeps nobody waiting longer


class Stage(StrEnum):
    VALIDATE = "validate"
    IDENTIFY = "identify"
    AUTHORIZE = "authorize"
    AUDIT = "audit"
    PROCESS = "process"
    NOTIFY = "notify"


@dataclass(frozen=True)
class Request:
    """When something is asked for, who acts, and what let in whoever acts as a person."""

    now: datetime
    actor: Actor
    principal: Principal | None = None
    request_id: str = ""

    @property
    def person(self) -> Person | None:
        """On behalf of whom; None also behind an upload's key."""
        return self.principal.person if self.principal else None

    @property
    def trust(self) -> Trust | None:
        """What let a person in; None for all other actors."""
        if self.principal is None or self.actor.kind != "person":
            return None
        return Trust(self.principal.id, self.principal.since or self.now)

    def with_actor(self, actor: Actor) -> Request:
        """The same request by an actor of whom more is known by now."""
        return replace(self, actor=actor)

    def with_time(self, now: datetime) -> Request:
        return replace(self, now=now)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every workflow knows: the request, and what it is about.

    action: what it is recorded as, where that depends on what was found. passed: the steps that let it
    through, `stage/step` each; they go into the audit record.
    """

    request: Request = field(kw_only=False)
    about: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    action: Action | None = None
    record: AuditRecord | None = None
    passed: tuple[str, ...] = ()

    @property
    def now(self) -> datetime:
        return self.request.now

    @property
    def actor(self) -> Actor:
        return self.request.actor

    @property
    def person(self) -> Person | None:
        return self.request.person

    @property
    def request_id(self) -> str:
        return self.request.request_id

    @property
    def me(self) -> Person:
        """The signed-in person; only workflows that begin with one ask."""
        if self.person is None:
            raise RuntimeError("this workflow needs a signed-in person")
        return self.person

    @property
    def required_record(self) -> AuditRecord:
        """The record that the audit stage made."""
        if self.record is None:
            raise RuntimeError("the audit stage makes the record before the process stage")
        return self.record


C = TypeVar("C", bound=Context)
Step = Callable[[C, Services], C]


class Audit(StrEnum):
    """How a workflow is recorded, in its audit stage.

    So there is no change without its record and no record of a change that did not happen (I4, R61).
    """

    WITH_CHANGE = "with_change"  # made here, and written in the one transaction of the change
    HOURLY = "hourly"  # the same, once an hour for an actor and a thing: for what a page repeats by itself
    BEFORE_CHANGE = "before_change"  # of what is outside the table: written first, or nothing happens
    OWN = "own"  # the workflow's steps make its records, or what it does was recorded before


@dataclass(frozen=True)
class Workflow(Generic[C]):
    """A name, the audit tag of what it does, its steps by stage, how it is recorded, and the privilege that
    a person needs for it. Who acts by an upload's key, or is no person, is asked for none.
    """

    name: str
    action: Action
    stages: Mapping[Stage, tuple[Step[C], ...]]
    audit: Audit = Audit.WITH_CHANGE
    needs: Privilege | None = None

    def steps(self, stage: Stage, services: Services) -> tuple[Step[C], ...]:
        """Our own steps of a stage, then a deployer's; ours can be neither moved nor removed. In the audit
        stage the record is made after our own, which may still add to it.
        """
        ours = self.stages.get(stage, ())
        recorded = (self.record,) if stage is Stage.AUDIT and self.audit is not Audit.OWN else ()
        needed = (self.require_privilege,) if stage is Stage.AUTHORIZE and self.needs else ()
        return (*needed, *ours, *recorded, *services.extra_steps.get(self.name, {}).get(stage, ()))

    def require_privilege(self, context: C, services: Services) -> C:
        if self.needs and context.person is not None:
            require_privilege(context.person, self.needs)
        return context

    def record(self, context: C, services: Services) -> C:
        made = draft_record(self, context)
        if self.audit is Audit.HOURLY:
            made = replace(made, once=f"{self.name}/{made.about}/{context.actor.id}")
        if self.audit is Audit.BEFORE_CHANGE:
            services.audit.write(made)
        return replace(context, record=made)


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
                    if not isinstance(problem, Unavailable):
                        record_outcome(Outcome.FAILED, workflow, context, services, stage, name)
                    continue
                if isinstance(problem, Refusal):
                    record_refusal(workflow, context, services, stage, name, problem)
                raise
    return context


def dry_run(workflow: Workflow[C], context: C, services: Services) -> C:
    """Run only the stages that ask: the same answers and refusals as `run`, and nothing is recorded or done.

    For a page that shows what would happen, and for requests that must leave no trace.
    """
    for stage in (Stage.VALIDATE, Stage.IDENTIFY, Stage.AUTHORIZE):
        for step in workflow.steps(stage, services):
            context = step(context, services)
    return context


def collect_refusals(context: C, services: Services, rules: Sequence[Step[C]]) -> C:
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


def record_refusal(
    workflow: Workflow[Any], context: Context, services: Services, stage: Stage, step: str, refusal: Refusal
) -> None:
    """Record who was refused what, where and why. Should that fail, the refusal stands all the same.

    Strangers are only logged, and a recipient's same refusal is recorded once an hour, so that nobody can
    fill the audit log by asking again and again. Where a service did not answer, nobody was refused: what
    was asked may be done all the same, and the next call would wait as long (R59).
    """
    log.info(
        "refused", extra={"workflow": workflow.name, "stage": stage, "step": step, "reason": refusal.reason}
    )
    actor = context.actor
    if actor.kind == "visitor" or isinstance(refusal, Unavailable):
        return
    once = (
        f"{workflow.name}/{refusal.reason}/{actor.id}/{actor.source_ip}" if actor.kind == "recipient" else ""
    )
    record_outcome(
        Outcome.REFUSED, workflow, context, services, stage, step, reason=refusal.reason, once=once
    )


def record_outcome(
    outcome: Outcome, workflow: Workflow[Any], context: Context, services: Services, stage: Stage, step: str,
    reason: str = "", once: str = "",
) -> None:  # fmt: skip
    """Record where a workflow was refused, or which of its steps failed."""
    drawn = draft_record(workflow, context)
    record = replace(drawn, outcome=outcome, stage=stage, step=step, reason=reason, once=once, trust=None)
    try:
        with deadline.set_deadline(NOTE_SECONDS):
            services.audit.write(record)
    except Exception:
        log.exception("an outcome could not be recorded", extra={"workflow": workflow.name})


def draft_record(workflow: Workflow[Any], context: Context) -> AuditRecord:
    principal = context.request.principal
    shown = principal.described if principal else {}
    return AuditRecord(
        at=context.now,
        action=context.action or workflow.action,
        actor=context.actor,
        about=context.about or context.actor.id,
        workflow=workflow.name,
        details={**context.details, **shown, "passed": " ".join(context.passed)},
        request_id=context.request_id,
        trust=context.request.trust,
    )


@contextmanager
def isolate_failures(what: str) -> Iterator[None]:
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
