"""Between announcing and completing: addresses for a large file's parts, or a fresh form for a small one.

They are signed a few at a time and on demand, so that none is old when its turn comes, however long the whole
takes (R33).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid
from portal.domain.files.file import FileState, PresignedPost
from portal.domain.people.permissions import Privilege
from portal.domain.uploads.parts import MAX_PARTS, AskedPart, SignedPart, part_count
from portal.engine.services import Services
from portal.engine.workflow import Audit, Stage, Workflow
from portal.workflows.uploads.own_upload import GivenUp, OfUpload, find_live_upload

SIGNED_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Sign(OfUpload):
    """asked: the parts to sign; none where a form is wanted."""

    asked: tuple[AskedPart, ...] = ()
    signed: tuple[SignedPart, ...] = ()
    form: PresignedPost | None = None


def check_part_numbers(context: Sign, services: Services) -> Sign:
    numbers = [each.number for each in context.asked]
    if not 1 <= len(numbers) <= SIGNED_AT_ONCE or len(set(numbers)) < len(numbers):
        raise Invalid(
            N_("Ask for between 1 and %(most)s parts at once, each only once."),
            field="parts", reason="parts_number", params={"most": SIGNED_AT_ONCE},
        )  # fmt: skip
    if not all(1 <= number <= MAX_PARTS for number in numbers):
        raise refuse_part()
    return context


def refuse_part() -> Invalid:
    return Invalid(N_("This upload has no part of this number."), field="parts", reason="no_such_part")


def require_pending(context: Sign, services: Services) -> Sign:
    if context.required_file.state is not FileState.PENDING:
        raise Conflict(N_("This upload has ended. Upload the file again."), reason="finished")
    return context


def require_parts(context: Sign, services: Services) -> Sign:
    file = context.required_file
    if not file.part_bytes:
        raise Conflict(N_("This file has to be sent in one piece."), reason="one_piece")
    if max(each.number for each in context.asked) > part_count(file.size, file.part_bytes):
        raise refuse_part()
    return context


def require_one_piece(context: Sign, services: Services) -> Sign:
    if context.required_file.part_bytes:
        raise Conflict(N_("This file has to be sent in parts."), reason="in_parts")
    return context


def begin(context: Sign, services: Services) -> Sign:
    """The first parts begin S3's upload; of two calls that do, the one that is not written down gives up its
    own. Killed in between, it is found by its key (R38).
    """
    file = context.required_file
    if file.upload_id:
        return context
    upload_id = services.parts.begin(file, checked=all(each.sha256 for each in context.asked))
    if services.files.begin(file, upload_id, context.required_record):
        return replace(context, file=replace(file, upload_id=upload_id))
    services.parts.abort(file.key, upload_id)
    now = find_live_upload(context, services)
    if not now.required_file.upload_id:
        raise GivenUp
    return now


def sign_parts(context: Sign, services: Services) -> Sign:
    seconds = services.limits.part_seconds
    return replace(
        context,
        signed=tuple(
            services.parts.sign_part(context.required_file, each, seconds) for each in context.asked
        ),
    )


def sign_form(context: Sign, services: Services) -> Sign:
    form = services.objects.post_form(context.required_file, None, services.limits.upload_seconds)
    return replace(context, form=form)


SIGN_PARTS: Workflow[Sign] = Workflow(
    "sign_parts",
    Action.UPLOAD_BEGUN,
    {
        Stage.VALIDATE: (check_part_numbers,),
        Stage.IDENTIFY: (find_live_upload,),
        Stage.AUTHORIZE: (require_pending, require_parts),
        Stage.PROCESS: (begin, sign_parts),
    },
    needs=Privilege.UPLOAD,
)
# What it signs was recorded when it was announced, and is no more than that.
SIGN_FORM: Workflow[Sign] = Workflow(
    "sign_form",
    Action.UPLOAD_BEGUN,
    {
        Stage.IDENTIFY: (find_live_upload,),
        Stage.AUTHORIZE: (require_pending, require_one_piece),
        Stage.PROCESS: (sign_form,),
    },
    Audit.OWN,
    needs=Privilege.UPLOAD,
)
