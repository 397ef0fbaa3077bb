"""Sending a file in parts, as a browser does: sign, put, complete."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from portal.aws.client.calls import clients
from portal.domain.files.file import File
from portal.domain.people.person import Person
from portal.domain.uploads.parts import MIB, AskedPart
from portal.engine.workflow import run
from portal.workflows.uploads import completion, signing
from tests.actions import make_request, reserve_file
from tests.builders import Running

EACH = 5 * MIB  # S3 takes no smaller part, but the last
# Small files in parts: what a test's portal is told.
SMALL = {"PORTAL_POST_BYTES": str(EACH), "PORTAL_PART_BYTES": str(EACH)}
BODIES = (b"a" * EACH, b"b" * EACH, b"the last one")
WHOLE = b"".join(BODIES)


def to_base64(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def announce_film(running: Running, person: Person, name: str = "film.mov", **more: str) -> File:
    """A file of three parts that is announced."""
    return reserve_file(running, person, name, len(WHOLE), **more)


def sign_film_parts(running: Running, person: Person, file: File, *numbers: int) -> signing.Sign:
    asked = tuple(AskedPart(each, to_base64(BODIES[each - 1])) for each in numbers)
    context = signing.Sign(make_request(person, running), owner_id=person.id, file_id=file.id, asked=asked)
    return run(signing.SIGN_PARTS, context, running.portal.services)


def put_part(running: Running, file: File, number: int, body: bytes | None = None) -> Any:
    """What a browser's PUT to a part's address leaves in the bucket."""
    body = BODIES[number - 1] if body is None else body
    return clients(running.config.region).get("s3").upload_part(
        Bucket=running.config.files_bucket, Key=file.key, UploadId=file.upload_id, PartNumber=number,
        Body=body, ChecksumSHA256=to_base64(body),
    )  # fmt: skip


def begin_upload(running: Running, person: Person, *numbers: int) -> File:
    """An upload of which these parts have come."""
    file = sign_film_parts(running, person, announce_film(running, person), 1).required_file
    for number in numbers:
        put_part(running, file, number)
    return file


def put_together(running: Running, person: Person, file: File, sha256: str = "") -> File:
    context = completion.Complete(
        make_request(person, running), owner_id=person.id, file_id=file.id, sha256=sha256, assemble=True
    )
    return run(completion.COMPLETE, context, running.portal.services).required_file


def uploads(running: Running) -> list[str]:
    """The ids of S3's uploads that are neither completed nor given up."""
    answer = (
        clients(running.config.region).get("s3").list_multipart_uploads(Bucket=running.config.files_bucket)
    )
    return [each["UploadId"] for each in answer.get("Uploads", [])]
