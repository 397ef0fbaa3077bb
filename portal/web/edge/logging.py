"""Logs: one JSON line per request and event, in UTC, without tokens, cookies, addresses or typed text (R65).

The fields have the names that Powertools for AWS Lambda gives them, so that what people and tools know of
its logs holds here. The formatter is our own: importing Powertools' Logger costs a cold start 24 ms of
processor time where Flask and boto3 are loaded already, its formatter alone 17, and a bare Flask page takes
138 (medians of 11 rounds). It would also write an exception's own words, which may hold what a log must
not.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from portal import aws_calls
from portal.engine.metrics import Metric, add_figures, emit, format_figures
from portal.web.edge.audience import request_audience

log = logging.getLogger("portal.request")

# The token of a recipient's link or a file request, wherever an address of one turns up.
SECRET_PATH = re.compile(r"/(d|r)/[^/?\s\"']+")
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
TRACE_ROOT = re.compile(
    r"(?:^|;)Root=([0-9a-f-]+)"
)  # `_X_AMZN_TRACE_ID` is `Root=1-...;Parent=...;Sampled=0`
GIVEN_ID = re.compile(r"[A-Za-z0-9=_-]{8,64}")  # an HTTP API gives ids such as `JKJaXmPLvHcESHA=`


class Invocation:
    """What each line says of the call of the function it was written in; nothing outside Lambda.

    One for the process: Lambda gives it one event at a time, and a call's threads log as part of it.
    """

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.calls = 0

    def begin(self, context: Any, trace_id: str = "") -> None:
        """context: Lambda's, or anything that lacks some of its attributes. trace_id: `_X_AMZN_TRACE_ID`."""
        root = TRACE_ROOT.search(trace_id)
        fields = {
            "cold_start": self.calls == 0,
            "function_name": getattr(context, "function_name", None),
            "function_memory_size": getattr(context, "memory_limit_in_mb", None),
            "function_arn": getattr(context, "invoked_function_arn", None),
            "function_request_id": getattr(context, "aws_request_id", None),
            "xray_trace_id": root[1] if root else None,
        }
        self.fields = {name: value for name, value in fields.items() if value is not None}
        if self.calls == 0:
            emit({Metric.COLD_START: 1})
        self.calls += 1


INVOCATION = Invocation()


class JsonLines(logging.Formatter):
    """A record as one line of ASCII JSON: no name can forge a second line or colour a terminal (R24)."""

    def __init__(self, service: str = "portal", invocation: Invocation = INVOCATION) -> None:
        super().__init__()
        self.service, self.invocation = service, invocation

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "service": self.service,
            "logger": record.name,
            **self.invocation.fields,
        }
        if has_request_context():
            line["correlation_id"] = request_id()
        line |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if figures := line.pop("figures", None):
            line |= format_figures(figures, self.service, record.created)
        if record.exc_info and record.exc_info[0]:
            line["exception_name"] = record.exc_info[0].__name__
            line["stack_trace"] = {"type": record.exc_info[0].__name__, "frames": frames(record.exc_info[2])}
        return hide_tokens(json.dumps(line, default=str))


def frames(trace: Any) -> list[dict[str, Any]]:
    """The places of a traceback without the values: an exception's own words may hold what a log must not."""
    return [
        {"file": frame.filename, "line": frame.lineno, "function": frame.name}
        for frame in traceback.extract_tb(trace)
    ]


def hide_tokens(text: str) -> str:
    return SECRET_PATH.sub(r"/\1/*", text)


def configure(level: str, service: str = "portal") -> None:
    """Send every log of this process through JsonLines, and Lambda's own plain text nowhere."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("portal").setLevel(level)
    for name in ("portal.metrics", "portal.request"):  # figures are wanted however little is logged
        logging.getLogger(name).setLevel(logging.INFO)


def install(app: Flask) -> None:
    """One line for each request, when it is answered."""

    @app.before_request
    def begin() -> None:
        g.began, g.aws_calls = time.perf_counter(), aws_calls.begin()

    @app.after_request
    def end(response: Response) -> Response:
        log.info(
            "request",
            extra={
                "method": request.method[:16],
                "path": request.path[:200],
                "endpoint": request.endpoint,
                "status": response.status_code,
                "person": g.get("person_id"),
                "source_ip": request.remote_addr,
                **add_figures(measure(response.status_code), audience=str(request_audience())),
            },
        )
        return response


def measure(status: int) -> dict[Metric, float]:
    """The figures of the request that is answered; of what does not always happen, only what did."""
    calls = g.get("aws_calls") or aws_calls.Count()
    return {
        Metric.LATENCY: round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        Metric.AWS_CALLS: calls.made,
        **({Metric.AWS_THROTTLES: calls.throttled} if calls.throttled else {}),
        **({Metric.CLIENT_ERRORS: 1} if 400 <= status < 500 else {}),
        **({Metric.SERVER_ERRORS: 1} if status >= 500 else {}),
        **({Metric.DENIED: 1} if status in {401, 403} else {}),
    }


def request_id() -> str:
    """The gateway's id of the request where it gave one (`portal.request_id` in environ), else our own."""
    if "request_id" not in g:
        given = str(request.environ.get("portal.request_id", ""))
        g.request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)
