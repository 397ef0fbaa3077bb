"""The commands of a deployed stage: logs, redrive, rollback, cost."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infrastructure.cost import choose_days, format_costs, read_costs
from infrastructure.failures import CommandFailed
from infrastructure.function import DEPLOYED
from infrastructure.logs import ERRORS, format_line, read_log
from infrastructure.redrive import redrive
from infrastructure.rollback import roll_back
from infrastructure.stages import Stage
from portal.local.ministack import MiniStack
from tests.infrastructure.conftest import Stack

STAGE = Stage("worn", {"project_name": "portal"})
URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead"
ARN = "arn:aws:sqs:eu-central-1:123456789012:dead"


def code_of(text: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("app.py"), text)
    return archive.getvalue()


@pytest.fixture
def functions(stack: Stack) -> Iterator[Any]:
    client = stack.root.client("lambda")
    client.create_function(
        FunctionName=STAGE.function,
        Runtime="python3.11",
        Role=stack.outputs["FunctionRoleArn"],
        Handler="app.handler",
        Code={"ZipFile": code_of("one")},
        Publish=True,
        Tags={DEPLOYED: "one"},
    )
    yield client
    client.delete_function(FunctionName=STAGE.function)


def bring(functions: Any, text: str) -> str:
    """A new version's number."""
    made = functions.update_function_code(FunctionName=STAGE.function, ZipFile=code_of(text), Publish=True)
    functions.get_waiter("function_updated_v2").wait(FunctionName=STAGE.function, WaiterConfig={"Delay": 1})
    return str(made["Version"])


class CodeOfVersions(BaseHTTPRequestHandler):
    """Where AWS has the code of each version; the stand-in gives the newest, whichever is asked for."""

    codes: dict[str, bytes] = {}

    def do_GET(self) -> None:
        self.send_response(200 if self.path[1:] in self.codes else 404)
        self.end_headers()
        self.wfile.write(self.codes.get(self.path[1:], b""))

    def log_message(self, *_: Any) -> None:
        pass


class Session:
    """The stand-in's, with the code of versions at an address of their own."""

    def __init__(self, real: boto3.Session, address: str) -> None:
        self.real, self.address = real, address

    def client(self, service: str) -> Any:
        client: Any = self.real.client(service)  # type: ignore[call-overload]
        client.meta.events.register("provide-client-params.lambda.GetFunction", self.remember)
        client.meta.events.register("after-call.lambda.GetFunction", self.lead)
        return client

    def remember(self, params: dict[str, str], **_: Any) -> None:
        self.version = params.get("Qualifier", "")

    def lead(self, parsed: dict[str, Any], **_: Any) -> None:
        if self.version and "Code" in parsed:
            parsed["Code"]["Location"] = f"{self.address}/{self.version}"


