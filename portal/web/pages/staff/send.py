"""`/send`: files, recipients, a message and one button. `/v1/drafts` serves its script; without one it is a
form that brings small files along and goes on to the review of `/shares/new`.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.domain.errors import Conflict, Invalid, NotFound, TooLarge
from portal.domain.files.file import File, FileState
from portal.domain.ids import make_sortable_id
from portal.domain.people.beside import Beside
from portal.domain.people.permissions import Privilege
from portal.domain.policy.quotas import OverQuota
from portal.domain.shares import expiry, passwords
from portal.domain.shares.drafts import Draft
from portal.engine.workflow import run
from portal.queries import drafts as draft_queries
from portal.queries.contacts import list_groups, list_organisation_groups
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.edge.request_limits import takes_body
from portal.web.forms.refusals import add_errors
from portal.web.forms.sending import translate_returned
from portal.web.forms.share_steps import REVIEW, Filled, begin_form, read_posted
from portal.web.forms.shares import ShareForm
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.pages.staff import new_share, upload
from portal.web.wording import i18n
from portal.workflows.shares.wishes import STOP_SENDING, OnWish
from portal.workflows.uploads.small_upload import store_small_file

SMALL_BYTES = 4 * 1024**2  # of all files together: what one call of the function can bring
SHOWN_FILES = 100  # of a draft: what it keeps

blueprint = Place("send", __name__, Audience.STAFF, needs=Privilege.SHARE)


@blueprint.get("/send")
@reads(Beside.USAGE, Beside.ORGANISATION_GROUPS)
def new() -> Response | str:
    if kept := restore_form("send.plain"):
        filled = read_posted(kept)
        return page(filled, filled.form())
    filled = begin_form(make_sortable_id(now()), request.args.getlist("file"), services().limits)
    return page(filled, filled.form())


@blueprint.get("/send/<draft_id>")
@reads(Beside.USAGE, Beside.ORGANISATION_GROUPS, Beside.DRAFT)
def resume(draft_id: str) -> Response | str:
    """A draft of this page; the share that it has become, once it was sent."""
    try:
        draft = draft_queries.get_draft(current_person(), draft_id, now(), services())
    except NotFound:
        made = draft_queries.find_sent_share(current_person(), draft_id, services())
        if made is None:
            raise
        flash(ngettext("Sent to %(num)d person.", "Sent to %(num)d people.", len(made.addresses)))
        return redirect(url_for("shares.show", share_id=made.id), 303)
    filled = Filled(draft)
    return page(filled, filled.form())


def page(filled: Filled, form: ShareForm) -> str:
    person, limits, draft = current_person(), services().limits, filled.draft
    form.offer_groups(list_groups(person, services()), list_organisation_groups(services()))
    usage = services().quotas.get_allowance(person.id, limits)
    today = now().astimezone(i18n.zone() or expiry.zone("UTC")).date()
    files = list_draft_files(draft)
    along = [("by_hand", each) for each in draft.by_hand]
    return render_template(
        "pages/send.html", form=form, draft=draft, files=files, along=along, limits=limits, usage=usage,
        returned=translate_returned(draft.returned),
        zone_known=i18n.zone(), least=passwords.SHORTEST, today=today, small_bytes=SMALL_BYTES,
        last_day=today + timedelta(days=limits.max_share_days),
        told=lambda words: describe_page(words, draft, usage),
    )  # fmt: skip


def list_draft_files(draft: Draft) -> list[File]:
    """Those that have arrived and those under way."""
    found = services().files.get_many(current_person().id, list(draft.file_ids)[:SHOWN_FILES])
    return [each for each in found if each.state in {FileState.READY, FileState.PENDING}]


def describe_page(words: dict[str, Any], draft: Draft, usage: Any) -> dict[str, Any]:
    """What the script must know besides what it must know on `/upload`."""
    paths = {
        "draft": url_for("drafts.keep", draft_id=draft.id), "send": url_for("drafts.send", draft_id=draft.id),
        "addresses": url_for("drafts.read_addresses"), "page": url_for(".resume", draft_id=draft.id),
        "files": url_for("v1.files_list_own"), "recipients": url_for("recipients.suggest"),
    }  # fmt: skip
    told = upload.describe_upload(words, usage)
    return {
        **told, "paths": {**told["paths"], **paths}, "draft": draft.id, "wished": draft.wish is not None,
        "most_recipients": services().limits.max_recipients,
    }  # fmt: skip


@blueprint.post("/send/<draft_id>/stop")
def stop(draft_id: str) -> Response:
    """The button beside a draft that is to be sent by itself."""
    try:
        run(STOP_SENDING, OnWish(staff_request(), draft_id=draft_id), services())
    except Conflict as refusal:
        flash(gettext(refusal.message), "attention")
    else:
        flash(gettext("It is not sent automatically any more."), "done")
    return redirect(url_for("shares.index", drafts=1), 303)


@blueprint.post("/send")
@takes_body(SMALL_BYTES + 256 * 1024)
def plain() -> Response | str | tuple[str, int]:
    """The way without scripts: the files come in this very call, and the review says the rest."""
    filled = read_posted(request.form)
    form = filled.form()
    try:
        stored = store_files(filled.draft.id)
    except (Invalid, OverQuota, TooLarge) as refusal:
        refusal.field = "files"
        add_errors(form, refusal)
        return page(filled, form), refusal.status
    ids = tuple(dict.fromkeys((*filled.draft.file_ids, *(each.id for each in stored))))
    return new_share.go_on_to(REVIEW, replace(filled, draft=replace(filled.draft, file_ids=ids)))


def store_files(draft_id: str) -> list[File]:
    """What came along with the form; the same form again stores nothing twice."""
    found = list[File]()
    for each in request.files.getlist("upload"):
        with closing(each):
            data = each.read()
        if not each.filename or not data:
            continue
        once = f"{draft_id}/{each.filename}/{hashlib.sha256(data).hexdigest()}"
        once = hashlib.sha256(once.encode()).hexdigest()
        found.append(store_small_file(staff_request(), each.filename, "", data, once, services()))
    return found
