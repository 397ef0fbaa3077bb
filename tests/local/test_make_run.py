"""`make run`: a portal within seconds, clear sentences, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.local.people import PEOPLE
from portal.local.processes import PROJECT, free_port

LONGEST_START_SECONDS = 60


class Run:
    """`python -m portal.local` in a folder of its own, as the Makefile starts it."""

    def __init__(self, folder: Path, port: int, **environ: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.local", "--port", str(port)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def welcome(self) -> str:
        """What it says once the portal is there."""
        lines = []
        while "Ctrl-C" not in (line := self.process.stdout.readline()):  # type: ignore[union-attr]
            assert line, self.process.stderr.read()  # type: ignore[union-attr]
            lines.append(line)
        return "".join(lines)

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in listed.split()]


def have_all_ended(children: list[int]) -> bool:
    deadline = time.monotonic() + 15
    while any(Path(f"/proc/{number}/cwd").exists() for number in children):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started = Run(tmp_path, free_port())
    yield started
    started.process.terminate()
    started.process.communicate(timeout=LONGEST_START_SECONDS)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_says_where_and_who_and_ends_every_process_it_started(run: Run, end: signal.Signals) -> None:
    """The journey's first step: Ctrl-C, a plain kill, and even a hard one leave nothing running."""
    welcome = run.welcome()
    assert run.url in welcome
    assert f"{run.url}/local/outbox" in welcome
    assert all(person.email in welcome and person.password in welcome for person in PEOPLE)
    with urllib.request.urlopen(f"{run.url}/healthz") as answer:
        assert answer.status == 200
    children = run.children()
    assert len(children) == 4  # AWS, reports, the portal, its events
    run.process.send_signal(end)
    run.process.wait(30)
    assert have_all_ended(children)


def test_a_port_in_use_is_one_clear_sentence(run: Run, tmp_path: Path) -> None:
    """A clear sentence, not a traceback."""
    run.welcome()
    second = Run(tmp_path / "..", int(run.url.rsplit(":", 1)[1]))
    _, complaint = second.process.communicate(timeout=LONGEST_START_SECONDS)
    assert second.process.returncode == 1
    assert complaint.startswith(f"Port {run.url.rsplit(':', 1)[1]} is in use.")
    assert "Traceback" not in complaint
