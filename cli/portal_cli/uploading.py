"""Many files, whatever their number: announced by batches, and sent over a few connections."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import Any, TypeVar

from portal_cli.bodies import make_form
from portal_cli.http import Api, make_session
from portal_cli.journal import Journal
from portal_cli.local_files import LocalFile, hash_file
from portal_cli.parts import Parts
from portal_cli.problems import Differs, NotThere, Problem, Refused, Unreachable
from portal_cli.progress import Meter
from portal_cli.storage import Outgoing, Storage

T = TypeVar("T")
BATCH_FILES = 40  # that one call announces
BATCHES_AT_ONCE = 2  # one is announced while another is sent
HASHED_BEFORE_BYTES = 64 * 1024**2  # up to this a file is hashed before it is announced, so that S3 compares
COMPLETE_SECONDS = 900.0  # how long the storage may take to put a file together
PAUSE_SECONDS = 0.5


class Uploader:
    """A context manager: its connections end with it."""

    def __init__(self, api: Api, journal: Journal, meter: Meter, connections: int) -> None:
        self.api, self.journal, self.meter = api, journal, meter
        self.connections = connections
        self.storage = Storage(make_session(connections=connections + BATCHES_AT_ONCE))

    def __enter__(self) -> Uploader:
        self.stack = ExitStack()
        self.sending = self.stack.enter_context(ThreadPoolExecutor(self.connections))
        self.hashing = self.stack.enter_context(ThreadPoolExecutor(4))
        self.batches = self.stack.enter_context(ThreadPoolExecutor(BATCHES_AT_ONCE))
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self.batches, self.sending, self.hashing):
            each.shutdown(wait=False, cancel_futures=True)
        self.stack.close()

    def upload(self, files: Iterable[LocalFile]) -> Iterator[tuple[LocalFile, str]]:
        """Each file with its id at the portal, in their order; no more than two batches are in memory."""
        source, running = iter(files), list[Future[list[tuple[LocalFile, str]]]]()
        while True:
            while len(running) < BATCHES_AT_ONCE and (batch := list(islice(source, BATCH_FILES))):
                self.meter.expect(sum(each.size for each in batch))
                running.append(self.batches.submit(self.upload_batch, batch))
            if not running:
                return
            yield from running.pop(0).result()

    def upload_batch(self, batch: list[LocalFile]) -> list[tuple[LocalFile, str]]:
        left = [each for each in batch if not self.is_there(each)]
        uploads = self.find_uploads(left)
        small = [each for each in left if "sign" not in uploads[each.identity]]
        large = [each for each in left if "sign" in uploads[each.identity]]
        sent = [self.sending.submit(self.send_form, each, uploads[each.identity]) for each in small]
        for each in sent:
            each.result()
        self.complete_small([(each, str(uploads[each.identity]["file_id"])) for each in small])
        for file in large:
            self.send_parts(file, uploads[file.identity])
        return [(each, self.journal.known[each.identity].file_id) for each in batch]

    def is_there(self, file: LocalFile) -> bool:
        known = self.journal.known.get(file.identity)
        if known is None or not known.arrived:
            return False
        self.meter.advance(file.size)
        return True

    def find_uploads(self, files: list[LocalFile]) -> dict[str, Mapping[str, Any]]:
        """What the portal says of each file's upload, by identity: of one that was begun, or of a new one."""
        found: dict[str, Mapping[str, Any]] = {}
        for file in files:
            if (known := self.journal.known.get(file.identity)) and (told := self.ask_again(known.file_id)):
                found[file.identity] = told
        new = [each for each in files if each.identity not in found]
        return {**found, **self.announce(new)} if new else found

    def ask_again(self, file_id: str) -> Mapping[str, Any] | None:
        """An upload that was begun; None where it has come to nothing, so that the file is announced anew."""
        try:
            told: Mapping[str, Any] = self.api.ask("GET", f"/v1/uploads/{file_id}")
        except NotThere:
            return None
        if told["state"] != "pending":
            return told if told["state"] == "ready" else None
        return told if "sign" in told else {**told, **self.api.ask("POST", f"/v1/uploads/{file_id}/form")}

    def announce(self, files: list[LocalFile]) -> dict[str, Mapping[str, Any]]:
        hashes = list(self.hashing.map(hash_if_small, files))
        asked = [
            {
                "name": file.name,
                "size": file.size,
                "folder": file.folder,
                **({"sha256": digest} if digest else {}),
            }
            for file, digest in zip(files, hashes, strict=True)
        ]
        lost = [known.file_id for each in files if (known := self.journal.known.get(each.identity))]
        key = self.journal.key_for("announce", *lost, *(each.identity for each in files))
        try:
            told = self.api.ask("POST", "/v1/uploads", {"files": asked}, {"Idempotency-Key": key})["uploads"]
        except Refused as refused:
            raise name_file(refused, files) from refused
        identities = [each.identity for each in files]
        self.journal.note(identities, [each["file_id"] for each in told], arrived=False)
        return dict(zip(identities, told, strict=True))

    def send_form(self, file: LocalFile, told: Mapping[str, Any]) -> None:
        if told["state"] != "pending":
            self.meter.advance(file.size)
            return

        def prepare(attempt: int) -> Outgoing:
            form = told if not attempt else self.api.ask("POST", f"/v1/uploads/{told['file_id']}/form")
            body, content_type = make_form(file.path, file.size, form["fields"], self.meter.advance)
            return Outgoing(str(form["url"]), {"Content-Type": content_type}, body)

        self.storage.send("POST", prepare)
        file.check_unchanged()

    def complete_small(self, sent: list[tuple[LocalFile, str]]) -> None:
        """Say that these have arrived, until the portal has seen each."""
        left, ends = {file_id: file for file, file_id in sent}, time.monotonic() + COMPLETE_SECONDS
        while left:
            told = self.api.ask("POST", "/v1/uploads/complete", {"files": list(left)})["files"]
            done = [each["file_id"] for each in told if each["state"] == "ready"]
            for each in told:
                if each["state"] in {"rejected", "unknown"}:
                    raise Refused(
                        f"{left[each['file_id']].path}: {each.get('problem')}", reason=each["reason"]
                    )
            self.journal.note([left[each].identity for each in done], done, arrived=True)
            left = {file_id: file for file_id, file in left.items() if file_id not in done}
            if left:
                wait_until(ends)

    def send_parts(self, file: LocalFile, told: Mapping[str, Any]) -> None:
        if told["state"] == "pending":
            parts = Parts(
                self.api, self.storage, file, told, self.meter, self.sending, self.hashing, self.connections
            )
            digest = parts.send()
            file.check_unchanged()
            self.complete_large(told, digest)
        else:
            self.meter.advance(file.size)
        self.journal.note([file.identity], [str(told["file_id"])], arrived=True)

    def complete_large(self, told: Mapping[str, Any], digest: str) -> None:
        ends = time.monotonic() + COMPLETE_SECONDS
        while True:
            answer = self.api.ask("POST", told["complete"], {"sha256": digest})
            if answer["state"] == "ready":
                break
            wait_until(ends)
        if answer["sha256"] and answer["sha256"] != digest:
            raise Differs(f"{told['name']}: the portal has another checksum than this file.")


def hash_if_small(file: LocalFile) -> str:
    return hash_file(file.path) if file.size <= HASHED_BEFORE_BYTES else ""


def name_file(refused: Problem, files: list[LocalFile]) -> Problem:
    """The refusal with the file that it means."""
    place = refused.facts.get("file")
    if isinstance(place, int) and place < len(files):
        return Refused(f"{files[place].path}: {refused.detail}", reason=refused.reason, status=refused.status)
    return refused


def wait_until(ends: float, pause: Callable[[float], None] = time.sleep) -> None:
    if time.monotonic() > ends:
        raise Unreachable("The storage has not put the file together yet. Run the same command again later.")
    pause(PAUSE_SECONDS)
