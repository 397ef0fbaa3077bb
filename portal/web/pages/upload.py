"""`/upload`: sending files straight to S3, with scripts (`/v1/uploads` serves those) and without."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from portal import queries
from portal.domain.errors import Refusal
from portal.web.access import context_fields, person
from portal.web.current import config, services
from portal.web.forms.files import PlainUploadForm
from portal.web.forms.refusals import lay
from portal.web.templates import asset
from portal.workflows.completion import COMPLETE, Complete
from portal.workflows.engine import run
from portal.workflows.upload import RESERVE, Announced, Reserve

blueprint = Blueprint("upload", __name__)


@blueprint.get("/upload")
def choose() -> str:
    return page(PlainUploadForm(formdata=None), plain="plain" in request.args)


def page(form: PlainUploadForm, *, plain: bool) -> str:
    most = services().limits.max_file_bytes
    return render_template("pages/upload.html", form=form, plain=plain, most_bytes=most, told=told)


def told(words: dict[str, Any]) -> dict[str, Any]:
    """What the script must know: where to ask, the limits, and its words."""
    limits = services().limits
    return {
        "paths": {"uploads": url_for("uploads.reserve"), "several": url_for("uploads.complete_several")},
        "session": url_for("session.show"),
        "worker": asset("vendor/hash-worker.js"),
        "token": generate_csrf(),
        "person": person().id,
        "post_bytes": limits.post_bytes,
        "most_bytes": limits.max_file_bytes,
        "most_shared": limits.max_files_per_share,
        "words": words,
    }


@blueprint.post("/upload")
def name() -> str | tuple[str, int]:
    """The way without scripts: the name first, then a form that posts the file to S3 itself.

    The script announces name and size; here nobody can read the size, so the policy takes up to the most.
    """
    form = PlainUploadForm()
    context = Reserve(
        **context_fields(), announced=(Announced(form.name.data or "", None),),
        redirect_to=f"{config().public_url}/upload/{{file_id}}/done",
    )  # fmt: skip
    try:
        reserved = run(RESERVE, context, services())
    except Refusal as refusal:
        if refusal.field != "name":
            raise
        lay(form, refusal)
        return page(form, plain=True), refusal.status
    return render_template("pages/upload_send.html", file=reserved.files[0], form=reserved.forms[0])


@blueprint.get("/upload/<file_id>/done")
def done(file_id: str) -> str:
    """Where S3 sends the browser after a form without scripts. It shows how things are, no more."""
    return render_template("pages/upload_done.html", file=queries.announced(person(), file_id, services()))


@blueprint.post("/upload/<file_id>/done")
def finish(file_id: str) -> Response:
    context = Complete(**context_fields(), owner_id=person().id, file_id=file_id)
    run(COMPLETE, context, services())
    return redirect(url_for(".done", file_id=file_id), 303)
