"""`/files`: one's files, the trash, and everything about one file."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.domain.errors import Refusal, Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.ids import is_id, make_sortable_id
from portal.domain.mail.email_message import plain_line
from portal.domain.people.beside import Beside
from portal.domain.policy.limits import SINGLE_POST_BYTES
from portal.engine.workflow import Workflow, run
from portal.queries.files import ORDERS, FileList, get_chosen_files, get_file, list_files
from portal.web.assets import viewer
from portal.web.current import now, seconds_until, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.errors import wants_json
from portal.web.forms.files import NO_TIME, KeepForm, RenameForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.identity.return_path import prefix_path, return_path
from portal.web.wording.history import happenings
from portal.web.wording.i18n import translate_refusal
from portal.web.wording.undo import undoable
from portal.workflows.files import own_download as downloading
from portal.workflows.files import owned_files as changing
from portal.workflows.files.owned_files import ChangeFile

MAX_FILES_PER_REQUEST = (
    100  # files one press may change: each is a transaction of its own, and all must end in time (R59)
)
MAX_SEARCH_CHARACTERS = 200  # characters; ten words of forty letters are looked for at most

blueprint = Place("files", __name__, Audience.STAFF)


@blueprint.get("/files")
def index() -> str:
    asked = request.args
    sort, trash = asked.get("sort", ""), "trash" in asked
    text = plain_line(asked.get("q", ""))[:MAX_SEARCH_CHARACTERS]
    found = list_files(
        current_person(),
        services(),
        order=sort.removeprefix("-"),
        descending=sort.startswith("-") if sort else None,
        search=text,
        trash=trash,
        cursor=asked.get("cursor"),
    )
    here = {"q": found.search or None, "trash": "1" if found.trash else None, "sort": sort or None}
    return render_template(
        "pages/files.html",
        found=found,
        here=here,
        headings={each: heading(found, each) for each in ORDERS},
        ticked=list_ticked(),
    )


def list_ticked() -> set[str]:
    """The files that were chosen when a session ended before the press counted."""
    presses = map(restore_form, ("files.share", "files.trash", "files.restore", "files.purge"))
    return {file_id for press in presses if press for file_id in press.getlist("file")}


def heading(found: FileList, order: str) -> dict[str, str]:
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
@reads(Beside.FILE)
def show(file_id: str) -> str:
    return page(file_id)


def page(file_id: str, **forms: RenameForm | KeepForm) -> str:
    """Everything about one file; `forms` are those shown again with what is wrong in them."""
    cursor, with_versions = request.args.get("shares"), "versions" in request.args
    view = get_file(current_person(), file_id, services(), cursor, with_versions=with_versions)
    limits = services().limits
    fresh = {
        "rename": RenameForm(formdata=restore_form("files.rename"), name=view.file.name),
        "keep": KeepForm(formdata=restore_form("files.keep"), days=str(limits.file_days)).offer(limits),
    }
    return render_template(
        "pages/file.html", view=view, file=view.file, now=now(), history=happenings(view.history.items),
        submission_id=make_sortable_id(now()), most_copied=SINGLE_POST_BYTES, **{**fresh, **forms},
    )  # fmt: skip


@blueprint.post("/files/<file_id>/rename")
def rename(file_id: str) -> Response | tuple[str, int]:
    form = RenameForm()
    try:
        change_file(changing.RENAME, file_id, name=form.name.data or "")
    except Refusal as refusal:
        if refusal.field != "name":
            raise
        add_errors(form, refusal)
        return page(file_id, rename=form), refusal.status
    flash(gettext("The file has its new name."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/files/<file_id>/keep")
def keep(file_id: str) -> Response | tuple[str, int]:
    form = KeepForm().offer(services().limits)
    try:
        change_file(changing.KEEP, file_id, life=form.chosen)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        refusal.field = "days"
        add_errors(form, refusal)
        return page(file_id, keep=form), refusal.status
    flash(gettext("The file is kept for the time you chose."), "done")
    return redirect(url_for(".show", file_id=file_id), 303)


@blueprint.post("/files/<file_id>/copy")
def copy(file_id: str) -> Response:
    made = change_file(changing.COPY, file_id, submission_id=request.form.get("submission_id", ""))
    flash(gettext("This is the copy. It is a file of its own."), "done")
    return redirect(url_for(".show", file_id=made.id), 303)


@blueprint.post("/files/<file_id>/download")
def download(file_id: str) -> Response:
    context = downloading.OwnDownload(staff_request(), file_id=file_id)
    return redirect(run(downloading.OWN_DOWNLOAD, context, services()).address, 303)


@blueprint.post("/files/<file_id>/preview")
def preview(file_id: str) -> Response:
    """On to the page that shows the file, which can be come back to; a script gets its next address."""
    done = preview_own_file(file_id)
    if wants_json():
        return viewer.next_address(done.address, seconds_until(done.ends_at))
    return redirect(url_for(".show_preview", file_id=file_id, shown="1"), 303)


@blueprint.get("/files/<file_id>/preview")
def show_preview(file_id: str) -> Response:
    if "shown" not in request.args:
        return redirect(url_for(".show", file_id=file_id), 303)
    done = preview_own_file(file_id)
    seconds = seconds_until(done.ends_at)
    return viewer.render_viewer("pages/file_preview.html", done.required_file.pinned, done.address, seconds)


def preview_own_file(file_id: str) -> downloading.OwnDownload:
    context = downloading.OwnDownload(staff_request(), file_id=file_id)
    return run(downloading.OWN_PREVIEW, context, services())


@blueprint.post("/files/share")
def share() -> Response:
    """On to the form of a new share; a POST so that the bar's buttons are one form."""
    return redirect(return_address("/shares/new", chosen()), 303) if chosen() else back_to_list()


