"""The ways to the portal: proxies, authorities of one's own, and where the token is meanwhile."""

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.rules.tracked import ROOT

sys.path.insert(0, str(ROOT / "cli"))

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError, PasswordDeleteError
from portal_cli.http import Api
from portal_cli.main import run
from portal_cli.problems import Problem, Unreachable

VARIABLES = ("PORTAL_TOKEN", "PORTAL_URL", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
             "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # fmt: skip
ME = {"person_id": "a", "name": "Ana Lopes", "address": "ana@example.org", "scopes": ["read"]}


class Portal(BaseHTTPRequestHandler):
    """Knows one token, until it is revoked; as a proxy it is asked for whole addresses."""

    server: Server

    def answer(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.server.asked.append((self.command, self.path, token))
        is_known = token in self.server.tokens
        if is_known and self.command == "DELETE":
            self.server.tokens.remove(token)
        status = 401 if not is_known else 204 if self.command == "DELETE" else 200
        body = b"" if status == 204 else json.dumps(ME if is_known else {"reason": "invalid_token"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Portal)
        self.asked: list[tuple[str, str, str]] = []
        self.tokens = {"kept", "other"}

    def handle_error(self, request: object, client_address: object) -> None:
        """A command that does not trust it hangs up."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and nothing of this machine's own connections."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("PORTAL_CLI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PORTAL_TOKEN_STORE", "file")
    monkeypatch.setattr("portal_cli.http.wait_before", lambda *_: 0.0)
    return tmp_path / "home"


def address_of(server: Server, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{server.server_port}"


Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The exit code, and what it answers as JSON."""

    def call(*words: str, typed: str = "") -> tuple[int, Any]:
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        code = run(["--json", *words])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    return call


class TestProxies:
    """By the usual variables; the portal named in NO_PROXY is asked without one."""

    @pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
    def test_all_is_asked_through_it(
        self, server: Server, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        monkeypatch.setenv(variable, address_of(server))
        assert Api("http://portal.invalid", "kept").ask("GET", "/v1/me") == ME
        assert server.asked == [("GET", "http://portal.invalid/v1/me", "kept")]

    def test_one_that_is_not_there_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        with pytest.raises(Unreachable, match="ProxyError"):
            Api("http://portal.invalid", "kept").ask("GET", "/v1/me")

    def test_what_is_excepted_is_asked_without(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert Api(address_of(server), "kept").ask("GET", "/v1/me") == ME

    def test_a_password_of_netrc_takes_no_tokens_place(
        self, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        assert Api(address_of(server), "kept").ask("GET", "/v1/me") == ME


@pytest.fixture
def authority(server: Server, tmp_path: Path) -> Path:
    """The certificate of an organisation's own authority, by which the server proves itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = tmp_path / "acme.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return certificate


class TestAuthorities:
    """Of one's own, by either variable; without one the portal is not believed, and is asked nothing."""

    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
    def test_one_that_is_named_is_believed(
        self, server: Server, authority: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        monkeypatch.setenv(variable, str(authority))
        assert Api(address_of(server, "https"), "kept").ask("GET", "/v1/me") == ME

    def test_another_is_not_and_hears_no_token(self, server: Server, authority: Path) -> None:
        with pytest.raises(Problem) as refused:
            Api(address_of(server, "https"), "kept").ask("GET", "/v1/me")
        assert refused.value.reason == "tls"
        assert server.asked == []


class Kept(KeyringBackend):
    """A keyring that keeps things; forgetful: it takes everything and keeps nothing."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self, *, forgetful: bool = False) -> None:
        self.known: dict[tuple[str, str], str] = {}
        self.forgetful = forgetful

    def get_password(self, service: str, username: str) -> str | None:
        return self.known.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgetful:
            self.known[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.known:
            raise PasswordDeleteError
        del self.known[service, username]


class Absent(Kept):
    """No keyring at all."""

    def get_password(self, service: str, username: str) -> str | None:
        raise NoKeyringError

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NoKeyringError

    def delete_password(self, service: str, username: str) -> None:
        raise NoKeyringError


@pytest.mark.parametrize(
    ("ring", "store"), [(Kept(), ""), (Kept(forgetful=True), ""), (Absent(), ""), (Kept(), "file")],
    ids=["a keyring", "one that forgets", "none", "not wanted"],
)  # fmt: skip
def test_the_token_is_kept_once_and_goes_with_signing_out(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, command: Command, ring: Kept, store: str
) -> None:
    """In the keyring, or else in a file for nobody else to read; revoked, and nothing of it stays."""
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(ring, name))
    monkeypatch.setenv("PORTAL_TOKEN_STORE", store)
    portal = address_of(server)
    _, said = command("login", portal, "--token", typed="kept\n")
    in_ring = type(ring) is Kept and not ring.forgetful and not store
    files = list((home / "tokens").iterdir()) if (home / "tokens").exists() else []
    assert (said["kept_in"] == "keyring", len(files)) == (in_ring, int(not in_ring))
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in files)
    assert command("whoami")[1]["name"] == "Ana Lopes"
    assert command("logout")[0] == 0
    assert server.tokens == {"other"}
    assert ring.known == {}
    assert not any(each.exists() for each in files)
    assert command("whoami") == (3, None)


def test_signing_out_ends_what_is_kept_and_not_what_a_variable_says(
    server: Server, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    """Else the token that is forgotten would stay valid, and a script's would end."""
    command("login", address_of(server), "--token", typed="kept\n")
    monkeypatch.setenv("PORTAL_TOKEN", "other")
    assert command("whoami")[0] == 0
    assert command("logout")[0] == 0
    assert server.tokens == {"other"}
    assert command("logout") == (3, None)


def test_a_token_that_was_valid_no_more_is_forgotten_all_the_same(
    server: Server, home: Path, command: Command
) -> None:
    command("login", address_of(server), "--token", typed="kept\n")
    server.tokens.clear()
    assert command("logout")[0] == 0
    assert list((home / "tokens").iterdir()) == []


def test_without_an_answer_the_token_is_not_forgotten(server: Server, home: Path, command: Command) -> None:
    """It would stay valid, and nobody could revoke it by its name."""
    command("login", address_of(server), "--token", typed="kept\n")
    server.shutdown()
    server.server_close()
    assert command("logout")[0] == 6
    assert len(list((home / "tokens").iterdir())) == 1
