"""What is to be sent: files, and folders with all that is in them, found one after another."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from portal_cli.http import BLOCK_BYTES
from portal_cli.problems import Refused, UsageProblem


@dataclass(frozen=True)
class LocalFile:
    """A file as it was found. folder: where it lies in the folder that was named, with slashes."""

    path: Path
    folder: str
    size: int
    modified_ns: int
    inode: int

    @property
    def identity(self) -> str:
        """Of this content at this place, as far as can be told without reading it."""
        text = f"{self.path.absolute()}\n{self.folder}\n{self.size}\n{self.modified_ns}\n{self.inode}"
        return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:32]

    @property
    def name(self) -> str:
        return self.path.name

    def check_unchanged(self) -> None:
        if describe(self.path, self.folder) != self:
            raise Refused(
                f"{self.path} was changed while it was being sent. Send it again.", reason="changed"
            )


@dataclass(frozen=True)
class Skipped:
    path: Path
    reason: str  # empty, link or special


def describe(path: Path, folder: str = "") -> LocalFile:
    try:
        found = path.stat()
    except OSError as problem:
        raise UsageProblem(f"{path}: {problem.strerror}", reason="file") from problem
    return LocalFile(path, folder, found.st_size, found.st_mtime_ns, found.st_ino)


def find_files(paths: Iterable[Path]) -> Iterator[LocalFile | Skipped]:
    """Each file, in the order of names. What was named must be there and be sendable; in a folder what cannot
    be sent is passed over and said."""
    for path in paths:
        if path.is_dir():
            yield from find_in_folder(path)
            continue
        file = describe(path)
        if not path.is_file():
            raise UsageProblem(f"{path} is no file.", reason="file")
        if not file.size:
            raise UsageProblem(f"{path} is empty, and the portal takes no empty files.", reason="empty")
        yield file


def find_in_folder(top: Path) -> Iterator[LocalFile | Skipped]:
    """A link leads elsewhere than the folder that was named, so it is not followed."""
    name = top.name or top.resolve().name
    for at, folders, names in os.walk(top, onerror=raise_problem):
        folders.sort()
        inside = Path(at).relative_to(top).as_posix()
        folder = name if inside == "." else f"{name}/{inside}"
        yield from (Skipped(Path(at) / each, "link") for each in folders if (Path(at) / each).is_symlink())
        yield from (judge(Path(at) / each, folder) for each in sorted(names))


def raise_problem(problem: OSError) -> None:
    raise UsageProblem(f"{problem.filename}: {problem.strerror}", reason="file") from problem


def judge(path: Path, folder: str) -> LocalFile | Skipped:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return Skipped(path, "link")
    if not stat.S_ISREG(found.st_mode):
        return Skipped(path, "special")
    return describe(path, folder) if found.st_size else Skipped(path, "empty")


def read_blocks(path: Path, start: int = 0, size: int = -1) -> Iterator[memoryview]:
    """The bytes of a file, or of a piece of it, by blocks that are valid until the next."""
    buffer = memoryview(bytearray(BLOCK_BYTES))
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        left = size if size >= 0 else None
        while left is None or left > 0:
            count = file.readinto(buffer if left is None else buffer[: min(left, BLOCK_BYTES)])
            if not count:
                break
            left = None if left is None else left - count
            yield buffer[:count]


def hash_file(path: Path) -> str:
    made = hashlib.sha256()
    for block in read_blocks(path):
        made.update(block)
    return made.hexdigest()
