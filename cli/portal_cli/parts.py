"""A large file, sent in parts over several connections; parts that have arrived before are not sent again.

Each part is hashed as its turn comes, S3 refuses other bytes than these, and the whole file's hash grows
beside it. What the portal lists as arrived counts where its hash is that of the part on the disk.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any

from portal_cli.bodies import FilePiece
from portal_cli.http import Api
from portal_cli.local_files import LocalFile, read_blocks
from portal_cli.progress import Meter
from portal_cli.storage import Outgoing, Storage

AT_ONCE = 16  # addresses that are signed by one call; the portal takes 32


@dataclass(frozen=True)
class Part:
    number: int
    start: int
    size: int


@dataclass(frozen=True)
class Signed:
    url: str
    headers: Mapping[str, str]


@dataclass
class Parts:
    """The upload of one file in parts. told: the upload, as the portal describes it."""

    api: Api
    storage: Storage
    file: LocalFile
    told: Mapping[str, Any]
    meter: Meter
    sending: Executor
    hashing: Executor
    connections: int

    def send(self) -> str:
        """Send what is missing; the SHA-256 of the whole file, in hexadecimal."""
        arrived = self.read_arrived()
        whole, waiting = hashlib.sha256(), deque[Future[None]]()
        group_size = AT_ONCE if self.told["part_count"] > 2 * AT_ONCE else self.connections
        parts = self.list_parts()
        try:
            while group := list(islice(parts, group_size)):
                hashes = self.hash_group(group, whole)
                missing = [
                    each for each in group if arrived.get(each.number) != (each.size, hashes[each.number])
                ]
                self.meter.advance(sum(each.size for each in group) - sum(each.size for each in missing))
                signed = self.sign({each.number: hashes[each.number] for each in missing}) if missing else {}
                for each in missing:
                    drain(waiting, self.connections)
                    waiting.append(
                        self.sending.submit(self.send_part, each, hashes[each.number], signed[each.number])
                    )
            drain(waiting, 0)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
        return whole.hexdigest()

    def list_parts(self) -> Iterator[Part]:
        each = self.told["part_bytes"]
        for number in range(1, self.told["part_count"] + 1):
            start = (number - 1) * each
            yield Part(number, start, min(each, self.file.size - start))

    def read_arrived(self) -> dict[int, tuple[int, str]]:
        """Size and hash of each part that S3 has, by its number."""
        told = self.api.ask("GET", self.told["state_url"])
        return {each["number"]: (each["size"], each["sha256"]) for each in told.get("parts", [])}

    def hash_group(self, group: list[Part], whole: Any) -> dict[int, str]:
        """In base64, as S3 wants it. The whole's goes on beside them, over blocks the disk has just given."""
        made = {each.number: self.hashing.submit(self.hash_part, each) for each in group}
        first, last = group[0], group[-1]
        for block in read_blocks(self.file.path, first.start, last.start + last.size - first.start):
            whole.update(block)
        return {number: future.result() for number, future in made.items()}

    def hash_part(self, part: Part) -> str:
        made = hashlib.sha256()
        for block in read_blocks(self.file.path, part.start, part.size):
            made.update(block)
        return base64.b64encode(made.digest()).decode()

    def sign(self, hashes: Mapping[int, str]) -> dict[int, Signed]:
        asked = [{"number": number, "sha256": digest} for number, digest in hashes.items()]
        told = self.api.ask("POST", self.told["sign"], {"parts": asked})
        return {each["number"]: Signed(each["url"], each["headers"]) for each in told["parts"]}

    def send_part(self, part: Part, digest: str, first: Signed) -> None:
        def prepare(attempt: int) -> Outgoing:
            signed = first if not attempt else self.sign({part.number: digest})[part.number]
            body = FilePiece(self.file.path, part.start, part.size, self.meter.advance)
            return Outgoing(signed.url, signed.headers, body)

        self.storage.send("PUT", prepare)


def drain(waiting: deque[Future[None]], most: int) -> None:
    """Wait until no more than these are left; raises what one of them raised."""
    while waiting and (len(waiting) > most or any(each.done() for each in waiting)):
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for each in done:
            waiting.remove(each)
            each.result()
