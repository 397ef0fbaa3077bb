"""The calls that pages' scripts make too, for the document. They are read without the library that the rest
is read with, so `tests/web/api/test_shared_calls.py` holds what is said here to what they take and tell.
"""

from __future__ import annotations

from marshmallow import fields

from portal.web.api.fields import MAX_FILES, Asked, Flag, Moment, Text, Told, Whole, length, list_of
from portal.web.api.operations import Described


class FileAsked(Asked):
    name = Text(required=True)
    size = Whole(required=True, metadata={"description": "bytes"})
    folder = Text()
    sha256 = Text(metadata={"description": "of the whole file, in hexadecimal"})


class AnnounceAsked(Asked):
    """One file, or `files` with up to 40."""

    name = Text()
    size = Whole(metadata={"description": "bytes"})
    folder = Text()
    sha256 = Text(metadata={"description": "of the whole file, in hexadecimal"})
    files = list_of(fields.Nested(FileAsked), MAX_FILES, 1)
    draft_id = Text(metadata={"description": "the draft of a share that waits for them"})


class PartAsked(Asked):
    number = Whole(required=True, metadata={"description": "from 1 on"})
    sha256 = Text(allow_none=True, metadata={"description": "of the part, in base64"})


class PartsAsked(Asked):
    parts = fields.List(fields.Nested(PartAsked), required=True)


class CompleteAsked(Asked):
    sha256 = Text(metadata={"description": "of the whole file, in hexadecimal"})


class SeveralAsked(Asked):
    files = list_of(Text(), MAX_FILES, 1, required=True)


class ArrivedTold(Told):
    number = Whole(required=True)
    size = Whole(required=True)
    sha256 = Text(required=True)


class OneUploadTold(Told):
    """Post `fields`, then the file, to `url`; or, of a large one, ask `sign` for its parts' addresses."""

    file_id = Text(required=True)
    name = Text(required=True)
    folder = Text(required=True)
    size = Whole(required=True)
    state = Text(required=True)
    key = Text(required=True)
    state_url = Text(required=True)
    complete = Text(required=True)
    cancel = Text(required=True)
    sign = Text(metadata={"description": "of a file in parts"})
    part_bytes = Whole(metadata={"description": "of a file in parts"})
    part_count = Whole(metadata={"description": "of a file in parts"})
    url = Text(metadata={"description": "of a file in one piece"})
    form_fields = fields.Dict(data_key="fields", metadata={"description": "of a file in one piece"})


class UploadTold(OneUploadTold):
    """Of one that is under way in parts also those that have arrived."""

    parts = fields.List(fields.Nested(ArrivedTold))


class UnderWayTold(OneUploadTold):
    created_at = Moment(required=True)


class UploadsTold(Told):
    uploads = fields.List(fields.Nested(UnderWayTold), required=True)


class AnnouncedTold(Told):
    """Of several files `uploads`; of one the same as of each of these."""

    file_id = Text()
    name = Text()
    folder = Text()
    size = Whole()
    state = Text()
    key = Text()
    state_url = Text()
    complete = Text()
    cancel = Text()
    sign = Text()
    part_bytes = Whole()
    part_count = Whole()
    url = Text()
    form_fields = fields.Dict(data_key="fields")
    uploads = fields.List(fields.Nested(OneUploadTold))


class SignedPartTold(Told):
    number = Whole(required=True)
    url = Text(required=True)
    headers = fields.Dict(required=True, metadata={"description": "to be sent along"})


class SignedTold(Told):
    parts = fields.List(fields.Nested(SignedPartTold), required=True)
    seconds = Whole(required=True)


class FormTold(Told):
    url = Text(required=True)
    form_fields = fields.Dict(data_key="fields", required=True)


class OutcomeTold(Told):
    file_id = Text(required=True)
    name = Text(required=True)
    folder = Text(required=True)
    size = Whole(required=True)
    state = Text(required=True)
    sha256 = Text(required=True)
    sha256_confirmed = Flag(required=True)


class EachOutcomeTold(Told):
    """What became of one of several; reason, problem: why it is not there."""

    file_id = Text(required=True)
    state = Text(required=True)
    name = Text()
    folder = Text()
    size = Whole()
    sha256 = Text()
    sha256_confirmed = Flag()
    reason = Text()
    problem = Text()


class OutcomesTold(Told):
    files = fields.List(fields.Nested(EachOutcomeTold), required=True)


class UsageTold(Told):
    files = Whole(required=True)
    bytes = Whole(required=True)
    max_files = Whole(required=True, allow_none=True)
    max_bytes = Whole(required=True, allow_none=True)
    files_left = Whole(required=True, allow_none=True)
    bytes_left = Whole(required=True, allow_none=True)


class SuggestionTold(Told):
    """Somebody, or a group."""

    address = Text()
    group_id = Text()
    name = Text()
    note = Text(required=True)


class SuggestionsTold(Told):
    suggestions = fields.List(fields.Nested(SuggestionTold), required=True)


class SuggestAsked(Asked):
    q = Text(validate=length(0, 320))


DESCRIBED = {
    "uploads.reserve": Described(
        "Announce files: what comes back says how to send each to the bucket itself", body=AnnounceAsked,
        answer=AnnouncedTold, status=201, creates=True,
    ),
    "uploads.under_way": Described("List your uploads that are under way", answer=UploadsTold),
    "uploads.show": Described("How an upload is going, with the parts that have arrived", answer=UploadTold),
    "uploads.sign": Described("Get addresses to send parts to", body=PartsAsked, answer=SignedTold),
    "uploads.form": Described("Get a fresh form for a file that is sent in one piece", answer=FormTold),
    "uploads.complete": Described(
        "Say that a file has arrived", body=CompleteAsked, answer=OutcomeTold,
        also={202: "Nothing has arrived yet: ask again."},
    ),
    "uploads.complete_several": Described("The same of several", body=SeveralAsked, answer=OutcomesTold),
    "uploads.cancel": Described("Give an upload up", status=204),
    "usage.show": Described("How much you have stored, and what is left", answer=UsageTold),
    "recipients.suggest": Described("Whom you may mean by what you typed", query=SuggestAsked,
                                    answer=SuggestionsTold),
}  # fmt: skip
