"""An SES that takes emails and answers as told, over HTTP: neither moto nor MiniStack loses answers or
refuses the account.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_SECONDS = 30.0


class SesStub(ThreadingHTTPServer):
    """answer: "" takes and answers; "lost", "slow" and "broken" take and do not, or answer 500; else the code
    and message, after a colon, of a refusal, with `status`; {to} is the recipient there.

    taken: the recipients of what it took.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.status = "", 400
        self.taken: list[str] = []
        self.asked = 0
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: SesStub

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.server.asked += 1
        answer = self.server.answer
        if answer in {"", "lost", "slow", "broken"}:
            self.server.taken += body["Destination"]["ToAddresses"]
        if answer == "lost":
            self.close_connection = True
        elif answer == "slow":
            self.server.released.wait(HANG_SECONDS)
        elif answer == "broken":
            self.send(500, {"message": "broken"}, "InternalFailure")
        elif answer:
            kind, _, message = answer.partition(":")
            to = body["Destination"]["ToAddresses"][0]
            self.send(self.server.status, {"message": message.replace("{to}", to)}, kind)
        else:
            self.send(200, {"MessageId": f"message-{len(self.server.taken)}"})

    def send(self, status: int, body: dict[str, Any], kind: str = "") -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if kind:
            self.send_header("x-amzn-ErrorType", kind)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def ses_stub() -> Iterator[SesStub]:
    with SesStub() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
