"""Fetching a file: by pieces over several connections, into a file beside the one it becomes once it is whole
and its SHA-256 is right. What was there before a kill is not fetched again.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock

import requests

from portal_cli.http import BLOCK_BYTES, TIMEOUT, TRIES, describe_break, wait_before
from portal_cli.local_files import hash_file, read_blocks
from portal_cli.pieces import Piece, Pieces, recall_pieces
from portal_cli.problems import Differs, Problem, Refused, Unreachable
from portal_cli.progress import Meter
from portal_cli.recipient_link import Address, Offered
from portal_cli.storage import explain_storage

ENDING, STATE_ENDING = ".portal-part", ".portal-part.json"
SAVE_SECONDS = 0.3
BROKEN = (requests.RequestException, OSError)
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


class Addresses:
    """The file's address, a fresh one where the last is too old to begin with; each press asks the portal."""

    def __init__(self, press: Callable[[], Address]) -> None:
        self.press = press
        self.asking = Lock()
        self.newest: Address | None = None

    def get(self, not_this: str = "") -> str:
        with self.asking:
            known = self.newest
            if known is None or known.url == not_this or time.monotonic() >= known.ends_at:
                known = self.newest = self.press()
            return known.url


class Download:
    def __init__(
        self, session: requests.Session, addresses: Addresses, pieces: Pieces, target: Path, meter: Meter
    ) -> None:
        self.session, self.addresses, self.pieces = session, addresses, pieces
        self.part = target.with_name(target.name + ENDING)
        self.target, self.meter = target, meter
        self.stop = Event()

    def run(self, connections: int) -> None:
        """Raises Differs where other bytes came than were sent; then nothing of them is kept."""
        self.part.parent.mkdir(parents=True, exist_ok=True)
        self.handle = os.open(self.part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        self.meter.advance(self.pieces.arrived)
        try:
            os.truncate(self.handle, self.pieces.size)
            self.pieces.save()
            digest = self.fetch_all(connections)
        finally:
            os.close(self.handle)
            if self.part.exists():
                self.pieces.save()
        if self.pieces.sha256 and digest != self.pieces.sha256:
            self.forget()
            raise Differs(f"{self.target.name} did not arrive as it was sent. Nothing of it was kept.")
        self.part.chmod(0o666 & ~read_umask())
        self.part.replace(self.target)
        self.pieces.path.unlink(missing_ok=True)

    def forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self.pieces.path.unlink(missing_ok=True)

    def fetch_all(self, connections: int) -> str:
        """The SHA-256 of what came, which is computed as far as the file is whole."""
        left = [each for each in self.pieces.pieces if not each.is_done]
        with ThreadPoolExecutor(connections) as pool, ThreadPoolExecutor(1) as hashing:
            digest = hashing.submit(self.hash_as_it_comes)
            fetching = [pool.submit(self.fetch, each) for each in left]
            try:
                self.wait_for(fetching)
                return digest.result()
            finally:
                self.stop.set()
                self.pieces.wake()
                for each in fetching:
                    each.cancel()

    def wait_for(self, fetching: list[Future[None]]) -> None:
        """Note on the disk how far it is, until all is there. Raises what a connection raised."""
        saved_at = time.monotonic()
        for each in fetching:
            while not each.done():
                with suppress(TimeoutError):
                    each.result(SAVE_SECONDS)
                if time.monotonic() - saved_at >= SAVE_SECONDS:
                    self.pieces.save()
                    saved_at = time.monotonic()
                if failed := next((one for one in fetching if one.done() and one.exception()), None):
                    failed.result()
            each.result()

    def hash_as_it_comes(self) -> str:
        made = hashlib.sha256()
        for piece in self.pieces.pieces:
            with self.pieces.changed:
                while not (piece.is_done or self.stop.is_set()):
                    self.pieces.changed.wait()
            if not piece.is_done:
                return ""
            for block in read_blocks(self.part, piece.start, piece.end - piece.start):
                made.update(block)
        return made.hexdigest()

    def fetch(self, piece: Piece) -> None:
        """As many tries as bring something, and some that bring nothing."""
        fruitless, used = 0, ""
        while not piece.is_done and not self.stop.is_set():
            before, problem = piece.at, None
            address = self.addresses.get(not_this=used)
            used = ""
            try:
                problem = self.fetch_once(piece, address)
            except BROKEN as broken:
                problem = Unreachable(f"No connection to the storage: {describe_break(broken)}")
            if problem is None:
                continue
            if problem.status == 403:
                used = address
            fruitless = 0 if piece.at > before else fruitless + 1
            if fruitless >= TRIES or (isinstance(problem, Refused) and problem.status != 403):
                raise problem
            self.stop.wait(wait_before(fruitless))

    def fetch_once(self, piece: Piece, address: str) -> Problem | None:
        """Up to the piece's end, or what the storage said instead."""
        asked = {"Range": f"bytes={piece.at}-{piece.end - 1}", "Accept-Encoding": "identity"}
        with self.session.get(
            address, headers=asked, stream=True, timeout=TIMEOUT, allow_redirects=False
        ) as answer:
            is_whole = answer.status_code == 200 and (piece.at, piece.end) == (0, self.pieces.size)
            if answer.status_code != 206 and not is_whole:
                return explain_storage(answer)
            expected = f"bytes {piece.at}-{piece.end - 1}/{self.pieces.size}"
            if answer.status_code == 206 and answer.headers.get("Content-Range") != expected:
                return Refused("The storage has another file than was sent.", reason="storage")
            self.write(piece, answer)
        return None

    def write(self, piece: Piece, answer: requests.Response) -> None:
        while not piece.is_done and not self.stop.is_set():
            block = answer.raw.read(min(BLOCK_BYTES, piece.end - piece.at), decode_content=False)
            if not block:
                raise ConnectionError("it ended early")
            os.pwrite(self.handle, block, piece.at)
            self.pieces.note(piece, len(block))
            self.meter.advance(len(block))


def read_umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def make_target(folder: Path, offered: Offered) -> Path:
    """Where a file is to be, never outside the folder, whatever it is called."""
    parts = [*offered.folder.replace("\\", "/").split("/"), offered.name.replace("/", "_")]
    safe = [NOT_IN_NAMES.sub("_", each).rstrip(". ") for each in parts if each not in {"", ".", ".."}]
    names = [each for each in safe if each]
    if not names:
        raise Refused("A file has a name that this computer cannot have.", reason="name")
    target = folder.joinpath(*names)
    if not target.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"{offered.name} would be written outside {folder}.", reason="name")
    return target


def is_there_already(target: Path, offered: Offered) -> bool:
    """Whether this very file lies there, which is only known by a checksum."""
    is_same_size = target.is_file() and target.stat().st_size == offered.size
    return bool(is_same_size and offered.sha256) and hash_file(target) == offered.sha256


def find_pieces(target: Path, offered: Offered) -> Pieces:
    """How far it was, if it was begun; else from the beginning."""
    path, part = target.with_name(target.name + STATE_ENDING), target.with_name(target.name + ENDING)
    known = recall_pieces(path, offered.file_id, offered.size, offered.sha256) if part.exists() else None
    if known is None:
        known = Pieces(path, offered.file_id, offered.size, offered.sha256, offered.attempt_id)
        known.cut()
    return known
