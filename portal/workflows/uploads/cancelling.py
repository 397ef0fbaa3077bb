"""Uploading is given up: by who began it, or by the sweep once nothing has come for a day."""

from __future__ import annotations

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.errors import N_, Refusal
from portal.domain.files.file import File, FileState
from portal.engine.services import Services
from portal.engine.workflow import Stage, Workflow
from portal.workflows.uploads.own_upload import OfUpload, find_upload


class Cancel(OfUpload):
    """Whose upload, and which."""


class Finished(Refusal):
    reason = "finished"
    message = N_("This upload is already finished. Delete the file instead.")


def require_unfinished(context: Cancel, services: Services) -> Cancel:
    if context.required_file.state not in {FileState.PENDING, FileState.REJECTED}:
        raise Finished
    return context


def forget(context: Cancel, services: Services) -> Cancel:
    if not give_up(context.required_file, context.required_record, services):
        raise Finished
    return context


def give_up(file: File, record: AuditRecord, services: Services) -> bool:
    """First the row says so, from where nothing takes the file in any more; then the bytes go, then the row.
    False where the file was taken in in the meantime.

    Killed anywhere, the row that is left is due, and doing it again does the rest (I3).
    """
    if not file.is_given_up and not services.files.cancel(file, record):
        return False
    if file.part_bytes:
        services.parts.abort(file.key)
    services.objects.remove(file.key)
    services.files.delete_pending(file)
    return True


CANCEL: Workflow[Cancel] = Workflow(
    "cancel_upload",
    Action.UPLOAD_CANCELLED,
    {
        Stage.IDENTIFY: (find_upload,),
        Stage.AUTHORIZE: (require_unfinished,),
        Stage.PROCESS: (forget,),
    },
)
