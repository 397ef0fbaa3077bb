"""The acts on files, uploads, failed emails, and what time does with them; `ACTS` has them all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.domain.mail.email_message import MailRefused
from portal.engine.workflow import Workflow
from portal.workflows.files import own_download, owned_files
from portal.workflows.links.download import PREVIEW
from portal.workflows.mail import resending
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.uploads import cancelling, signing
from tests.actions import complete_upload, make_id, put_object, reserve_file, upload_file
from tests.aws import people_acts, scan_acts  # noqa: F401 -- their acts are all' as well
from tests.aws.acts import ACTS, ANA, Act, act, do, given
from tests.builders import Running
from tests.parts import announce_film, sign_film_parts

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


def on_file(
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


on_file(owned_files.RENAME, name="new.pdf")
on_file(owned_files.KEEP, days=30)
on_file(owned_files.COPY)
on_file(owned_files.TRASH)
on_file(owned_files.RESTORE, owned_files.TRASH)
on_file(owned_files.PURGE, owned_files.TRASH)


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
    given(running)
    reserve_file(running, ANA)
    running.clock.turn(days=200)
    yield
    sweep(running.portal.services, lambda: 60.0)


class RefusingMailer:
    def send(self, *_: object, **__: object) -> str:
        raise MailRefused(reason="BadRequestException")


@act
def resend_failed(running: Running) -> Act:
    services = replace(running.portal.services, mailer=RefusingMailer())
    given(replace(running, portal=replace(running.portal, services=services)))
    yield
    do(running, resending.RESEND_FAILED, resending.ResendFailed)
