"""Reports from being asked for to their end, whatever Athena does and whenever something stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Conflict, Forbidden, Gone, Invalid, NotFound, TooLarge, TooMany, Unavailable
from portal.domain.people.permissions import has_privilege
from portal.domain.people.person import Person
from portal.domain.usage.reports import (
    KEPT_DAYS,
    MOST_RESULT_BYTES,
    TEXTS,
    Failure,
    QueryRefused,
    Report,
    ReportKind,
    ReportState,
    Run,
    RunState,
    SaveReportResult,
)
from portal.engine.workflow import run
from portal.queries.admin.reports import get_report, list_reports
from portal.workflows.usage.reports import (
    CANCEL_REPORT,
    FETCH_REPORT,
    START_REPORT,
    OnReport,
    StartReport,
)
from portal.workflows.usage.running import advance, run_reports
from tests.actions import list_records, make_person, make_request, read_state
from tests.builders import Running
from tests.query_stub import QueryStub, put_result, with_queries

ADA = make_person("Ada Minh", admin=True)
IDA = make_person("Ida Berg", admin=True)
DONE = Run(RunState.DONE, 2048, 1500)
MINUTE = 60.0


@pytest.fixture
def stub() -> QueryStub:
    return QueryStub()


@pytest.fixture
def running(portal: Running, stub: QueryStub) -> Running:
    return with_queries(portal, stub)


def ask(running: Running, who: Person = ADA, kind: str = "files", **fields: Any) -> Report:
    today = str(running.clock().date())
    context = StartReport(
        make_request(who, running), kind=kind, first=fields.get("first", today),
        last=fields.get("last", today), query=fields.get("query", ""),
    )  # fmt: skip
    return run(START_REPORT, context, running.portal.services).required_report


def on(running: Running, workflow: Any, report: Report, who: Person = ADA) -> OnReport:
    context = OnReport(make_request(who, running), report_id=report.id)
    return run(workflow, context, running.portal.services)  # type: ignore[no-any-return]


def read(running: Running, report: Report) -> Report:
    found = running.portal.services.reports.get(report.id)
    assert found is not None
    return found


def pass_a_minute(running: Running) -> None:
    running.clock.turn(seconds=61)
    run_reports(running.portal.services, lambda: MINUTE)


def details(running: Running, action: str) -> list[dict[str, str]]:
    records = list_records(running, action)
    return [{name: value["S"] for name, value in each["details"]["M"].items()} for each in records]


def test_a_report_is_started_once_and_ends_on_record(running: Running, stub: QueryStub) -> None:
    report = ask(running)
    assert report.state is ReportState.RUNNING
    assert stub.started == [f"execution-of-{report.id}"]
    pass_a_minute(running)
    assert read(running, report).state is ReportState.RUNNING
    stub.run = DONE
    pass_a_minute(running)
    done = read(running, report)
    assert (done.state, done.scanned_bytes, done.run_ms) == (ReportState.READY, 2048, 1500)
    before = read_state(running)
    pass_a_minute(running)
    assert read_state(running) == before
    (asked,) = details(running, "report.asked")
    assert asked["query"] == TEXTS[ReportKind.FILES]
    assert asked["from"] == asked["to"] == str(done.first)
    (ended,) = details(running, "report.ended")
    assert (ended["state"], ended["scanned_bytes"]) == ("ready", "2048")
    assert len(stub.started) == 1


def test_while_athena_does_not_answer_nothing_is_lost(running: Running, stub: QueryStub) -> None:
    stub.answers = False
    report = ask(running)
    assert report.state is ReportState.ASKED
    with pytest.raises(Unavailable):
        pass_a_minute(running)
    assert list_reports(None, running.portal.services).page.items == (report,)
    stub.answers = True
    pass_a_minute(running)
    assert read(running, report).state is ReportState.RUNNING
    stub.answers = False
    view = list_reports(None, running.portal.services)
    assert not view.answers
    assert view.page.items[0].state is ReportState.RUNNING


@pytest.mark.parametrize(
    ("run_now", "state", "failure"),
    [
        (Run(RunState.FAILED, 7, 8, Failure.WRONG, "line 1:8"), ReportState.FAILED, Failure.WRONG),
        (Run(RunState.FAILED, 7, 8, Failure.SERVICE, ""), ReportState.FAILED, Failure.SERVICE),
        (Run(RunState.FAILED, 7, 8, Failure.TOO_MUCH, "limit"), ReportState.FAILED, Failure.TOO_MUCH),
        (Run(RunState.CANCELLED, 7, 8, None, "by hand"), ReportState.CANCELLED, None),
    ],
)
def test_how_it_failed_is_kept_and_recorded(
    running: Running, stub: QueryStub, run_now: Run, state: ReportState, failure: Failure | None
) -> None:
    stub.run = run_now
    report = read(running, ask(running))
    assert (report.state, report.failure, report.scanned_bytes) == (state, failure, 7)
    (ended,) = details(running, "report.ended")
    assert ended["state"] == state
    assert ended.get("failure") == failure
    with pytest.raises(NotFound):
        on(running, FETCH_REPORT, report)


def test_a_query_that_is_refused_fails_at_once(running: Running, stub: QueryStub) -> None:
    stub.refusal = QueryRefused(Failure.FORBIDDEN, "not authorized")
    report = ask(running)
    assert (report.state, report.failure) == (ReportState.FAILED, Failure.FORBIDDEN)
    assert read(running, report) == report


def test_one_that_athena_has_forgotten_fails(running: Running, stub: QueryStub) -> None:
    report = ask(running)
    stub.knows = False
    pass_a_minute(running)
    assert read(running, report).failure is Failure.UNKNOWN


def test_any_administrator_cancels_and_the_query_stops(running: Running, stub: QueryStub) -> None:
    report = ask(running)
    done = on(running, CANCEL_REPORT, report, IDA).required_report
    assert (done.state, stub.stopped) == (ReportState.CANCELLED, [report.execution_id])
    with pytest.raises(Conflict, match="over already"):
        on(running, CANCEL_REPORT, report)
    assert len(details(running, "report.cancelled")) == 2  # the second one refused
    assert len(details(running, "report.ended")) == 1


def test_a_cancelling_outlives_an_outage(running: Running, stub: QueryStub) -> None:
    """Also of one that nobody knows whether it was started: it is found by its token, then stopped."""
    stub.answers = False
    report = ask(running)
    assert on(running, CANCEL_REPORT, report).required_report.state is ReportState.CANCELLING
    stub.answers = True
    pass_a_minute(running)
    assert read(running, report).state is ReportState.CANCELLED
    assert stub.stopped == stub.started


def test_what_ended_before_its_cancelling_stays_what_it_came_to(running: Running, stub: QueryStub) -> None:
    report = ask(running)
    stub.run = DONE
    assert on(running, CANCEL_REPORT, report).required_report.state is ReportState.READY


def test_of_two_that_move_a_report_one_wins(running: Running, stub: QueryStub) -> None:
    """The other one goes on from what is there, and one end is recorded."""
    report = ask(running)
    stub.run = DONE
    first, second = advance(report, running.portal.services), advance(report, running.portal.services)
    assert first.state is second.state is ReportState.READY
    assert len(details(running, "report.ended")) == 1
    reports, after = running.portal.services.reports, replace(report, state=ReportState.CANCELLING)
    assert reports.save(report, after, running.clock()) is SaveReportResult.CHANGED_MEANWHILE


def test_what_cannot_be_started_is_said(running: Running, stub: QueryStub) -> None:
    with pytest.raises(Invalid, match="Choose a report"):
        ask(running, kind="everything")
    with pytest.raises(Invalid, match="two days"):
        ask(running, first="soon")
    with pytest.raises(Forbidden):
        ask(running, make_person("Ben Okoro"))
    stub.is_set_up = False
    with pytest.raises(Conflict, match="not set up"):
        ask(running)
    assert not stub.started


def test_one_person_has_three_running_at_most(running: Running, stub: QueryStub) -> None:
    for _ in range(3):
        ask(running)
    with pytest.raises(TooMany):
        ask(running)
    ask(running, IDA)
    stub.run = DONE
    pass_a_minute(running)
    ask(running)


def test_queries_of_ones_own_are_for_those_whom_a_policy_lets(running: Running) -> None:
    with pytest.raises(Forbidden, match="policy"):
        ask(running, kind="free", query="SELECT 1")
    limits = replace(running.portal.services.limits, free_queries=True)
    services = replace(running.portal.services, limits=limits)
    allowed = Running(replace(running.portal, services=services), running.clock)
    report = ask(allowed, kind="free", query=" SELECT count(*) FROM access_log; ")
    assert (report.text, report.first, report.parameters) == ("SELECT count(*) FROM access_log", None, ())
    with pytest.raises(Invalid, match="SELECT"):
        ask(allowed, kind="free", query="DROP TABLE access_log")
    asked = details(running, "report.asked")
    assert [each.get("query") for each in asked] == [None, report.text, None]
    assert has_privilege(ADA, "administer")  # type: ignore[arg-type]


def finish(running: Running, stub: QueryStub, body: str) -> Report:
    stub.run = DONE
    report = ask(running)
    put_result(running, report.execution_id, body)
    return report


@pytest.mark.requirement("R26")
def test_a_result_is_given_out_safe_and_for_a_minute(running: Running, stub: QueryStub) -> None:
    report = finish(running, stub, '"file_id","bytes"\n"=cmd|x","12"\n"+1",""\n"a\r\nb","-3"\n')
    address = on(running, FETCH_REPORT, report).address
    assert "X-Amz-Expires=60" in address
    assert f"reports/safe/{report.id}.csv" in address
    from portal.aws.client.calls import clients

    s3 = clients(running.config.region).get("s3")
    kept = s3.get_object(Bucket=running.config.logs_bucket, Key=f"reports/safe/{report.id}.csv")
    text = kept["Body"].read().decode("utf-8-sig")
    assert text == "file,file_id,bytes\r\n,'=cmd|x,12\r\n,'+1,\r\n,\"a\r\nb\",'-3\r\n"
    assert len(details(running, "report.fetched")) == 1


def test_what_is_gone_or_too_large_is_said(
    running: Running, stub: QueryStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.run = DONE
    with pytest.raises(Gone, match="Start the report again"):
        on(running, FETCH_REPORT, ask(running))
    monkeypatch.setattr("portal.workflows.usage.reports.MOST_RESULT_BYTES", 10)
    with pytest.raises(TooLarge):
        on(running, FETCH_REPORT, finish(running, stub, '"file_id"\n"a longer result"\n'))
    assert MOST_RESULT_BYTES > 10


def test_a_result_can_be_fetched_before_the_schedule_has_looked(running: Running, stub: QueryStub) -> None:
    report = ask(running)
    put_result(running, report.execution_id, '"file_id"\n')
    stub.run = DONE
    assert on(running, FETCH_REPORT, report).address
    assert get_report(report.id, running.clock(), running.portal.services).report.state is ReportState.READY


def test_a_report_is_kept_for_thirty_days(running: Running, stub: QueryStub) -> None:
    report = finish(running, stub, '"file_id"\n')
    running.clock.turn(days=KEPT_DAYS)
    with pytest.raises(NotFound):
        get_report(report.id, running.clock(), running.portal.services)
    with pytest.raises(NotFound):
        on(running, FETCH_REPORT, report)
    with pytest.raises(NotFound):
        on(running, FETCH_REPORT, replace(report, id="none"))


def test_a_minute_without_time_begins_nothing(running: Running, stub: QueryStub) -> None:
    stub.answers = False
    report = ask(running)
    stub.answers = True
    running.clock.turn(seconds=61)
    run_reports(running.portal.services, lambda: 5.0)
    assert read(running, report).state is ReportState.ASKED
