"""The child processes of the local portal: started, waited for, and ended with their parent."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

PROJECT = Path(__file__).parents[2]
START_SECONDS = 30  # a cold, busy laptop; usual is under 1
STOP_SECONDS = 20  # embedded AWS writes its state down before it ends
LOCK_SECONDS = 6  # one that is just ending waits 3 seconds for its open connections


class CannotStart(Exception):
    """The message says, for a person, why and where it can what to do."""


class Child:
    """`python -m <module>` in a session of its own, so that Ctrl-C reaches only the parent, which ends the
    children in order. Its standard input is a pipe that closes when the parent dies: `end_with_parent` waits
    for that. `keep_open` are file descriptors it inherits."""

    def __init__(
        self,
        module: str,
        arguments: list[str],
        environment: Mapping[str, str],
        log: Path,
        keep_open: tuple[int, ...] = (),
    ) -> None:
        self.module = module
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=PROJECT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=keep_open,
            )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Raises CannotStart if the process ends, or `ready` is not true after START_SECONDS."""
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if not self.running or time.monotonic() > deadline:
                self.stop()
                raise CannotStart(
                    f"{self.module} did not start. The end of {self.log}:\n{self._last_words()}"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process gently, and after STOP_SECONDS not gently."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


def end_with_parent() -> None:
    """Call first in a child: it then ends as if told to (SIGTERM) once the parent is gone, however it
    went."""

    def wait_for_the_end() -> None:
        os.read(0, 1)  # nobody ever writes: this returns when the parent's end of the pipe is closed
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, daemon=True, name="end-with-parent").start()


def lock(folder: Path) -> IO[str]:
    """Holds the folder until the file is closed in this process and in every child that inherited it. Raises
    CannotStart if another still holds it after LOCK_SECONDS."""
    held = (folder / "lock").open("w")
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return held
        except BlockingIOError:
            if time.monotonic() > deadline:
                held.close()
                raise CannotStart(f"Another portal is running on {folder}. Stop it where it runs.") from None
            time.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def is_port_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def accepts_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
