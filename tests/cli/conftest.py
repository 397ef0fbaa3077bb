"""The command as it is installed: a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from portal.local.people import STAFF, Person
from portal.local.session import LocalPortal
from tests.integration.client import Client
from tests.rules.tracked import ROOT

SECONDS = 60


@dataclass(frozen=True)
class Command:
    """`portal` of one person. `runs` and `fails` are what scripts see of it. proxy: between it and everything
    that it asks.
    """

    portal: LocalPortal
    home: Path
    proxy: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PORTAL_", "AWS_")) and not name.lower().endswith("_proxy")
        }
        return kept | {
            "PORTAL_CLI_HOME": str(self.home), "PORTAL_TOKEN_STORE": "file", "PYTHONPATH": str(ROOT / "cli"),
            **({"HTTP_PROXY": self.proxy} if self.proxy else {}),
        }  # fmt: skip

    def start(self, *words: str, **how: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "portal_cli", *words], env=self.environment, text=True,
            stdin=how.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how,
        )  # fmt: skip

    def through(self, proxy: str) -> Command:
        return replace(self, proxy=proxy)

    def run(self, *words: str, typed: str | None = None) -> tuple[int, str, str]:
        """Exit code, output, errors."""
        process = self.start(*words, stdin=subprocess.PIPE if typed is not None else subprocess.DEVNULL)
        out, err = process.communicate(typed, timeout=SECONDS)
        return process.returncode, out, err

    def runs(self, *words: str, typed: str | None = None) -> Any:
        """What it answers as JSON, having ended well."""
        code, out, err = self.run("--json", *words, typed=typed)
        assert code == 0, f"portal {' '.join(words)}: {code}\n{err}"
        return json.loads(out)

    def fails(self, exit_code: int, *words: str) -> Any:
        """What it says is wrong, having ended with this code."""
        code, out, err = self.run("--json", *words)
        assert (code, out) == (exit_code, ""), f"portal {' '.join(words)}: {code}\n{out}{err}"
        told = json.loads(err.splitlines()[-1])["error"]
        assert told["exit_code"] == exit_code
        return told


@pytest.fixture(scope="session")
def sign_in_by_browser(
    local: LocalPortal, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Person], Command]:
    """Sign in as people do: the page that it names is opened, and Allow pressed."""

    def sign_in(who: Person) -> Command:
        command = Command(local, tmp_path_factory.mktemp("home"))
        process = command.start("login", local.url, "--no-browser")
        words, page = process.stderr.readline(), process.stderr.readline().strip()  # type: ignore[union-attr]
        browser = Client(local.url)
        browser.get(page)
        browser.submit("/login", username=who.email, password=who.password)
        assert words.split()[-1].rstrip(":") in browser.answer.text, "the page shows the same code"
        answer = browser.submit("/account/tokens/authorize", scopes=["read", "upload", "share", "delete"])
        assert "You are signed in" in answer.text
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, err
        assert who.name in out
        return command

    return sign_in


@pytest.fixture(scope="session")
def staff(sign_in_by_browser: Callable[[Person], Command]) -> Command:
    return sign_in_by_browser(STAFF)


@pytest.fixture
def stranger(local: LocalPortal, tmp_path: Path) -> Iterator[Command]:
    """Someone who has not signed in."""
    return Command(local, tmp_path / "home")
