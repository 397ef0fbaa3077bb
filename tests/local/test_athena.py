"""The stand-in for Athena: our reports and queries of one's own on real lines, and what it refuses; asked as
the portal asks Athena.
"""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.aws.athena.query_service import AthenaService
from portal.aws.client import calls
from portal.aws.client.calls import Clients
from portal.domain.errors import Unavailable
from portal.domain.usage.reports import (
    TEXTS,
    Failure,
    QueryRefused,
    Report,
    ReportKind,
    Run,
    RunState,
)
from portal.local.access_logs import line as write_log_line
from portal.local.athena import Athena, Refused, serve, translate
from portal.local.processes import free_port

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
REPORT = Report("r" * 26, ReportKind.FREE, "ana", NOW, "SELECT 1 AS one")


class Bucket:
    """The two calls that it makes of S3, on a dictionary."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_paginator(self, _: str) -> Bucket:
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
        found = [{"Key": key, "Size": len(body)} for key, body in self.objects.items()]
        return [{"Contents": [each for each in found if each["Key"].startswith(Prefix)]}]

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[Key])}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:
        self.objects[Key] = Body


@pytest.fixture
def athena() -> Athena:
    return Athena(Bucket(), "logs")


def log_delivery(
    athena: Athena, owner: str, file: str, note: str, sent: int, whole: int = 12, *, day: int = 3,
    status: int = 200, how: str = "attachment", agent: str = "-",
) -> None:  # fmt: skip
    """One line of the log, as the embedded S3 writes it, on a day of February 2026."""
    query = {"response-content-disposition": how, "x-recipient": note, "X-Amz-Expires": "60"}
    key = f"files/{owner}/{file}"
    text = write_log_line("files", key, status, sent, str(whole), query, agent)
    begun = text[text.index("[") : text.index("]") + 1]
    text = text.replace(begun, f"[{day:02}/Feb/2026:18:00:02 +0000]")
    athena.s3.objects[f"access/1/eu/files/2026/02/{day:02}/log-{len(athena.s3.objects)}"] = text.encode()


def run(athena: Athena, report: Report) -> tuple[dict[str, Any], list[list[str]]]:
    """To its end; how that is, and the rows of its result."""
    asked = {
        "QueryString": report.text, "ClientRequestToken": report.id,
        "ExecutionParameters": list(report.parameters),
    }  # fmt: skip
    started = athena.answer("StartQueryExecution", asked)["QueryExecutionId"]
    for _ in range(500):
        found = athena.executions[started].describe()
        if found["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.01)
    body = athena.s3.objects.get(f"reports/{started}.csv", b"").decode()
    return found, list(csv.reader(io.StringIO(body)))


def ours(kind: ReportKind, first: int = 1, last: int = 28) -> Report:
    days = date(2026, 2, first), date(2026, 2, last)
    return replace(
        REPORT, id=f"{kind}-{first}".rjust(26, "0"), kind=kind, text=TEXTS[kind], first=days[0], last=days[1]
    )


@pytest.fixture
def busy(athena: Athena) -> Athena:
    """Two people's files, fetched by two recipients of two shares on three days; and what does not count."""
    log_delivery(athena, "ana", "plan", "s1.ben", 12, day=1)
    log_delivery(athena, "ana", "plan", "s1.ben", 5, day=2, agent='x" - - "y')
    log_delivery(athena, "ana", "photo", "s1.cy", 100, 100, day=2, how="inline; filename=a")
    log_delivery(athena, "eve", "film", "s2.ben", 1000, 4000, day=3, status=206)
    log_delivery(athena, "eve", "film", "s2.ben", 0, 4000, day=3, status=403)
    log_delivery(athena, "eve", "film", "", 4000, 4000, day=3)
    return athena


def test_bytes_by_person(busy: Athena) -> None:
    _, rows = run(busy, ours(ReportKind.BANDWIDTH))
    assert rows == [
        ["person_id", "recipients", "files", "answers", "bytes"],
        ["eve", "1", "1", "1", "1000"], ["ana", "2", "2", "3", "117"],
    ]  # fmt: skip


def test_files_by_bytes(busy: Athena) -> None:
    _, rows = run(busy, ours(ReportKind.FILES))
    assert rows == [
        ["file_id", "recipients", "complete", "previews", "bytes"],
        ["film", "1", "0", "0", "1000"], ["photo", "1", "0", "1", "100"], ["plan", "1", "1", "0", "17"],
    ]  # fmt: skip


def test_downloads_by_recipient(busy: Athena) -> None:
    _, rows = run(busy, ours(ReportKind.RECIPIENTS))
    assert rows[1:] == [
        ["s2", "ben", "film", "2026/02/03", "2026/02/03", "0", "0", "1000"],
        ["s1", "cy", "photo", "2026/02/02", "2026/02/02", "0", "1", "100"],
        ["s1", "ben", "plan", "2026/02/01", "2026/02/02", "1", "0", "17"],
    ]
    assert len(rows[0]) == 8


