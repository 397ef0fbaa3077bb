"""Bodies of requests that are read from the disk as they are sent, and say how far they are."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

Told = Callable[[int], None]


class FilePiece:
    """A piece of a file between two texts, which are empty for a part. Take the sent bytes back where the
    connection broke: `take_back`.
    """

    def __init__(
        self, path: Path, start: int, size: int, told: Told, before: bytes = b"", after: bytes = b""
    ) -> None:
        self.path, self.size, self.told = path, size, told
        self.before, self.after = before, after
        self.file = path.open("rb", buffering=0)
        self.file.seek(start)
        self.left, self.sent = size, 0

    def __len__(self) -> int:
        return len(self.before) + self.size + len(self.after)

    def read(self, count: int = -1) -> bytes:
        """At most so many bytes; at the end none."""
        if self.before:
            made, self.before = self.before, b""
            return made
        if self.left:
            made = self.file.read(self.left if count < 0 else min(count, self.left))
            if not made:
                raise OSError(f"{self.path} became shorter while it was being sent")
            self.left -= len(made)
            self.sent += len(made)
            self.told(len(made))
            return made
        made, self.after = self.after, b""
        return made

    def take_back(self) -> None:
        self.told(-self.sent)
        self.sent = 0

    def __enter__(self) -> FilePiece:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


def make_form(path: Path, size: int, fields: Mapping[str, str], told: Told) -> tuple[FilePiece, str]:
    """A form with the file as its last field, as S3's POST wants it, and its content type (RFC 7578)."""
    boundary = secrets.token_hex(16)
    texts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n'
    before = "".join([*texts, head, "Content-Type: application/octet-stream\r\n\r\n"]).encode()
    body = FilePiece(path, 0, size, told, before, f"\r\n--{boundary}--\r\n".encode())
    return body, f"multipart/form-data; boundary={boundary}"
