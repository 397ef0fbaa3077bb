"""What Athena does in AWS: runs a SELECT on the access log and writes its result as CSV. Here DuckDB runs it,
on the lines as the portal's own reader understands them; SQLGlot puts Athena's SQL into DuckDB's. Runs as the
account's root, as it stands outside the portal.

Shapes: StartQueryExecution, BatchGetQueryExecution and StopQueryExecution of Athena's API reference. The
query may read nothing but that one table: DuckDB's own ways out of it are locked.
"""

from __future__ import annotations

import argparse
import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import boto3

from portal.domain.links.access_log_lines import LogLine, parse_line
from portal.domain.usage.reports import TABLE, name_partition
from portal.local.processes import end_with_parent

LOGS, RESULTS = "access/", "reports/"
MOST_SCANNED = 10 * 1024**3  # as the template's ReportBytes
COLUMNS = (
    "bucket_owner", "bucket", "requested_at", "source", "requester", "request_id", "operation", "key",
    "request", "status", "error", "bytes_sent", "object_size", "total_ms", "turnaround_ms", "referrer",
    "agent", "version_id", "host_id", "signature_version", "cipher_suite", "authentication", "host",
    "tls_version", "access_point", "acl_required", "day",
)  # fmt: skip
log = logging.getLogger("portal.local.athena")


class Refused(Exception):
    """What Athena answers with 400 at once."""


@dataclass
class Execution:
    id: str
    query: str
    parameters: tuple[str, ...]
    state: str = "QUEUED"
    reason: str = ""
    is_users_fault: bool = False
    scanned_bytes: int = 0
    began_at: float = field(default_factory=time.monotonic)
    run_ms: int = 0
    connection: Any = None

    def end(self, state: str, reason: str = "", *, is_users_fault: bool = False) -> None:
        """Unless it has ended before, as by a cancelling."""
        if self.state in {"QUEUED", "RUNNING"}:
            self.state, self.reason, self.is_users_fault = state, reason, is_users_fault
            self.run_ms = round((time.monotonic() - self.began_at) * 1000)

    def describe(self) -> dict[str, Any]:
        status: dict[str, Any] = {"State": self.state}
        if self.reason:
            status["StateChangeReason"] = self.reason
        if self.state == "FAILED":
            status["AthenaError"] = {"ErrorCategory": 2 if self.is_users_fault else 1}
        return {
            "QueryExecutionId": self.id, "Query": self.query, "Status": status,
            "Statistics": {
                "DataScannedInBytes": self.scanned_bytes,
                "TotalExecutionTimeInMillis": self.run_ms
                or round((time.monotonic() - self.began_at) * 1000),
            },
        }  # fmt: skip


