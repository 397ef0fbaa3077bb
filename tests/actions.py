"""Doing things as people do them, below the pages, and looking at what it left behind."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from portal.aws.client.calls import clients
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.files.file import File
from portal.domain.ids import derive_person_id, make_sortable_id
from portal.domain.links import tokens
from portal.domain.people.person import Person, Role
from portal.domain.people.principal import Principal
from portal.engine.workflow import Request, run
from portal.workflows.files import owned_files, quarantine
from portal.workflows.links import confirmation, download, link_access
from portal.workflows.policy import policies
from portal.workflows.shares import access_requests, revoke, sharing
from portal.workflows.upkeep import access_log_records
from portal.workflows.uploads import announcing, completion
from tests.builders import Running

# Audit records with their seals and what keeps them to once, counters of what they tell and of how often, and
# when the schedule or a log came last; and what the log's own transaction notes of who was there last.
SEALS = ("SEALING#", "SEALS#", "SEALED#", "LATE#", "ROOTS")
PASSING = ("AUDIT#", "ONCE#", "RATE#", "SERVICE", "DAY#", "SEEN#", *SEALS)
VISITOR = Actor("visitor", "", source_ip="198.51.100.9", device="test browser")


def make_person(name: str = "Ana Lopes", *, admin: bool = False) -> Person:
    """A person with an address made of their name."""
    address = name.casefold().replace(" ", ".") + "@example.org"
    roles = frozenset({Role.STAFF, Role.ADMIN} if admin else {Role.STAFF})
    return Person(derive_person_id("https://id.example.org", address), address, name, address, True, roles)


def make_request(person: Person, running: Running) -> Request:
    """What this person asks for now."""
    actor = Actor("person", person.id, person.name, "192.0.2.7")
    return Request(running.clock(), actor, Principal.in_session(person), "test")


def make_id(running: Running) -> str:
    return make_sortable_id(running.clock())


def reserve_file(
    running: Running, person: Person, name: str = "report.pdf", size: int | None = 12, **more: str
) -> File:
    """A file that is announced; `more`: its folder, its SHA-256."""
    context = announcing.Reserve(
        make_request(person, running), announced=(announcing.Announced(name, size, **more),)
    )
    return run(announcing.RESERVE, context, running.portal.services).files[0]


def put_object(running: Running, file: File, body: bytes, **changes: Any) -> None:
    """What a browser's POST leaves in the bucket."""
    clients(running.config.region).get("s3").put_object(**{
        "Bucket": running.config.files_bucket, "Key": file.key, "Body": body,
        "ContentType": file.content_type,
        "Metadata": {"file": file.id, "owner": file.owner_id}, **changes,
    })  # fmt: skip


def complete_upload(running: Running, person: Person, file: File) -> completion.Complete:
    context = completion.Complete(make_request(person, running), owner_id=person.id, file_id=file.id)
    return run(completion.COMPLETE, context, running.portal.services)


def upload_file(
    running: Running, person: Person, name: str = "report.pdf", body: bytes = b"twelve bytes", **more: str
) -> File:
    """A file of this person's that is ready, made as an upload makes it; `more` as in `reserved`."""
    file = reserve_file(running, person, name, len(body), **more)
    put_object(running, file, body)
    done = complete_upload(running, person, file).file
    assert done is not None
    return done


def copy_file(running: Running, person: Person, file: File) -> File:
    """A copy of a file of this person's."""
    context = owned_files.ChangeFile(
        make_request(person, running), file_id=file.id, submission_id=make_id(running)
    )
    done = run(owned_files.COPY, context, running.portal.services).file
    assert done is not None
    return done


def release_file(running: Running, file: File) -> None:
    """Two administrators let a file pass that the malware scan keeps closed."""
    asking, other = make_person("Ada Minh", admin=True), make_person("Ida Berg", admin=True)
    asked = quarantine.OnCase(make_request(asking, running), file_id=file.id, reason="A false alarm.")
    run(quarantine.ASK_RELEASE, asked, running.portal.services)
    case = running.portal.services.scans.get_case(file.id)
    assert case is not None
    assert case.release is not None
    confirmed = quarantine.OnCase(
        make_request(other, running), file_id=file.id, reason="So it is.", seen=case.release.at.isoformat()
    )
    run(quarantine.CONFIRM_RELEASE, confirmed, running.portal.services)


def sign_in_before(running: Running, person: Person) -> None:
    """A person who has signed in before, so that their address is known."""
    actor = make_request(person, running).actor
    record = AuditRecord(at=running.clock(), action=Action.SIGNED_IN, actor=actor, about=person.id)
    running.portal.services.people.record_visit(person, running.clock(), record)


def share_files(running: Running, person: Person, files: list[File], **asked: Any) -> sharing.ShareFiles:
    """A share of these files; by default with one partner, for the default time, without a limit."""
    fields = {
        "submission_id": make_id(running), "file_ids": [file.id for file in files],
        "recipients_text": "partner@example.com", "message": "", "expires_on": None, "download_limit": None,
    } | asked  # fmt: skip
    return run(
        sharing.SHARE, sharing.ShareFiles(make_request(person, running), **fields), running.portal.services
    )


def withdraw_share(running: Running, person: Person, share_id: str, recipient_id: str = "") -> None:
    """From one recipient, or from all."""
    workflow = revoke.WITHDRAW_RECIPIENT if recipient_id else revoke.WITHDRAW_SHARE
    context = revoke.Withdraw(make_request(person, running), share_id=share_id, recipient_id=recipient_id)
    run(workflow, context, running.portal.services)


