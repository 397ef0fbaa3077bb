"""Receivers on this machine: an honest one that keeps what it gets, and hostile ones that answer as told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answering = Callable[[socket.socket], None]


@dataclass
class Target:
    """requests: each as it came, head and body; connected: how often somebody connected."""

    port: int
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connected: int = 0
    reads: bool = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=portal"


@contextmanager
def listen(*answers: Answering | bytes) -> Iterator[Target]:
    """A server that answers its n-th request with the n-th of these; with the last of them from then on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = Target(server.getsockname()[1])
        threading.Thread(target=serve, args=(server, target, answers), daemon=True).start()
        yield target


@contextmanager
def listen_raw(answer: Answering | bytes) -> Iterator[Target]:
    """A server that answers before it has read anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = Target(server.getsockname()[1], reads=False)
        threading.Thread(target=serve, args=(server, target, (answer,)), daemon=True).start()
        yield target


def serve(server: socket.socket, target: Target, answers: tuple[Answering | bytes, ...]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            target.connected += 1
            answer = answers[min(target.connected, len(answers)) - 1]
            threading.Thread(target=attend, args=(connection, target, answer), daemon=True).start()


def attend(connection: socket.socket, target: Target, answer: Answering | bytes) -> None:
    with connection, suppress(OSError):
        if target.reads:
            target.requests.append(read_request(connection))
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(connection)


def read_request(connection: socket.socket) -> tuple[dict[str, str], bytes]:
    came = b""
    while b"\r\n\r\n" not in came:
        came += connection.recv(4096)
    head, _, body = came.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines[1:])}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(4096)
    return {"": lines[0], **headers}, body


def say(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


OK = say("204 No Content")


def drip(beginning: bytes, seconds: float = 0.05) -> Answering:
    """A byte now and then, for ever."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            threading.Event().wait(seconds)
            connection.sendall(b"x")

    return answer


def flood(beginning: bytes) -> Answering:
    """As much as the line takes, for ever."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(b"y" * 65536)

    return answer