class Athena:
    """most_bytes: how much of the log one query may read."""

    def __init__(self, s3: Any, logs_bucket: str, most_bytes: int = MOST_SCANNED) -> None:
        self.s3 = s3
        self.logs_bucket = logs_bucket
        self.most_bytes = most_bytes
        self.executions: dict[str, Execution] = {}
        self.by_token: dict[str, Execution] = {}
        self.starting = threading.Lock()

    def answer(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        match action:
            case "StartQueryExecution":
                return {"QueryExecutionId": self.start(asked).id}
            case "BatchGetQueryExecution":
                known = [self.executions.get(each) for each in asked["QueryExecutionIds"]]
                return {"QueryExecutions": [each.describe() for each in known if each]}
            case "StopQueryExecution":
                self.stop(asked["QueryExecutionId"])
                return {}
        raise Refused(f"{action} is not modelled")

    def start(self, asked: Mapping[str, Any]) -> Execution:
        token, query = asked["ClientRequestToken"], asked["QueryString"]
        with self.starting:
            known = self.by_token.get(token)
            if known and known.query != query:
                raise Refused("Idempotent parameters do not match")
            if known:
                return known
            parameters = tuple(asked.get("ExecutionParameters", ()))
            execution = Execution(str(uuid4()), query, parameters)
            self.by_token[token] = self.executions[execution.id] = execution
        self.begin(execution)
        return execution

    def begin(self, execution: Execution) -> None:
        threading.Thread(target=self.run, args=[execution], daemon=True).start()

    def stop(self, execution_id: str) -> None:
        execution = self.executions.get(execution_id)
        if execution is None:
            raise Refused(f"QueryExecution {execution_id} was not found")
        execution.end("CANCELLED", "Query cancelled by user")
        if (connection := execution.connection) is not None:
            with suppress(Exception):  # it may just have ended
                connection.interrupt()

    def run(self, execution: Execution) -> None:
        import duckdb
        from sqlglot.errors import SqlglotError

        execution.state = "RUNNING" if execution.state == "QUEUED" else execution.state
        try:
            body = self.write_result(execution)
            if execution.state == "RUNNING":
                key = f"{RESULTS}{execution.id}.csv"
                self.s3.put_object(Bucket=self.logs_bucket, Key=key, Body=body.encode())
            execution.end("SUCCEEDED")
        except ScanLimit:
            execution.end("CANCELLED", "Bytes scanned limit was exceeded")
        except (duckdb.Error, SqlglotError) as error:
            execution.end("FAILED", str(error), is_users_fault=True)
        except Exception as error:
            log.exception("a query failed")
            execution.end("FAILED", str(error))

    def write_result(self, execution: Execution) -> str:
        import duckdb

        locked: Any = {"enable_external_access": "false", "autoinstall_known_extensions": "false"}
        with duckdb.connect(":memory:", config=locked) as connection:
            execution.connection = connection
            names = ", ".join(f"{each} VARCHAR" for each in COLUMNS)
            connection.execute(f"CREATE TABLE {TABLE} ({names})")
            rows = list(self.read_rows(execution))
            if rows:
                marks = ", ".join("?" * len(COLUMNS))
                connection.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", rows)  # noqa: S608 -- names of ours
            connection.execute("SET lock_configuration = true")
            values = [read_literal(each) for each in execution.parameters]
            found = connection.execute(translate(execution.query), values)
            columns = [each[0] for each in found.description or ()]
            return write_csv(columns, found.fetchall())

    def read_rows(self, execution: Execution) -> Iterator[tuple[str | None, ...]]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.logs_bucket, Prefix=LOGS)
        for each in (item for page in pages for item in page.get("Contents", [])):
            execution.scanned_bytes += each["Size"]
            if execution.scanned_bytes > self.most_bytes:
                raise ScanLimit
            body = self.s3.get_object(Bucket=self.logs_bucket, Key=each["Key"])["Body"].read()
            for line in body.decode("utf-8", "replace").splitlines():
                if found := parse_line(line):
                    yield list_cells(found)


class ScanLimit(Exception):
    """The query would read more than it may."""


def list_cells(line: LogLine) -> tuple[str | None, ...]:
    """In the order of COLUMNS; what the log says nothing of is "-", as in the log itself."""
    request = f"{line.method} {line.address} {line.protocol}" if line.method else "-"
    texts = {
        **vars(line), "request": request, "day": name_partition(line.at.date()),
        "requested_at": f"{line.at.astimezone(UTC):%d/%b/%Y:%H:%M:%S %z}",
    }  # fmt: skip
    return tuple("-" if texts[each] in {None, ""} else str(texts[each]) for each in COLUMNS)


def translate(query: str) -> str:
    """Athena's SQL as DuckDB's; refuses what is not one statement."""
    import sqlglot
    from sqlglot.errors import ParseError

    statements = sqlglot.transpile(query, read="athena", write="duckdb")
    if len(statements) != 1:
        raise ParseError("Only one sql statement is allowed")
    return statements[0]


def read_literal(text: str) -> str | int:
    """An execution parameter: a text in quotation marks, or a number."""
    return text[1:-1].replace("''", "'") if text.startswith("'") else int(text)


def write_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """As Athena writes it: everything in quotation marks but what is not there."""
    cells = [[quote(each) for each in row] for row in [columns, *rows]]
    return "".join(f"{','.join(row)}\n" for row in cells)


def quote(value: Any) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace('"', '""') + '"'


def serve(athena: Athena, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
            action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            try:
                status, answer = 200, athena.answer(action, asked)
            except Refused as refused:
                status, answer = 400, {"__type": "InvalidRequestException", "Message": str(refused)}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """What fails is logged where it fails."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs-bucket", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s")
    serve(Athena(boto3.client("s3"), arguments.logs_bucket), arguments.port).serve_forever()


if __name__ == "__main__":
    main()