def ask_for_more(running: Running, token: str, note: str = "") -> None:
    context = access_requests.AskForMore(Request(running.clock(), VISITOR), token=token, note=note)
    run(access_requests.ASK_FOR_MORE, context, running.portal.services)


def link_token(running: Running, made: sharing.ShareFiles, place: int = 0) -> str:
    """The token that the email of one recipient carries."""
    each = made.recipients[place]
    return running.portal.services.links.token(each.share_id, each.id, each.generation, each.key_id)


def visit_link(running: Running, token: str) -> link_access.LinkContext:
    context = link_access.LinkContext(Request(running.clock(), VISITOR), token=token)
    return run(link_access.OPEN, context, running.portal.services)


def preview_file(running: Running, token: str, file: File, attempt_id: str = "") -> str:
    """One press of Preview; the presigned address it came to."""
    return download_file(running, token, file, attempt_id, download.PREVIEW)


def download_file(running: Running, token: str, file: File, attempt_id: str = "", how: str = "") -> str:
    """One press of Download; the presigned address it came to."""
    context = download.Download(
        Request(running.clock(), VISITOR),
        token=token,
        file_id=file.id,
        attempt_id=attempt_id or make_id(running),
        how=how,
    )
    return run(download.DOWNLOAD, context, running.portal.services).address


def record_delivery(
    running: Running, made: sharing.ShareFiles, file: File, place: int = 0, at: datetime | None = None
) -> None:
    """The bucket's access log tells that a recipient got all of a file, just now or at a moment before."""
    took = (at or running.clock()).strftime("%d/%b/%Y:%H:%M:%S +0000")
    note = tokens.note(made.about, made.recipients[place].id)
    line = (
        f"owner {running.config.files_bucket} [{took}] 198.51.100.9 - REQUEST REST.GET.OBJECT {file.key} "
        f'"GET /{file.key}?x-recipient={note}&versionId={file.version_id} HTTP/1.1" 200 - '
        f'{file.size} {file.size} 20 10 "-" "test browser" {file.version_id} - - - - - - -'
    )
    bucket = running.config.files_bucket
    assert access_log_records.take_log(f"log {took}", [line], bucket, running.portal.services) == 1


def make_unlock(running: Running, token: str, browser: str = "browser", **fields: Any) -> confirmation.Unlock:
    """What a browser brings to a step before a link opens."""
    return confirmation.Unlock(Request(running.clock(), VISITOR), token=token, browser=browser, **fields)


def send_code(running: Running, token: str, browser: str = "browser") -> tuple[str, str]:
    """Ask for a code: the id of the request, which the browser keeps, and the code out of the mail."""
    done = run(confirmation.SEND_CODE, make_unlock(running, token, browser), running.portal.services)
    assert done.sent is not None
    return done.sent.id, read_mailed_code(running)


def read_mailed_code(running: Running) -> str:
    """The code in the newest mail."""
    (code,) = re.findall(r"\b[0-9]{6}\b", list_mails(running)[-1].body)
    return str(code)


def make_other_code(code: str) -> str:
    """A code of six digits that is not this one."""
    return f"{(int(code) + 1) % 10**6:06}"


def list_rows(running: Running) -> list[dict[str, Any]]:
    """Every item of the two tables."""
    pages = clients(running.config.region).get("dynamodb").get_paginator("scan")
    tables = (running.config.table, running.config.audit_table)
    return [item for name in tables for page in pages.paginate(TableName=name) for item in page["Items"]]


def read_state(running: Running) -> list[dict[str, Any]]:
    """Every item but those of PASSING, in a fixed order: what must not change where nothing may."""
    kept = [item for item in list_rows(running) if not item["pk"]["S"].startswith(PASSING)]
    return sorted(kept, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def list_remains(running: Running) -> list[dict[str, Any]]:
    """The same without counters that count nothing: what is left once everything is gone."""
    counters = {"USAGE", "TOTALS"}
    return [
        item
        for item in read_state(running)
        if item["sk"]["S"] not in counters or any(each.get("N", "0") != "0" for each in item.values())
    ]


def list_records(running: Running, action: str) -> list[dict[str, Any]]:
    """The audit records of one action, oldest first."""
    found = [item for item in list_rows(running) if item["pk"]["S"].startswith("AUDIT#")]
    return sorted((item for item in found if item["action"]["S"] == action), key=lambda item: item["sk"]["S"])


def list_objects(running: Running) -> list[str]:
    """The keys of every version in the files bucket."""
    answer = clients(running.config.region).get("s3").list_object_versions(Bucket=running.config.files_bucket)
    return [each["Key"] for each in answer.get("Versions", [])]


def list_mails(running: Running) -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID][running.config.region].sent_messages)


def set_policy(running: Running, scope: str = "", locked: bool = False, **typed: str) -> None:
    """Have an administrator set these fields of a scope, and nothing else there."""
    services = running.portal.services
    context = policies.ChangePolicy(
        make_request(make_person("Ada Minh", admin=True), running),
        version=services.policies.read().version, scope=scope,
        typed={name: policies.Typed(text, locked) for name, text in typed.items()},
    )  # fmt: skip
    run(policies.CHANGE_POLICY, context, services)
