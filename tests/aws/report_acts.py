"""The acts of administrators on reports; the query service is one that answers at once and always."""

from __future__ import annotations

from portal.domain.usage.reports import Report, Run, RunState
from portal.engine.workflow import run
from portal.workflows.usage.reports import (
    CANCEL_REPORT,
    FETCH_REPORT,
    START_REPORT,
    OnReport,
    StartReport,
)
from tests.actions import make_request
from tests.aws.acts import IDA, Act, act, do
from tests.builders import Running
from tests.query_stub import QueryStub, put_result, with_queries
from tests.web.signing import session_of


def ask(running: Running) -> Report:
    today = str(running.clock().date())
    context = StartReport(make_request(IDA, running), kind="files", first=today, last=today)
    return run(START_REPORT, context, running.portal.services).required_report


@act
def start_report(running: Running) -> Act:
    session_of(running, IDA)
    yield
    ask(with_queries(running, QueryStub()))


@act
def cancel_report(running: Running) -> Act:
    session_of(running, IDA)
    asked = with_queries(running, QueryStub())
    report = ask(asked)
    yield
    do(asked, CANCEL_REPORT, OnReport, IDA, report_id=report.id)


@act
def fetch_report(running: Running) -> Act:
    session_of(running, IDA)
    asked = with_queries(running, QueryStub(Run(RunState.DONE)))
    report = ask(asked)
    put_result(asked, report.execution_id, '"file_id"\n"x"\n')
    yield
    do(asked, FETCH_REPORT, OnReport, IDA, report_id=report.id)
