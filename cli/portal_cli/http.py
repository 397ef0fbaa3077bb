"""Connections: to the portal with its token, and to the storage without; proxies and authorities by the usual
variables (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from portal_cli import __version__
from portal_cli.problems import Problem, Unreachable, UsageProblem, explain_answer

BLOCK_BYTES = 1024**2  # that a body is read and sent by
TRIES = 6
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 60.0
TIMEOUT = (10, 60)  # seconds to connect, and between two bytes
WORTH_ANOTHER_TRY = {429, 500, 502, 503, 504}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class LargeBlocks(HTTPAdapter):
    """http.client reads bodies by 16 KiB unless it is told otherwise."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named, blocksize=BLOCK_BYTES)

    def proxy_manager_for(self, proxy: Any, **named: Any) -> Any:
        return super().proxy_manager_for(proxy, **named, blocksize=BLOCK_BYTES)


class Bearer(requests.auth.AuthBase):
    """Says the token, or nothing; either way no ~/.netrc does."""

    def __init__(self, token: str = "") -> None:
        self.token = token

    def __call__(self, asked: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            asked.headers["Authorization"] = f"Bearer {self.token}"
        return asked


def make_session(token: str = "", connections: int = 8) -> requests.Session:
    made = requests.Session()
    made.auth = Bearer(token)
    made.headers["User-Agent"] = f"portal-cli/{__version__}"
    if not os.environ.get("REQUESTS_CA_BUNDLE") and os.environ.get("SSL_CERT_FILE"):
        made.verify = os.environ["SSL_CERT_FILE"]
    for scheme in ("https://", "http://"):
        made.mount(scheme, LargeBlocks(pool_connections=4, pool_maxsize=connections))
    return made


def check_address(text: str) -> str:
    """The portal's address without a slash at its end: https, or http on this machine itself."""
    parts = urlsplit(text if "://" in text else f"https://{text}")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not parts.hostname or not is_safe or parts.query or parts.username:
        raise UsageProblem(f"{text} is no address of a portal. It begins with https://.", reason="address")
    return parts.geturl().rstrip("/")


def wait_before(attempt: int, answer: requests.Response | None = None) -> float:
    """Seconds before the next try: what the answer says, or twice as long each time."""
    said = answer.headers.get("Retry-After", "") if answer is not None else ""
    seconds = float(said) if said.isdigit() else FIRST_PAUSE_SECONDS * 2**attempt
    return min(seconds, LONGEST_PAUSE_SECONDS)


def try_again(
    ask: Callable[[], requests.Response], pause: Callable[[float], None] = time.sleep
) -> requests.Response:
    """The answer, once one came that says more than to try again. Raises Unreachable."""
    problem: Problem = Unreachable("The portal does not answer.")
    for attempt in range(TRIES):
        answer = None
        try:
            answer = ask()
            if answer.status_code not in WORTH_ANOTHER_TRY:
                return answer
            problem = explain_answer(answer.status_code, read_json(answer))
        except requests.exceptions.SSLError as broken:
            raise Unreachable(f"The connection is not secure: {broken}", reason="tls") from broken
        except BROKEN as broken:
            problem = Unreachable(f"No connection: {describe_break(broken)}")
        if attempt < TRIES - 1:
            pause(wait_before(attempt, answer))
    raise problem


def describe_break(broken: Exception) -> str:
    """Without the address, which may be a secret."""
    return type(broken).__name__


def read_json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


class Api:
    """The portal's /v1. What it refuses is raised as a Problem."""

    def __init__(self, address: str, token: str, connections: int = 8) -> None:
        self.address = address
        self.session = make_session(token, connections)

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """What the answer says. Each call may be made twice: those that create something carry a key."""
        answer = self.get_answer(method, path, body, headers)
        return read_json(answer)

    def get_answer(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        url = path if path.startswith(self.address) else self.address + path

        def ask() -> requests.Response:
            return self.session.request(
                method, url, json=body, headers=dict(headers or {}), timeout=TIMEOUT, allow_redirects=False
            )

        answer = try_again(ask)
        if answer.status_code >= 300:
            raise explain_answer(answer.status_code, read_json(answer))
        return answer
