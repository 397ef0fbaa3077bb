"""A proxy in front of embedded AWS that fails as told: loses answers, throttles, breaks, hangs."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HANG_SECONDS = 60.0
S3 = {
    ("POST", "uploads"): "CreateMultipartUpload", ("GET", "uploads"): "ListMultipartUploads",
    ("GET", "uploadId"): "ListParts", ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload", ("HEAD", ""): "HeadObject",
}  # fmt: skip
HOP = {"connection", "transfer-encoding", "keep-alive"}


class Faults(ThreadingHTTPServer):
    """`fail("TransactWriteItems", "lost")` makes the next such call end so; `seen` counts calls.

    `hangs` says which calls are never answered. S3's calls are told apart by their method and query:
    `fail("CompleteMultipartUpload", "slow")`.
    """

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.upstream = urlsplit(upstream).netloc
        self.planned: list[tuple[str, str]] = []
        self.seen: Counter[str] = Counter()
        self.released = threading.Event()
        self.hangs: Callable[[Passing, bytes], bool] = lambda call, body: False
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fail(self, operation: str, fault: str, times: int = 1) -> None:
        self.planned += [(operation, fault)] * times

    def next_fault(self, operation: str) -> str:
        with self.lock:
            self.seen[operation] += 1
            for place, (planned, fault) in enumerate(self.planned):
                if planned == operation:
                    del self.planned[place]
                    return fault
        return ""


class Passing(BaseHTTPRequestHandler):
    server: Faults

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.next_fault(self.operation)
        if fault == "hang" or self.server.hangs(self, body):
            self.server.released.wait(HANG_SECONDS)
            return
        if fault in {"throttle", "conflict", "broken", "slow"}:
            self.refuse(fault)
            return
        status, headers, answer = self.pass_on(body)
        if fault == "lost":  # done, and nobody hears of it
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST

    @property
    def service(self) -> str:
        target = str(self.headers.get("X-Amz-Target", ""))
        by_target = {"DynamoDB": "dynamodb", "AWSCognito": "cognito-idp"}
        named = next((name for start, name in by_target.items() if target.startswith(start)), "")
        return named or ("sesv2" if self.path.startswith("/v2/email/") else "s3")

    @property
    def operation(self) -> str:
        target = str(self.headers.get("X-Amz-Target", "")).rpartition(".")[2]
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        named = next((each for each in ("uploads", "uploadId") if each in asked), "")
        return target or S3.get((self.command, named), "")

    def pass_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """With the Host that was signed."""
        with closing(http.client.HTTPConnection(self.server.upstream, timeout=30)) as connection:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def refuse(self, fault: str) -> None:
        if "X-Amz-Target" not in self.headers:
            self.refuse_as_s3(fault)
            return
        kind = {
            "throttle": "ThrottlingException",
            "conflict": "TransactionCanceledException",
            "broken": "InternalServerError",
        }[fault]
        reasons = {"CancellationReasons": [{"Code": "TransactionConflict"}]} if fault == "conflict" else {}
        answer = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", **reasons}).encode()
        self.send_response(500 if fault == "broken" else 400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def refuse_as_s3(self, fault: str) -> None:
        kind, status = ("SlowDown", 503) if fault == "slow" else ("InternalError", 500)
        answer = f"<Error><Code>{kind}</Code><Message>{kind}</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def faulty(upstream: str) -> Iterator[Faults]:
    with Faults(upstream) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
