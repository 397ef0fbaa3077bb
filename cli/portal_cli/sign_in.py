"""Signing in through the browser: it comes back to a port of this computer with a code, which a secret of
this process alone turns into a token (RFC 8252, PKCE by RFC 7636).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from portal_cli.http import TIMEOUT, make_session, read_json, try_again
from portal_cli.problems import NotSignedIn, explain_answer

WAIT_SECONDS = 300
SCOPES = ("read", "upload", "share", "delete")
NAME_CHARACTERS = 40  # with the rest of the address it must fit through the provider's page and back
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, as the portal has it
DONE = "You are signed in. You can close this window and go back to the terminal."
REFUSED = "You did not sign in. You can close this window."


class Attempt(NamedTuple):
    """One sign-in. verifier: the secret; state: that the browser brings back."""

    verifier: str
    state: str

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    @property
    def words(self) -> str:
        """What the portal's page shows, too."""
        number = int.from_bytes(hashlib.sha256(self.challenge.encode()).digest()[:5], "big")
        text = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(7, -1, -1))
        return f"{text[:4]}-{text[4:]}"

    def page(self, address: str, port: int, scopes: tuple[str, ...]) -> str:
        name = f"portal on {socket.gethostname()}"[:NAME_CHARACTERS]
        said = {
            "port": port, "challenge": self.challenge, "state": self.state, "name": name,
            "scopes": " ".join(scopes),
        }  # fmt: skip
        return f"{address}/account/tokens/authorize?{urlencode(said)}"


def begin() -> Attempt:
    return Attempt(secrets.token_urlsafe(48), secrets.token_urlsafe(12))


class Waiting(HTTPServer):
    """Listens on a free port of this computer for the one answer that brings our state back."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.attempt = attempt
        self.came: dict[str, str] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def wait_for_code(self, seconds: float = WAIT_SECONDS) -> str:
        ends = time.monotonic() + seconds
        while not self.came and (left := ends - time.monotonic()) > 0:
            self.timeout = left
            self.handle_request()
        if "code" not in self.came:
            words = (
                "You did not allow it." if self.came else "Nobody came back from the browser in five minutes."
            )
            raise NotSignedIn(words, reason=self.came.get("error") or "timeout")
        return self.came["code"]


class Answer(BaseHTTPRequestHandler):
    server: Waiting
    timeout = 10  # a connection that says nothing must not keep the answer out

    def do_GET(self) -> None:
        said = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if not hmac.compare_digest(said.get("state", "").encode(), self.server.attempt.state.encode()):
            self.send_error(404)
            return
        self.server.came = {name: said[name] for name in ("code", "error") if name in said} or {
            "error": "empty"
        }
        words = DONE if "code" in said else REFUSED
        body = f"<!doctype html><meta charset=utf-8><title>portal</title><p>{words}"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """The code is in the address: nothing of it is written anywhere."""


def exchange(address: str, attempt: Attempt, code: str) -> str:
    """The token that the code stands for."""
    session = make_session()
    answer = try_again(
        lambda: session.post(
            f"{address}/login/token", json={"code": code, "verifier": attempt.verifier},
            headers={"Accept": "application/json"}, timeout=TIMEOUT, allow_redirects=False,
        )
    )  # fmt: skip
    told = read_json(answer)
    if answer.status_code != 200 or not isinstance(told, dict):
        raise explain_answer(answer.status_code, told)
    return str(told["token"])
