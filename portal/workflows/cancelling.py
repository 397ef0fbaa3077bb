"""Uploading is given up: by who began it, or by the sweep once nothing has come for a day."""

from __future__ import annotations

from portal.domain.audit import Action, AuditRecord
from portal.domain.errors import Refusal, words
from portal.domain.files import File, FileState
from portal.workflows.engine import Stage, Workflow, record_with_change
from portal.workflows.own_upload import OfUpload, my_upload
from portal.workflows.services import Services


class Cancel(OfUpload):
    """Whose upload, and which."""


class Finished(Refusal):
    reason = "finished"
    words = words("This upload is finished already. Delete the file instead.")


def not_finished(context: Cancel, services: Services) -> Cancel:
    if context.mine.state not in {FileState.PENDING, FileState.REJECTED}:
        raise Finished
    return context


def forget(context: Cancel, services: Services) -> Cancel:
    if not give_up(context.mine, context.made_record, services):
        raise Finished
    return context


def give_up(file: File, record: AuditRecord, services: Services) -> bool:
    """The parts, then the row, then what came in one piece; False where the file was taken in meanwhile.

    Killed anywhere, doing it again does the rest. Giving up the parts of a file that was put together just
    now changes nothing; its bytes go only after its row, which a file that was taken in keeps.
    """
    if file.part_bytes:
        services.parts.abandon(file.key)
    if not services.files.forget(file, record):
        return False
    services.objects.remove(file.key)
    return True


CANCEL: Workflow[Cancel] = Workflow(
    "cancel_upload",
    Action.UPLOAD_CANCELLED,
    {
        Stage.IDENTIFY: (my_upload,),
        Stage.AUTHORIZE: (not_finished,),
        Stage.AUDIT: (record_with_change("cancel_upload", Action.UPLOAD_CANCELLED),),
        Stage.PROCESS: (forget,),
    },
)
