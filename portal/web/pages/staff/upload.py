"""`/upload`: sending files straight to S3, with scripts (`/v1/uploads` serves those) and without."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Refusal
from portal.domain.people.beside import Beside
from portal.domain.people.permissions import Privilege
from portal.domain.policy.quotas import Allowance, OverQuota
from portal.engine.workflow import run
from portal.queries.files import get_upload_file
from portal.queries.uploads import list_uploads
from portal.web.assets.addresses import asset
from portal.web.current import config, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.edge.csrf import csrf_token
from portal.web.forms.files import PlainUploadForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.workflows.uploads.announcing import RESERVE, Announced, Reserve
from portal.workflows.uploads.cancelling import CANCEL, Cancel
from portal.workflows.uploads.completion import COMPLETE, Complete

blueprint = Place("upload", __name__, Audience.STAFF, needs=Privilege.UPLOAD)


@blueprint.get("/upload")
@reads(Beside.USAGE)
def choose() -> str:
    kept = restore_form("upload.name")
    return page(PlainUploadForm(formdata=kept), plain="plain" in request.args or kept is not None)


def page(form: PlainUploadForm, *, plain: bool) -> str:
    usage = services().quotas.get_allowance(current_person().id, services().limits)
    return render_template(
        "pages/upload.html",
        form=form,
        plain=plain,
        usage=usage,
        most_bytes=services().limits.max_file_bytes,
        most_shared=services().limits.max_files_per_share,
        under_way=list_uploads(current_person(), services()),
        told=lambda words: describe_upload(words, usage),
    )


def describe_upload(words: dict[str, Any], usage: Allowance) -> dict[str, Any]:
    """What the script must know: where to ask, the limits, what is left, and its words."""
    limits = services().limits
    return {
        "paths": {
            "uploads": url_for("uploads.reserve"),
            "several": url_for("uploads.complete_several"),
            "usage": url_for("usage.show"),
        },
        "session": url_for("session.show"),
        "worker": asset("vendor/hash-worker.js"),
        "token": csrf_token(),
        "person": current_person().id,
        "post_bytes": limits.post_bytes,
        "most_bytes": limits.max_file_bytes,
        "most_shared": limits.max_files_per_share,
        "usage": asdict(usage),
        "words": words,
    }


@blueprint.post("/upload/<file_id>/cancel")
def cancel(file_id: str) -> Response:
    """The button beside an upload that is under way, here or on another device."""
    made = run(CANCEL, Cancel(staff_request(), owner_id=current_person().id, file_id=file_id), services())
    flash(gettext("The upload of %(name)s is cancelled.", name=made.required_file.name), "done")
    return redirect(url_for(".choose"), 303)


@blueprint.post("/upload")
def name() -> str | tuple[str, int]:
    """The way without scripts: the name first, then a form that posts the file to S3 itself.

    The script announces name and size; here nobody can read the size, so the policy takes up to the most.
    """
    form = PlainUploadForm()
    context = Reserve(
        staff_request(), announced=(Announced(form.name.data or "", None),),
        redirect_to=f"{config().public_url}/upload/{{file_id}}/done",
    )  # fmt: skip
    try:
        reserved = run(RESERVE, context, services())
    except Refusal as refusal:
        if refusal.field != "name" and not isinstance(refusal, OverQuota):
            raise
        refusal.field = "name"
        add_errors(form, refusal)
        return page(form, plain=True), refusal.status
    return render_template("pages/upload_send.html", file=reserved.files[0], form=reserved.forms[0])


@blueprint.get("/upload/<file_id>/done")
def done(file_id: str) -> str:
    """Where S3 sends the browser after a form without scripts. It shows how things are, no more."""
    return render_template(
        "pages/upload_done.html", file=get_upload_file(current_person(), file_id, services())
    )


@blueprint.post("/upload/<file_id>/done")
def finish(file_id: str) -> Response:
    context = Complete(staff_request(), owner_id=current_person().id, file_id=file_id)
    run(COMPLETE, context, services())
    return redirect(url_for(".done", file_id=file_id), 303)
