"""The acts on files, uploads, failed emails, and what time does with them; `ACTS` has them all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.domain.audit.exports import ExportFormat
from portal.domain.audit.record import Action
from portal.domain.audit.search import AuditSearch
from portal.domain.files.file import File
from portal.domain.mail.email_message import MailRefused
from portal.domain.people.person import Person
from portal.domain.policy.legal_holds import HeldKind, LegalHold
from portal.engine.workflow import Workflow, run
from portal.workflows.audit import exporting
from portal.workflows.files import own_download, owned_files
from portal.workflows.links.download import PREVIEW
from portal.workflows.mail import resending
from portal.workflows.people import handover
from portal.workflows.policy import legal_holds
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.upkeep.write_exports import write_exports
from portal.workflows.uploads import cancelling, signing
from tests.actions import (
    complete_upload,
    make_id,
    make_person,
    make_request,
    put_object,
    reserve_file,
    upload_file,
)
from tests.aws import (  # noqa: F401 -- their acts are all' as well
    draft_acts,
    group_acts,
    people_acts,
    policy_acts,
    recipient_acts,
    report_acts,
    scan_acts,
    webhook_acts,
)
from tests.aws.acts import ACTS, ANA, IDA, Act, act, do, share_one_file
from tests.builders import Running
from tests.parts import announce_film, sign_film_parts
from tests.web.signing import session_of

ADA, BEN = make_person("Ada Minh", admin=True), make_person("Ben Okoro")

__all__ = ["ACTS"]


@act
def reserve(running: Running) -> Act:
    yield
    reserve_file(running, ANA)


@act
def sign_parts(running: Running) -> Act:
    file = announce_film(running, ANA)
    yield
    sign_film_parts(running, ANA, file, 1)


@act
def sign_form(running: Running) -> Act:
    file = reserve_file(running, ANA)
    yield
    do(running, signing.SIGN_FORM, signing.Sign, owner_id=ANA.id, file_id=file.id)


@act
def complete(running: Running) -> Act:
    file = reserve_file(running, ANA)
    put_object(running, file, b"twelve bytes")
    yield
    complete_upload(running, ANA, file)


@act
def cancel_upload(running: Running) -> Act:
    file = sign_film_parts(running, ANA, announce_film(running, ANA), 1).required_file
    yield
    do(running, cancelling.CANCEL, cancelling.Cancel, owner_id=ANA.id, file_id=file.id)


def register_on_file(
    workflow: Workflow[owned_files.ChangeFile], *before: Workflow[owned_files.ChangeFile], **fields: Any
) -> None:
    def scenario(running: Running) -> Act:
        asked = {"file_id": upload_file(running, ANA).id, **fields}
        for each in before:
            do(running, each, owned_files.ChangeFile, file_id=asked["file_id"])
        submission = {"submission_id": make_id(running)} if workflow is owned_files.COPY else {}
        yield
        do(running, workflow, owned_files.ChangeFile, **asked, **submission)

    ACTS[workflow.name] = scenario


register_on_file(owned_files.RENAME, name="new.pdf")
register_on_file(owned_files.KEEP, days=30)
register_on_file(owned_files.COPY)
register_on_file(owned_files.TRASH)
register_on_file(owned_files.RESTORE, owned_files.TRASH)
register_on_file(owned_files.PURGE, owned_files.TRASH)


def fetch_own(workflow: Workflow[own_download.OwnDownload]) -> None:
    def scenario(running: Running) -> Act:
        file = upload_file(running, ANA)
        yield
        do(running, workflow, own_download.OwnDownload, file_id=file.id, how=PREVIEW
           if workflow is own_download.OWN_PREVIEW else "")  # fmt: skip

    ACTS[workflow.name] = scenario


fetch_own(own_download.OWN_DOWNLOAD)
fetch_own(own_download.OWN_PREVIEW)


@act
def sweeping(running: Running) -> Act:
    """Emails that wait, a file whose time is over, an upload that never came."""
    share_one_file(running)
    reserve_file(running, ANA)
    running.clock.turn(days=200)
    yield
    sweep(running.portal.services, lambda: 60.0)


@act
def hand_over(running: Running) -> Act:
    for person in (ANA, IDA, BEN):
        session_of(running, person)
    share_one_file(running)
    yield
    do(running, handover.HAND_OVER, handover.HandOver, IDA, giver_id=ANA.id, receiver=BEN.id)


def set_hold_on(running: Running, file: File, who: Person = IDA) -> LegalHold:
    context = legal_holds.SetHold(
        make_request(who, running), kind=HeldKind.FILE, thing_id=file.id, reason="A lawsuit"
    )
    return run(legal_holds.SET_HOLD, context, running.portal.services).required_hold


@act
def set_hold(running: Running) -> Act:
    session_of(running, IDA)
    file = upload_file(running, ANA)
    yield
    set_hold_on(running, file)


@act
def release_hold(running: Running) -> Act:
    for person in (ADA, IDA):
        session_of(running, person)
    hold = set_hold_on(running, upload_file(running, ANA), ADA)
    yield
    asked = {"hold_id": hold.id, "reason": "It is settled"}
    do(running, legal_holds.RELEASE_HOLD, legal_holds.ReleaseHold, IDA, **asked)


class RefusingMailer:
    def send(self, *_: object, **__: object) -> str:
        raise MailRefused(reason="BadRequestException")


@act
def resend_failed(running: Running) -> Act:
    services = replace(running.portal.services, mailer=RefusingMailer())
    share_one_file(replace(running, portal=replace(running.portal, services=services)))
    yield
    do(running, resending.RESEND_FAILED, resending.ResendFailed)


def ask_for_export(running: Running) -> str:
    asked = {"search": AuditSearch(action=Action.UPLOAD_RESERVED), "format": ExportFormat.JSON_LINES}
    return str(do(running, exporting.EXPORT_AUDIT, exporting.ExportAudit, IDA, **asked).about)


@act
def export_audit(running: Running) -> Act:
    session_of(running, IDA)
    reserve_file(running, ANA)
    yield
    ask_for_export(running)
    write_exports(running.portal.services, lambda: 60.0)


@act
def fetch_export(running: Running) -> Act:
    session_of(running, IDA)
    export_id = ask_for_export(running)
    write_exports(running.portal.services, lambda: 60.0)
    yield
    do(running, exporting.FETCH_EXPORT, exporting.FetchExport, IDA, export_id=export_id)
