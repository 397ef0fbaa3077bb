"""A proxy between the command and everything it asks: it counts the bytes of bodies, and can hold them up
once so many have passed, so that a command is killed in the middle of a transfer however quick it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

SECONDS = 60
PIECE = 64 * 1024
OF_ONE_CONNECTION = {"connection", "proxy-connection", "transfer-encoding", "keep-alive"}


class Gate(ThreadingHTTPServer):
    """most: bytes that pass before it shuts, after which nothing passes; spoil: what is put in another's
    place in answers.
    """

    daemon_threads = True

    def __init__(self, most: int = 2**62, spoil: tuple[bytes, bytes] = (b"", b"")) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.most, self.spoil = most, spoil
        self.passed, self.counting = 0, Lock()
        self.is_shut, self.opened = Event(), Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def count(self, piece: bytes) -> bytes:
        with self.counting:
            self.passed += len(piece)
            is_open = self.passed < self.most
        if not is_open:
            self.is_shut.set()
            self.opened.wait(SECONDS)
            # What a killed command had handed to the kernel is still there to be read: it must not arrive.
            raise ConnectionError("the gate was shut")
        return piece

    def handle_error(self, request: object, client_address: object) -> None:
        """A command that was killed leaves connections that break."""


class Passing(BaseHTTPRequestHandler):
    server: Gate
    protocol_version = "HTTP/1.1"

    def hand_on(self) -> None:
        to = urlsplit(self.path)
        service = HTTPConnection(to.netloc, timeout=SECONDS)
        service.putrequest(self.command, to._replace(scheme="", netloc="").geturl(),
                           skip_host=True, skip_accept_encoding=True)  # fmt: skip
        for name, value in self.headers.items():
            if name.lower() not in OF_ONE_CONNECTION:
                service.putheader(name, value)
        service.endheaders()
        left = int(self.headers.get("Content-Length", 0))
        while left:
            piece = self.rfile.read(min(PIECE, left))
            if not piece:
                raise ConnectionError("the command is gone")
            service.send(self.server.count(piece))
            left -= len(piece)
        self.answer(service.getresponse())
        service.close()

    def answer(self, came: HTTPResponse) -> None:
        self.send_response_only(came.status, came.reason)
        for name, value in came.getheaders():
            if name.lower() not in OF_ONE_CONNECTION:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while piece := came.read(PIECE):
            self.wfile.write(self.server.count(self.spoil(piece)))

    def spoil(self, piece: bytes) -> bytes:
        right, wrong = self.server.spoil
        return piece.replace(right, wrong) if right else piece

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = hand_on

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def open_gate(most: int = 2**62, spoil: tuple[bytes, bytes] = (b"", b"")) -> Iterator[Gate]:
    gate = Gate(most, spoil)
    Thread(target=gate.serve_forever, daemon=True).start()
    try:
        yield gate
    finally:
        gate.opened.set()
        gate.shutdown()
        gate.server_close()
