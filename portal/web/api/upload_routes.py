"""The calls about uploads and what is left, for the document: pages' scripts use them too, so they are read
without the library that the rest is read with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields

from portal.domain.people.person import Scope
from portal.web.api.fields import Asked, Flag, Text, Told, Whole
from portal.web.api.operations import Described
from portal.web.api.routes import Route


class AnnounceAsked(Asked):
    """One file, or `files` with up to 40."""

    name = Text()
    size = Whole()
    folder = Text()
    sha256 = Text()
    files = fields.List(fields.Dict())


class PartsAsked(Asked):
    parts = fields.List(fields.Dict(), required=True)


class CompleteAsked(Asked):
    sha256 = Text()


class SeveralAsked(Asked):
    files = fields.List(Text(), required=True)


class UploadTold(Told):
    """Post `fields`, then the file, to `url`; or, of a large one, ask `sign` for its parts' addresses."""

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
    uploads = fields.List(fields.Dict())


class UploadsTold(Told):
    uploads = fields.List(fields.Dict(), required=True)


class SignedTold(Told):
    parts = fields.List(fields.Dict(), required=True)
    seconds = Whole(required=True)


class FormTold(Told):
    url = Text()
    form_fields = fields.Dict(data_key="fields")


class OutcomeTold(Told):
    file_id = Text(required=True)
    name = Text(required=True)
    folder = Text(required=True)
    size = Whole(required=True)
    state = Text(required=True)
    sha256 = Text(required=True)
    sha256_confirmed = Flag(required=True)


class OutcomesTold(Told):
    files = fields.List(fields.Dict(), required=True)


class UsageTold(Told):
    files = Whole(required=True)
    bytes = Whole(required=True)
    max_files = Whole(required=True, allow_none=True)
    max_bytes = Whole(required=True, allow_none=True)
    files_left = Whole(required=True, allow_none=True)
    bytes_left = Whole(required=True, allow_none=True)


class SuggestionsTold(Told):
    suggestions = fields.List(fields.Dict(), required=True)


class SuggestAsked(Asked):
    q = Text()


class EagerRoute(Route):
    """One whose view another blueprint has."""

    def load(self) -> Callable[..., Any]:
        def view() -> None:
            """Only described."""

        view.described = DESCRIBED[self.view]  # type: ignore[attr-defined]
        return view


UPLOADS, ONE = "/v1/uploads", "/v1/uploads/<file_id>"
UPLOAD_ROUTES = (
    EagerRoute("POST", UPLOADS, "uploads.reserve", Scope.UPLOAD),
    EagerRoute("GET", UPLOADS, "uploads.under_way", Scope.UPLOAD),
    EagerRoute("GET", ONE, "uploads.show", Scope.UPLOAD),
    EagerRoute("POST", f"{ONE}/parts", "uploads.sign", Scope.UPLOAD),
    EagerRoute("POST", f"{ONE}/form", "uploads.form", Scope.UPLOAD),
    EagerRoute("POST", f"{ONE}/complete", "uploads.complete", Scope.UPLOAD),
    EagerRoute("POST", f"{UPLOADS}/complete", "uploads.complete_several", Scope.UPLOAD),
    EagerRoute("DELETE", ONE, "uploads.cancel", Scope.UPLOAD),
    EagerRoute("GET", "/v1/usage", "usage.show", Scope.READ),
    EagerRoute("GET", "/v1/recipients", "recipients.suggest", Scope.READ),
)
DESCRIBED = {
    "uploads.reserve": Described(
        "Announce files: what comes back says how to send each to the bucket itself", body=AnnounceAsked,
        answer=UploadTold, status=201, creates=True,
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
