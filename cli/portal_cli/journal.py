"""What one `send` has come to, kept beside the settings, so that the same command goes on after a kill.

A line is added as soon as something is known: which upload a file is, and that it has arrived. The keys that
the portal knows calls by come from here, too, so that a call whose answer was lost is made again as the same.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import IO, Any

from portal_cli.problems import UsageProblem
from portal_cli.settings import find_folder

LIFETIME_SECONDS = 23 * 3600  # the portal remembers an upload that goes on, and a key, for a day


@dataclass
class Known:
    """What is known of a file. arrived: whether the portal has taken it in."""

    file_id: str
    arrived: bool = False


@dataclass
class Journal:
    path: Path
    file: IO[str]
    nonce: str = ""
    known: dict[str, Known] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)
    writing: Lock = field(default_factory=Lock)

    def read(self) -> None:
        """A last line that a kill cut off counts for nothing; what is added begins on a line of its own."""
        self.file.seek(0)
        line = "\n"
        for line in self.file:
            try:
                self.take(json.loads(line))
            except ValueError:
                continue
        self.file.write("" if line.endswith("\n") else "\n")

    def take(self, told: dict[str, Any]) -> None:
        if "nonce" in told:
            is_fresh = time.time() - told["begun_at"] < LIFETIME_SECONDS
            self.nonce, self.known = (told["nonce"] if is_fresh else ""), {}
        elif self.nonce and "fixed" in told:
            self.fixed[told["fixed"]] = told["as"]
        elif self.nonce:
            self.known[told["file"]] = Known(told["id"], told["arrived"])

    def begin(self) -> None:
        """A journal of its own, where there is none that is young enough."""
        if not self.nonce:
            self.known, self.nonce = {}, secrets.token_hex(16)
            self.file.truncate(0)
            self.add({"nonce": self.nonce, "begun_at": time.time()})

    def add(self, *told: dict[str, Any]) -> None:
        self.file.seek(0, 2)
        self.file.write("".join(f"{json.dumps(each)}\n" for each in told))
        self.file.flush()

    def note(self, identities: Iterable[str], file_ids: Iterable[str], *, arrived: bool) -> None:
        with self.writing:
            pairs = list(zip(identities, file_ids, strict=True))
            self.known |= {each: Known(file_id, arrived) for each, file_id in pairs}
            self.add(*({"file": each, "id": file_id, "arrived": arrived} for each, file_id in pairs))

    def fix(self, name: str, value: Any) -> Any:
        """The value that this had first: what ends a span from now moves on, and a call that is made again
        must say the same.
        """
        if name not in self.fixed:
            self.fixed[name] = value
            self.add({"fixed": name, "as": value})
        return self.fixed[name]

    def key_for(self, *about: str) -> str:
        """What a call is known by that is made for this."""
        return hashlib.sha256("\n".join([self.nonce, *about]).encode()).hexdigest()


def find_path(*about: str) -> Path:
    """Where the journal of the same command is."""
    name = hashlib.sha256("\n".join(about).encode(errors="surrogateescape")).hexdigest()[:32]
    return find_folder() / "uploads" / f"{name}.jsonl"


@contextmanager
def open_journal(path: Path) -> Iterator[Journal]:
    """The journal, for this process alone; removed once the block has ended well."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        lock(file)
        journal = Journal(path, file)
        journal.read()
        journal.begin()
        yield journal
        path.unlink(missing_ok=True)


def lock(file: IO[str]) -> None:
    """Against the same command at the same time; where the system has no such locks, without."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        raise UsageProblem("The same command is running already.", reason="running") from problem
