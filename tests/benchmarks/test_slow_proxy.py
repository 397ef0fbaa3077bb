"""The slow network of the upload benchmark: what it carries is whole, and it is as slow as it says."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from portal.local.processes import Child, accepts_connections, free_port

BODY = os.urandom(1_000_000)


class Echo(BaseHTTPRequestHandler):
    """Answers a POST with the SHA-256 of what came, and the same bytes after it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sha256(body).digest() + body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    asked = ["--listen", port, "--to", server.server_port, "--megabytes", 2, "--milliseconds", 200]
    log = tmp_path_factory.mktemp("proxy") / "proxy.log"
    with Child("benchmarks.slow_proxy", [*map(str, asked)], os.environ, Path(log)) as proxy:
        proxy.wait_until(lambda: accepts_connections(port))
        yield f"http://127.0.0.1:{port}/"
    server.shutdown()
    server.server_close()


def time_post(address: str, body: bytes, agent: str) -> float:
    """Seconds until all of the answer is there; what came back is what was sent."""
    begun = time.monotonic()
    with urlopen(Request(address, data=body, headers={"User-Agent": agent})) as answer:
        came = answer.read()
    assert came[:32] == sha256(body).digest()
    assert came[32:] == body
    return time.monotonic() - begun


def test_a_browser_waits_for_each_request_and_for_its_bytes_both_ways(address: str) -> None:
    """A fifth of a second, and a megabyte there and back at two a second, less what one sleep is owed."""
    assert time_post(address, BODY, "Mozilla/5.0") >= 0.2 + 0.5 + 0.5 - 2 * 0.05
    assert time_post(address, b"x", "Mozilla/5.0") >= 0.2


def test_the_portal_beside_the_bucket_does_not_wait(address: str) -> None:
    browser = time_post(address, BODY, "Mozilla/5.0")
    assert time_post(address, BODY, "Boto3/1.43 Botocore/1.43") < browser / 2