@blueprint.post("/files/trash")
def trash() -> Response:
    done = change_each(chosen(), changing.TRASH)
    text = ngettext("%(num)d file is in the trash.", "%(num)d files are in the trash.", len(done))
    if done:
        undoable(text, url_for(".restore"), done)
    return back_to_list()


@blueprint.post("/files/restore")
def restore() -> Response:
    done = change_each(chosen(), changing.RESTORE)
    if done:
        flash(ngettext("%(num)d file is back.", "%(num)d files are back.", len(done)), "done")
    return back_to_list()


@blueprint.post("/files/purge")
def purge() -> Response | str:
    """What cannot be undone is asked about first, and the question names what goes."""
    if "sure" not in request.form and chosen():
        files = get_chosen_files(current_person(), chosen(), services(), FileState.TRASHED)
        return render_template("pages/files_purge.html", files=files, back=request.form.get("back", ""))
    done = change_each(chosen(), changing.PURGE)
    if done:
        flash(
            ngettext("%(num)d file is gone for good.", "%(num)d files are gone for good.", len(done)), "done"
        )
    return back_to_list()


def change_file(
    workflow: Workflow[ChangeFile], file_id: str, *, name: str = "", life: timedelta = NO_TIME,
    submission_id: str = "",
) -> File:  # fmt: skip
    context = ChangeFile(
        staff_request(), file_id=file_id, name=name, days=life.days, hours=life.seconds // 3600,
        submission_id=submission_id,
    )  # fmt: skip
    return run(workflow, context, services()).required_file


def chosen() -> list[str]:
    return [each for each in dict.fromkeys(request.form.getlist("file")) if is_id(each)][
        :MAX_FILES_PER_REQUEST
    ]


def change_each(file_ids: list[str], workflow: Workflow[ChangeFile]) -> list[str]:
    """Change each of the files; what is refused for one does not keep the others. Returns the changed ones.

    Raises the Refusal where a single file was asked for; of several it is said on the next page.
    """
    done, refused = [], []
    for place, file_id in enumerate(file_ids):
        try:
            done.append(change_file(workflow, file_id).id)
        except Refusal as refusal:
            if len(file_ids) == 1:
                raise
            unavailable = isinstance(refusal, Unavailable)
            refused += [refusal] * (len(file_ids) - place if unavailable else 1)
            if unavailable:  # for the others too: each would wait as long
                break
    if refused:
        said = ngettext(
            "%(num)d file was left as it was:", "%(num)d files were left as they were:", len(refused)
        )
        flash(" ".join([said, *dict.fromkeys(map(translate_refusal, refused))]), "attention")
    return done


def back_to_list() -> Response:
    if not chosen():
        flash(gettext("Choose a file first, then choose what to do with it."), "attention")
    wanted = return_path(request.form.get("back"))
    return redirect(url_for(".index") if wanted == "/" else prefix_path(wanted), 303)


def return_address(path: str, file_ids: list[str]) -> str:
    return prefix_path(path) + "?" + "&".join(f"file={each}" for each in file_ids)
