"""Between announcing and completing: addresses for a large file's parts, or a fresh form for a small one.

They are signed a few at a time and on demand, so that none is old when its turn comes, however long the whole
takes (R33).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit import Action
from portal.domain.errors import Conflict, Invalid, words
from portal.domain.files import FileState, PresignedPost
from portal.domain.parts import PARTS_MOST, AskedPart, SignedPart, part_count
from portal.workflows.engine import Stage, Workflow, record_with_change
from portal.workflows.own_upload import GivenUp, OfUpload, my_upload
from portal.workflows.services import Services

SIGNED_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Sign(OfUpload):
    """asked: the parts to sign; none where a form is wanted."""

    asked: tuple[AskedPart, ...] = ()
    signed: tuple[SignedPart, ...] = ()
    form: PresignedPost | None = None


def the_numbers(context: Sign, services: Services) -> Sign:
    numbers = [each.number for each in context.asked]
    if not 1 <= len(numbers) <= SIGNED_AT_ONCE or len(set(numbers)) < len(numbers):
        raise Invalid(
            words("Ask for between 1 and %(most)s parts at once, each once."),
            field="parts", reason="parts_number", values={"most": SIGNED_AT_ONCE},
        )  # fmt: skip
    if not all(1 <= number <= PARTS_MOST for number in numbers):
        raise no_such_part()
    return context


def no_such_part() -> Invalid:
    return Invalid(words("This upload has no part of this number."), field="parts", reason="no_such_part")


def under_way(context: Sign, services: Services) -> Sign:
    if context.mine.state is not FileState.PENDING:
        raise Conflict(words("This upload is over. Upload the file again."), reason="finished")
    return context


def in_parts(context: Sign, services: Services) -> Sign:
    file = context.mine
    if not file.part_bytes:
        raise Conflict(words("This file is sent in one piece."), reason="one_piece")
    if max(each.number for each in context.asked) > part_count(file.size, file.part_bytes):
        raise no_such_part()
    return context


def in_one_piece(context: Sign, services: Services) -> Sign:
    if context.mine.part_bytes:
        raise Conflict(words("This file is sent in parts."), reason="in_parts")
    return context


def begin(context: Sign, services: Services) -> Sign:
    """The first parts begin S3's upload; of two calls that do, the one that is not written down gives up its
    own. Killed in between, it is found by its key (R38).
    """
    file = context.mine
    if file.upload_id:
        return context
    upload_id = services.parts.begin(file, checked=all(each.sha256 for each in context.asked))
    if services.files.begin(file, upload_id, context.made_record):
        return replace(context, file=replace(file, upload_id=upload_id))
    services.parts.abandon(file.key, upload_id)
    now = my_upload(context, services)
    if not now.mine.upload_id:
        raise GivenUp
    return now


def sign_parts(context: Sign, services: Services) -> Sign:
    seconds = services.limits.part_seconds
    return replace(
        context,
        signed=tuple(services.parts.signed(context.mine, each, seconds) for each in context.asked),
    )


def sign_form(context: Sign, services: Services) -> Sign:
    form = services.objects.post_form(context.mine, None, services.limits.upload_seconds)
    return replace(context, form=form)


SIGN_PARTS: Workflow[Sign] = Workflow(
    "sign_parts",
    Action.UPLOAD_BEGUN,
    {
        Stage.VALIDATE: (the_numbers,),
        Stage.IDENTIFY: (my_upload,),
        Stage.AUTHORIZE: (under_way, in_parts),
        Stage.AUDIT: (record_with_change("sign_parts", Action.UPLOAD_BEGUN),),
        Stage.PROCESS: (begin, sign_parts),
    },
)
# What it signs was recorded when it was announced, and is no more than that.
SIGN_FORM: Workflow[Sign] = Workflow(
    "sign_form",
    Action.UPLOAD_BEGUN,
    {
        Stage.IDENTIFY: (my_upload,),
        Stage.AUTHORIZE: (under_way, in_one_piece),
        Stage.PROCESS: (sign_form,),
    },
)
