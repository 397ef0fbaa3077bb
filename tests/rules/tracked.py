"""The files of this project, as git tracks them; all there are where there is no git."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
MADE = {".git", ".venv", "node_modules", "vendor", "build", ".local", "__pycache__"}


@cache
def list_tracked_files() -> tuple[str, ...]:
    """Paths below the checkout."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return tuple(each for each in listed.stdout.split("\0") if (ROOT / each).is_file())
    every = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return tuple(path.as_posix() for path in every if not MADE & set(path.parts))


def texts(patterns: Sequence[str] = ("**",)) -> Iterator[tuple[str, str]]:
    """Path and text of each tracked file that matches one of the patterns; what is no text is left out."""
    for path in list_tracked_files():
        if patterns == ("**",) or any(matches(path, each) for each in patterns):
            data = (ROOT / path).read_bytes()
            if b"\0" not in data:
                yield path, data.decode("utf-8", "replace")


def matches(path: str, pattern: str) -> bool:
    folder, deep, name = pattern.partition("**/")
    if deep:
        return path.startswith(folder) and PurePosixPath(path).match(name)
    return (
        PurePosixPath(path).full_match(pattern)
        if hasattr(PurePosixPath, "full_match")
        else (
            PurePosixPath(path).parent == PurePosixPath(pattern).parent and PurePosixPath(path).match(pattern)
        )
    )
