"""A query service that answers as a test says: neither moto nor embedded AWS has Athena's states in a test's
hands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.aws.client.calls import clients
from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.people.person import Person
from portal.domain.usage.reports import QueryRefused, Report, ReportKind, ReportState, Run, RunState
from tests.actions import make_id
from tests.builders import Running

RUNNING = Run(RunState.RUNNING)


@dataclass
class QueryStub:
    """run: what it says of every query; refusal: what it says to new ones; answers: whether it does at all.

    started, stopped: the ids of executions, each as often as it was asked for.
    """

    run: Run = RUNNING
    refusal: QueryRefused | None = None
    answers: bool = True
    is_set_up: bool = True
    knows: bool = True
    started: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def start(self, report: Report) -> str:
        self.answer()
        if self.refusal:
            raise self.refusal
        self.started.append(f"execution-of-{report.id}")
        return self.started[-1]

    def look(self, execution_ids: Sequence[str]) -> Mapping[str, Run]:
        self.answer()
        return dict.fromkeys(execution_ids, self.run) if self.knows else {}

    def stop(self, execution_id: str) -> None:
        self.answer()
        self.stopped.append(execution_id)
        if self.run.state is RunState.RUNNING:
            self.run = replace(self.run, state=RunState.CANCELLED)

    def answer(self) -> None:
        if not self.answers:
            raise Unavailable()


def with_queries(running: Running, stub: QueryStub) -> Running:
    """The same portal, whose reports that service runs."""
    services = replace(running.portal.services, query_service=stub)
    return Running(replace(running.portal, services=services), running.clock)


def put_report(running: Running, who: Person) -> Report:
    """One that is over, and whose result is gone."""
    report = Report(make_id(running), ReportKind.FREE, who.id, running.clock(), "SELECT 1")
    report = replace(report, state=ReportState.READY)
    asked = AuditRecord(running.clock(), Action.REPORT_ASKED, PORTAL, report.id)
    running.portal.services.reports.create(report, asked)
    return report


def put_result(running: Running, execution_id: str, body: str) -> None:
    """What the service leaves in the bucket."""
    s3 = clients(running.config.region, running.config.s3_endpoint_url).get("s3")
    s3.put_object(Bucket=running.config.logs_bucket, Key=f"reports/{execution_id}.csv", Body=body.encode())
