"""Doing things as people do them, below the pages, and looking at what it left behind."""

from __future__ import annotations

import re
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from portal.aws.calls import clients
from portal.domain.audit import Actor
from portal.domain.files import File
from portal.domain.ids import person_id, sortable_id
from portal.domain.people import Person, Role
from portal.workflows import completion, confirm, download, opening, share, upload
from portal.workflows.engine import run
from tests.builders import Running

VISITOR = Actor("visitor", "", source_ip="198.51.100.9", device="test browser")


def somebody(name: str = "Ana Lopes", *, admin: bool = False) -> Person:
    """A person with an address made of their name."""
    address = name.casefold().replace(" ", ".") + "@example.org"
    roles = frozenset({Role.STAFF, Role.ADMIN} if admin else {Role.STAFF})
    return Person(person_id("https://id.example.org", address), address, name, address, True, roles)


def asked_by(person: Person, running: Running) -> dict[str, Any]:
    """The fields of a workflow's context for something that this person asks for now."""
    actor = Actor("person", person.id, person.name, "192.0.2.7")
    return {"now": running.clock(), "actor": actor, "person": person, "request_id": "test"}


def new_id(running: Running) -> str:
    return sortable_id(running.clock())


def reserved(
    running: Running, person: Person, name: str = "report.pdf", size: int | None = 12, **more: str
) -> File:
    """A file that is announced; `more`: its folder, its SHA-256."""
    context = upload.Reserve(**asked_by(person, running), announced=(upload.Announced(name, size, **more),))
    return run(upload.RESERVE, context, running.portal.services).files[0]


def put_object(running: Running, file: File, body: bytes, **changes: Any) -> None:
    """What a browser's POST leaves in the bucket."""
    clients(running.config.region).get("s3").put_object(**{
        "Bucket": running.config.files_bucket, "Key": file.key, "Body": body,
        "ContentType": file.content_type,
        "Metadata": {"file": file.id, "owner": file.owner_id}, **changes,
    })  # fmt: skip


def completed(running: Running, person: Person, file: File) -> completion.Complete:
    context = completion.Complete(**asked_by(person, running), owner_id=person.id, file_id=file.id)
    return run(completion.COMPLETE, context, running.portal.services)


def uploaded(
    running: Running, person: Person, name: str = "report.pdf", body: bytes = b"twelve bytes", **more: str
) -> File:
    """A file of this person's that is ready, made as an upload makes it; `more` as in `reserved`."""
    file = reserved(running, person, name, len(body), **more)
    put_object(running, file, body)
    done = completed(running, person, file).file
    assert done is not None
    return done


def shared(running: Running, person: Person, files: list[File], **asked: Any) -> share.ShareFiles:
    """A share of these files; by default with one partner, for the default time, without a limit."""
    fields = {
        "submission_id": new_id(running), "file_ids": [file.id for file in files],
        "recipients_text": "partner@example.com", "message": "", "expires_on": None, "download_limit": None,
    } | asked  # fmt: skip
    return run(share.SHARE, share.ShareFiles(**asked_by(person, running), **fields), running.portal.services)


def token_of(running: Running, made: share.ShareFiles, place: int = 0) -> str:
    """The token that the mail of one recipient carries."""
    each = made.recipients[place]
    return running.portal.services.links.token(each.share_id, each.id, each.generation, each.key_id)


def opened(running: Running, token: str) -> opening.Open:
    context = opening.Open(now=running.clock(), actor=VISITOR, token=token)
    return run(opening.OPEN, context, running.portal.services)


def looked_at(running: Running, token: str, file: File, attempt_id: str = "") -> str:
    """One press of Preview; the presigned address it came to."""
    return downloaded(running, token, file, attempt_id, download.PREVIEW)


def downloaded(running: Running, token: str, file: File, attempt_id: str = "", how: str = "") -> str:
    """One press of Download; the presigned address it came to."""
    context = download.Download(
        now=running.clock(),
        actor=VISITOR,
        token=token,
        file_id=file.id,
        attempt_id=attempt_id or new_id(running),
        how=how,
    )
    return run(download.DOWNLOAD, context, running.portal.services).address


def unlocking(running: Running, token: str, browser: str = "browser", **fields: Any) -> confirm.Unlock:
    """What a browser brings to a step before a link opens."""
    return confirm.Unlock(now=running.clock(), actor=VISITOR, token=token, browser=browser, **fields)


def code_sent(running: Running, token: str, browser: str = "browser") -> tuple[str, str]:
    """Ask for a code: the id of the request, which the browser keeps, and the code out of the mail."""
    done = run(confirm.SEND_CODE, unlocking(running, token, browser), running.portal.services)
    assert done.sent is not None
    return done.sent.id, mailed_code(running)


def mailed_code(running: Running) -> str:
    """The code in the newest mail."""
    (code,) = re.findall(r"\b[0-9]{6}\b", mails(running)[-1].body)
    return str(code)


def rows(running: Running) -> list[dict[str, Any]]:
    """Every item of the table."""
    pages = clients(running.config.region).get("dynamodb").get_paginator("scan")
    return [item for page in pages.paginate(TableName=running.config.table) for item in page["Items"]]


def state(running: Running) -> list[dict[str, Any]]:
    """Every item but the audit records and the counters of how often, in a fixed order: what must not change
    where nothing may.
    """
    kept = [item for item in rows(running) if not item["pk"]["S"].startswith(("AUDIT#", "RATE#"))]
    return sorted(kept, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def left(running: Running) -> list[dict[str, Any]]:
    """The same without counters that count nothing: what is left once everything is gone."""
    counters = {"USAGE", "TOTALS"}
    return [
        item
        for item in state(running)
        if item["sk"]["S"] not in counters or any(each.get("N", "0") != "0" for each in item.values())
    ]


def recorded(running: Running, action: str) -> list[dict[str, Any]]:
    """The audit records of one action, oldest first."""
    found = [item for item in rows(running) if item["pk"]["S"].startswith("AUDIT#")]
    return sorted((item for item in found if item["action"]["S"] == action), key=lambda item: item["sk"]["S"])


def objects(running: Running) -> list[str]:
    """The keys of every version in the files bucket."""
    answer = clients(running.config.region).get("s3").list_object_versions(Bucket=running.config.files_bucket)
    return [each["Key"] for each in answer.get("Versions", [])]


def mails(running: Running) -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID][running.config.region].sent_messages)