@pytest.fixture
def session(embedded_aws: MiniStack) -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), CodeOfVersions) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Session(embedded_aws.session(), f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def running(functions: Any) -> str:
    return str(functions.get_function_configuration(FunctionName=STAGE.function)["CodeSha256"])


def test_the_code_before_runs_again(session: Any, functions: Any) -> None:
    """And the next deploy does not think that its own is there."""
    first = running(functions)
    second = bring(functions, "two")
    CodeOfVersions.codes = {"1": code_of("one"), second: code_of("two")}
    newer = running(functions)
    assert newer != first
    assert roll_back(session, STAGE) == "1"
    assert running(functions) == first
    assert DEPLOYED not in functions.get_function(FunctionName=STAGE.function).get("Tags", {})
    assert roll_back(session, STAGE, second) == second
    assert running(functions) == newer
    CodeOfVersions.codes = {}
    with pytest.raises(CommandFailed, match="could not be fetched"):
        roll_back(session, STAGE)
    session.address = "http://127.0.0.1:1"
    with pytest.raises(CommandFailed, match="is this machine online"):
        roll_back(session, STAGE)
    assert running(functions) == newer


def test_there_may_be_nothing_to_go_back_to(embedded_aws: MiniStack, functions: Any) -> None:
    session, before = embedded_aws.session(), running(functions)
    with pytest.raises(CommandFailed, match="none with other code"):
        roll_back(session, STAGE)
    with pytest.raises(CommandFailed, match="no version 9; kept are 1"):
        roll_back(session, STAGE, "9")
    assert running(functions) == before
    with pytest.raises(CommandFailed, match="make deploy"):
        roll_back(session, Stage("none", {"project_name": "portal"}))


def stub(tasks: list[dict[str, Any]], waiting: str = "3") -> tuple[Any, Stubber]:
    """Neither stand-in moves messages; botocore's own model checks what is asked and answered."""
    sqs = boto3.client("sqs", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    answers = Stubber(sqs)
    asked = {"QueueUrl": URL, "AttributeNames": ["QueueArn", "ApproximateNumberOfMessages"]}
    counted = {"QueueArn": ARN, "ApproximateNumberOfMessages": waiting}
    answers.add_response("get_queue_attributes", {"Attributes": counted}, asked)
    if tasks:
        answers.add_response("start_message_move_task", {"TaskHandle": "a"}, {"SourceArn": ARN})
    for task in tasks:
        answers.add_response(
            "list_message_move_tasks", {"Results": [task]}, {"SourceArn": ARN, "MaxResults": 1}
        )
    return sqs, answers


def test_events_that_failed_go_through_the_queue_again() -> None:
    """Waits until all are moved."""
    sqs, answers = stub(
        [{"Status": "RUNNING"}, {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 3}]
    )
    with answers:
        assert redrive(sqs, URL) == 3
        answers.assert_no_pending_responses()


def test_where_none_failed_nothing_is_asked_for() -> None:
    sqs, answers = stub([], waiting="0")
    with answers:
        assert redrive(sqs, URL) == 0


def test_events_that_could_not_be_moved_are_told_of() -> None:
    sqs, answers = stub([{"Status": "FAILED", "FailureReason": "AWS.SimpleQueueService.NonExistentQueue"}])
    with answers, pytest.raises(CommandFailed, match="NonExistentQueue"):
        redrive(sqs, URL)


def test_the_log_is_shown_a_line_each(embedded_aws: MiniStack) -> None:
    session, group = embedded_aws.session(), f"/aws/lambda/{STAGE.function}"
    now = datetime.now(UTC)
    with pytest.raises(CommandFailed, match="logged nothing"):
        list(read_log(session, STAGE, now))
    logs = session.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="a")
    lines = {
        "level": "ERROR",
        "message": "late",
        "correlation_id": "id-1",
        "exception_name": "Oops",
        "x": "secret",
    }
    events = [(0, json.dumps(lines)), (1, "START RequestId: 1\n"), (-7200, json.dumps(lines))]
    logs.put_log_events(
        logGroupName=group,
        logStreamName="a",
        logEvents=[{"timestamp": int((now.timestamp() + late) * 1000), "message": text}
                   for late, text in sorted(events)],
    )  # fmt: skip
    found = list(read_log(session, STAGE, now - timedelta(minutes=60)))
    assert [each[20:] for each in found] == [
        "ERROR    late correlation_id=id-1 exception_name=Oops", "START RequestId: 1",
    ]  # fmt: skip
    logs.delete_log_group(logGroupName=group)
    assert "ERROR" in ERRORS
    assert "CRITICAL" in ERRORS


@pytest.mark.parametrize("message", ["", "[1, 2]", '"text"', '{"level": 3}', "{"])
def test_a_line_of_others_is_shown_as_it_is(message: str) -> None:
    assert format_line(0, message) == f"1970-01-01 00:00:00 {message}"


@pytest.mark.parametrize(
    ("today", "start", "end"),
    [
        (date(2026, 1, 1), date(2025, 12, 1), date(2026, 1, 2)),
        (date(2026, 3, 31), date(2026, 2, 1), date(2026, 4, 1)),
        (date(2026, 12, 15), date(2026, 11, 1), date(2026, 12, 16)),
    ],
)
def test_last_month_is_whole(today: date, start: date, end: date) -> None:
    assert choose_days(today) == (start, end)


def bill(start: str, service: str, usd: str) -> dict[str, Any]:
    cost = {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}
    period = {"Start": start, "End": "2026-12-01"}
    return {"TimePeriod": period, "Groups": [{"Keys": [service], "Metrics": cost}]}


def test_the_bill_is_asked_by_the_stages_tag_over_all_pages() -> None:
    explorer = boto3.client(
        "ce", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    pages = [
        [("2026-10-01", "AWS Lambda", "0.10")],
        [("2026-11-01", "Amazon SES", "0"), ("2026-11-01", "Amazon S3", "1.5")],
    ]
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-16"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Tags": {"Key": "portal-stage", "Values": ["pilot"]}},
    }
    with Stubber(explorer) as answers:
        first, last = [{"ResultsByTime": [bill(*each) for each in page]} for page in pages]
        answers.add_response("get_cost_and_usage", first | {"NextPageToken": "more"}, asked)
        answers.add_response("get_cost_and_usage", last, asked | {"NextPageToken": "more"})
        costs = read_costs(explorer, "pilot", date(2026, 10, 1), date(2026, 11, 16))
    assert costs == {"2026-10": {"AWS Lambda": Decimal("0.10")}, "2026-11": {"Amazon S3": Decimal("1.5")}}
    assert format_costs(costs["2026-11"] | {"x": Decimal(2)}).splitlines()[-1].split() == ["together", "3.50"]
