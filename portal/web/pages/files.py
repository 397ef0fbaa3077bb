"""`/files`: one's files, the trash, and everything about one file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal import queries
from portal.domain.errors import Refusal
from portal.domain.files import File, FileState
from portal.domain.ids import is_id, sortable_id
from portal.domain.limits import SINGLE_POST_BYTES
from portal.domain.names import visible
from portal.web import viewer
from portal.web.access import context_fields, person
from portal.web.current import now, services
from portal.web.forms.files import KeepForm, RenameForm
from portal.web.forms.refusals import lay
from portal.web.history import happenings
from portal.web.i18n import sentence
from portal.web.notices import undoable
from portal.web.return_path import address, return_path
from portal.workflows import files as changing
from portal.workflows import own_download as downloading
from portal.workflows.engine import Workflow, run
from portal.workflows.files import ChangeFile

AT_ONCE = 100  # files one press may change: each is a transaction of its own, and all must end in time (R59)
SEARCH_MOST = 200  # characters; ten words of forty letters are looked for at most

blueprint = Blueprint("files", __name__)


@blueprint.get("/files")
def index() -> str:
    asked = request.args
    sort, trash = asked.get("sort", ""), "trash" in asked
    text = "".join(filter(visible, asked.get("q", "")))[:SEARCH_MOST]
    found = queries.files(
        person(), services(), order=sort.removeprefix("-"), descending=sort.startswith("-") if sort else None,
        search=text, trash=trash, cursor=asked.get("cursor"),
    )  # fmt: skip
    here = {"q": found.search or None, "trash": "1" if found.trash else None, "sort": sort or None}
    return render_template(
        "pages/files.html",
        found=found,
        here=here,
        headings={each: heading(found, each) for each in queries.ORDERS},
    )


def heading(found: queries.FileList, order: str) -> dict[str, str]:
    """A column's address to sort by it, the other way round where it is sorted already."""
    if found.search:
        return {"href": "", "sorted": ""}
    current = order == found.order
    falling = not found.descending if current else order != "name"
    sort = ("-" if falling else "") + order
    direction = "descending" if found.descending else "ascending"
    trash = "1" if found.trash else None
    return {"href": url_for(".index", sort=sort, trash=trash), "sorted": direction if current else ""}


@blueprint.get("/files/<file_id>")
def show(file_id: str) -> str:
    return page(file_id)


def page(file_id: str, **forms: RenameForm | KeepForm) -> str:
    """Everything about one file; `forms` are those shown again with what is wrong in them."""
    view = queries.file(person(), file_id, services())
    fresh = {
        "rename": RenameForm(formdata=None, name=view.file.name),
        "keep": KeepForm(formdata=None, days=90),
    }
    return render_template(
        "pages/file.html", view=view, file=view.file, now=now(), history=happenings(view.history.items),
        submission_id=sortable_id(now()), most_copied=SINGLE_POST_BYTES, **{**fresh, **forms},
    )  # fmt: skip


@blueprint.post("/files/<file_id>/rename")
def rename(file_id: str) -> Response | tuple[str, int]:
    form = RenameForm()
    try:
        changed(changing.RENAME, file_id, name=form.name.data or "")
    except Refusal as refusal:
        if refusal.field != "name":
            raise
        lay(form, refusal)
        return page(file_id, rename=form), refusal.status
    flash(gettext("The file has its new name."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/files/<file_id>/keep")
def keep(file_id: str) -> Response | tuple[str, int]:
    form = KeepForm()
    try:
        changed(changing.KEEP, file_id, days=form.days.data or 0)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        refusal.field = "days"
        lay(form, refusal)
        return page(file_id, keep=form), refusal.status
    flash(gettext("The file is kept for the time you chose."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/files/<file_id>/copy")
def copy(file_id: str) -> Response:
    made = changed(changing.COPY, file_id, submission_id=request.form.get("submission_id", ""))
    flash(gettext("This is the copy. It is a file of its own."), "done")
    return redirect(url_for(".show", file_id=made.id), 303)


@blueprint.post("/files/<file_id>/download")
def download(file_id: str) -> Response:
    context = downloading.OwnDownload(**context_fields(), file_id=file_id)
    return redirect(run(downloading.OWN_DOWNLOAD, context, services()).address, 303)


@blueprint.post("/files/<file_id>/preview")
def preview(file_id: str) -> Response:
    context = downloading.OwnDownload(**context_fields(), file_id=file_id)
    done = run(downloading.OWN_PREVIEW, context, services())
    return viewer.shown("pages/file_preview.html", done.found.pinned, done.address)


@blueprint.get("/files/<file_id>/preview")
def back_to_file(file_id: str) -> Response:
    """For those who load a preview anew, or change its language."""
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/files/share")
def share() -> Response:
    """On to the form of a new share; a POST so that the bar's buttons are one form."""
    return redirect(at_home("/shares/new", chosen()), 303) if chosen() else back_to_list()


@blueprint.post("/files/trash")
def trash() -> Response:
    done = each_of(chosen(), changing.TRASH)
    text = ngettext("%(num)d file is in the trash.", "%(num)d files are in the trash.", len(done))
    if done:
        undoable(text, url_for(".restore"), done)
    return back_to_list()


@blueprint.post("/files/restore")
def restore() -> Response:
    done = each_of(chosen(), changing.RESTORE)
    if done:
        flash(ngettext("%(num)d file is back.", "%(num)d files are back.", len(done)), "done")
    return back_to_list()


@blueprint.post("/files/purge")
def purge() -> Response | str:
    """What cannot be undone is asked about first, and the question names what goes."""
    if "sure" not in request.form and chosen():
        files = queries.chosen_files(person(), chosen(), services(), FileState.TRASHED)
        return render_template("pages/files_purge.html", files=files, back=request.form.get("back", ""))
    done = each_of(chosen(), changing.PURGE)
    if done:
        flash(
            ngettext("%(num)d file is gone for good.", "%(num)d files are gone for good.", len(done)), "done"
        )
    return back_to_list()


def changed(workflow: Workflow[ChangeFile], file_id: str, **values: Any) -> File:
    return run(workflow, ChangeFile(**context_fields(), file_id=file_id, **values), services()).mine


def chosen() -> list[str]:
    return [each for each in dict.fromkeys(request.form.getlist("file")) if is_id(each)][:AT_ONCE]


def each_of(file_ids: list[str], workflow: Workflow[ChangeFile]) -> list[str]:
    """Change each of the files; what is refused for one does not keep the others. Returns the changed ones.

    Raises the Refusal where a single file was asked for; of several it is said on the next page.
    """
    done, refused = [], []
    for file_id in file_ids:
        try:
            done.append(changed(workflow, file_id).id)
        except Refusal as refusal:
            if len(file_ids) == 1:
                raise
            refused.append(refusal)
    if refused:
        said = ngettext(
            "%(num)d file was left as it was:", "%(num)d files were left as they were:", len(refused)
        )
        flash(" ".join([said, *dict.fromkeys(map(sentence, refused))]), "attention")
    return done


def back_to_list() -> Response:
    if not chosen():
        flash(gettext("Choose a file first, then say what to do with it."), "attention")
    wanted = return_path(request.form.get("back"))
    return redirect(url_for(".index") if wanted == "/" else address(wanted), 303)


def at_home(path: str, file_ids: list[str]) -> str:
    return address(path) + "?" + "&".join(f"file={each}" for each in file_ids)
