"""Reading from a connection with one end for all of it: a peer that sends a byte a second gains no time, and
one that never ends is cut off.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from typing import Any

MAX_BYTES = 32_768  # of head and body as they come


class TooMuch(OSError):
    """More came than is read."""


class BoundedReader(io.RawIOBase):
    """What `http.client` reads an answer from. seconds_left: until the end of the whole call."""

    def __init__(self, connection: socket.socket, seconds_left: Callable[[], float]) -> None:
        super().__init__()
        self.connection = connection
        self.seconds_left = seconds_left
        self.read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.read_bytes >= MAX_BYTES:
            raise TooMuch
        wait(self.connection, self.seconds_left)
        count = self.connection.recv_into(buffer)
        self.read_bytes += count
        return count


class ReadableSocket:
    """As much of a socket as `http.client.HTTPResponse` asks for."""

    def __init__(self, reader: BoundedReader) -> None:
        self.reader = reader

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self.reader, 4096)


def wait(connection: socket.socket, seconds_left: Callable[[], float]) -> None:
    """Let the next operation wait no longer than the call may still take. Raises TimeoutError."""
    left = seconds_left()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