@pytest.mark.parametrize("kind", TEXTS)
def test_only_the_days_that_were_asked_for(busy: Athena, kind: ReportKind) -> None:
    found, rows = run(busy, ours(kind, 4))
    assert (found["Status"]["State"], len(rows)) == ("SUCCEEDED", 1)
    assert found["Statistics"]["DataScannedInBytes"] > 0
    assert len(run(busy, ours(kind, 2, 2))[1]) > 1


def test_a_query_of_ones_own_in_athenas_sql(busy: Athena) -> None:
    text = (
        "SELECT date_format(date_parse(day, '%Y/%m/%d'), '%Y-%m') AS month, "
        "count_if(status = '200') AS fine, approx_distinct(source) AS sources, "
        "CAST(NULL AS varchar) AS nothing, 'a\"b,' AS said "
        "FROM access_log GROUP BY 1"
    )
    _, rows = run(busy, replace(REPORT, text=text))
    assert rows == [["month", "fine", "sources", "nothing", "said"], ["2026-02", "4", "1", "", 'a"b,']]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/passwd'", "SELECT getenv('PATH')", "SELECT * FROM elsewhere", "SELEC 1",
        "SELECT 1; SELECT 2", "SELECT nothing FROM access_log",
    ],
)  # fmt: skip
def test_what_cannot_be_run_fails_as_the_askers_fault(athena: Athena, text: str) -> None:
    """Among it every way out of the one table."""
    found, rows = run(athena, replace(REPORT, text=text))
    assert found["Status"]["State"] == "FAILED"
    assert found["Status"]["AthenaError"]["ErrorCategory"] == 2
    assert found["Status"]["StateChangeReason"]
    assert not rows


def test_what_would_read_too_much_is_cancelled(busy: Athena) -> None:
    busy.most_bytes = 500
    found, rows = run(busy, ours(ReportKind.FILES))
    assert (found["Status"]["State"], rows) == ("CANCELLED", [])
    assert "Bytes scanned limit" in found["Status"]["StateChangeReason"]


def test_one_token_is_one_query(athena: Athena) -> None:
    first, _ = run(athena, REPORT)
    again, _ = run(athena, REPORT)
    assert first["QueryExecutionId"] == again["QueryExecutionId"]
    with pytest.raises(Refused):
        run(athena, replace(REPORT, text="SELECT 2"))


def test_sql_is_one_statement() -> None:
    assert translate("SELECT count_if(a = 'x') FROM t").startswith("SELECT")


@pytest.fixture
def ask(athena: Athena, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], AthenaService]]:
    """The portal's own client, by the SDK."""
    port = free_port()
    for name, value in {
        "AWS_ENDPOINT_URL_ATHENA": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    calls.forget()
    with serve(athena, port) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield lambda: AthenaService(Clients("eu-central-1"), "portal-reports", "portal")
        server.shutdown()
    calls.forget()


def wait_for(service: AthenaService, execution_id: str) -> Run:
    for _ in range(500):
        found = service.look([execution_id])[execution_id]
        if found.state is not RunState.RUNNING:
            return found
        time.sleep(0.01)
    raise AssertionError("it does not end")


def test_the_portal_asks_it_as_it_asks_athena(busy: Athena, ask: Callable[[], AthenaService]) -> None:
    service = ask()
    execution_id = service.start(ours(ReportKind.FILES))
    assert service.start(ours(ReportKind.FILES)) == execution_id
    done = wait_for(service, execution_id)
    assert (done.state, done.failure) == (RunState.DONE, None)
    assert done.scanned_bytes > 0
    service.stop(execution_id)
    service.stop("another")  # which is not there
    assert service.look([execution_id, "another"]).keys() == {execution_id}
    assert service.look([]) == {}


def test_failures_are_told_apart(busy: Athena, ask: Callable[[], AthenaService]) -> None:
    service = ask()
    wrong = wait_for(service, service.start(replace(REPORT, text="SELECT nothing FROM access_log")))
    assert (wrong.state, wrong.failure) == (RunState.FAILED, Failure.WRONG)
    with pytest.raises(QueryRefused) as refused:
        service.start(replace(REPORT, text="SELECT 7"))  # under the same token
    assert refused.value.failure is Failure.WRONG
    busy.most_bytes = 1
    large = wait_for(service, service.start(ours(ReportKind.FILES)))
    assert (large.state, large.failure) == (RunState.FAILED, Failure.TOO_MUCH)


def test_a_cancelled_query_stays_cancelled(
    busy: Athena, ask: Callable[[], AthenaService], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it comes to afterwards, and without a result."""
    service = ask()
    monkeypatch.setattr(busy, "begin", lambda execution: None)  # it waits in its queue
    execution_id = service.start(ours(ReportKind.FILES))
    assert service.look([execution_id])[execution_id].state is RunState.RUNNING
    service.stop(execution_id)
    busy.run(busy.executions[execution_id])
    assert service.look([execution_id])[execution_id].state is RunState.CANCELLED
    assert f"reports/{execution_id}.csv" not in busy.s3.objects


def test_a_service_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_ATHENA", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setattr(calls, "TIMES", calls.TIMES | calls.ONE_TRY)
    calls.forget()
    with pytest.raises(Unavailable):
        AthenaService(Clients("eu-central-1"), "portal-reports", "portal").look(["x"])
    calls.forget()
