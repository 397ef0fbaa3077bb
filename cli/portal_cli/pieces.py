"""How far a download is, by pieces, and the file beside it that says so after a kill."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition

from portal_cli.settings import read_object, write_private

LEAST_BYTES = 8 * 1024**2
MOST_PIECES = 40  # a press is given 50 addresses, and a piece that begins late needs one of its own


@dataclass
class Piece:
    """From start up to end, which is not in it; at: how far it is."""

    start: int
    end: int
    at: int

    @property
    def is_done(self) -> bool:
        return self.at >= self.end


@dataclass
class Pieces:
    """Of one file. attempt_id: of the press that fetches it, also after a kill."""

    path: Path
    file_id: str
    size: int
    sha256: str
    attempt_id: str
    pieces: list[Piece] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    @property
    def arrived(self) -> int:
        return sum(each.at - each.start for each in self.pieces)

    def cut(self) -> None:
        each = max(LEAST_BYTES, -(-self.size // MOST_PIECES))
        self.pieces = [Piece(at, min(at + each, self.size), at) for at in range(0, self.size, each)]

    def save(self) -> None:
        told = {
            "file_id": self.file_id, "size": self.size, "sha256": self.sha256, "attempt_id": self.attempt_id,
            "pieces": [[each.start, each.end, each.at] for each in self.pieces],
        }  # fmt: skip
        write_private(self.path, json.dumps(told))

    def note(self, piece: Piece, count: int) -> None:
        """These bytes are in the file by now."""
        piece.at += count
        if piece.is_done:
            self.wake()

    def wake(self) -> None:
        with self.changed:
            self.changed.notify_all()


def recall_pieces(path: Path, file_id: str, size: int, sha256: str) -> Pieces | None:
    """How far the same file was; None where nothing of it is there, or of another."""
    kept = read_object(path)
    if (kept.get("file_id"), kept.get("size"), kept.get("sha256")) != (file_id, size, sha256):
        return None
    pieces = [Piece(*each) for each in kept["pieces"]]
    return Pieces(path, file_id, size, sha256, kept["attempt_id"], pieces)
