"""`/v1/drafts`: a share that is being prepared on `/send`, for the script of that page: kept and looked at as
it is typed, sent now or by itself, and stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, jsonify, request, url_for

from portal.domain.contacts import address_lists
from portal.domain.errors import N_, Conflict, Invalid, MailsUsedUp, NotFound, Refusal, Several, Unavailable
from portal.domain.files.file import File
from portal.domain.ids import make_sortable_id
from portal.domain.people.beside import Beside
from portal.domain.people.permissions import Privilege
from portal.domain.shares.drafts import Draft, SaveDraftResult
from portal.domain.shares.share import Share
from portal.engine.workflow import dry_run, run
from portal.queries import drafts as draft_queries
from portal.queries.files import get_chosen_files
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.forms import sending as forms
from portal.web.forms.refusals import add_errors
from portal.web.forms.share_steps import Filled, read_posted
from portal.web.forms.shares import ShareForm
from portal.web.identity.access import current_person, staff_request
from portal.workflows.policy.mail_policy import read_before_sharing
from portal.workflows.shares import sending, sharing, wishes
from portal.workflows.shares.drafts import SAVE_DRAFT, SaveDraft

STEP = "send"  # where a draft of this page is gone on with

blueprint = Place("drafts", __name__, Audience.PROGRAM, needs=Privilege.SHARE, url_prefix="/v1/drafts")


def read_filled(draft_id: str) -> tuple[Filled, ShareForm, int]:
    given, missing = forms.read_fields(request.get_json())
    filled = read_posted(given)
    filled = replace(filled, draft=replace(filled.draft, id=draft_id, step=STEP))
    return filled, filled.form(), missing


@blueprint.put("/<draft_id>")
@reads(Beside.DRAFT, Beside.DRAFT_COUNT, Beside.KNOWN_DOMAINS, Beside.MAIL_COUNT)
def keep(draft_id: str) -> Response:
    """-> 200 with how it is kept, and what of it needs attention; what is not finished is not said."""
    filled, form, missing = read_filled(draft_id)
    form.validate()
    checked = None
    try:
        checked = dry_run(sending.SEND_WHEN_READY, forms.read_wish(form, filled, missing), services())
    except Unavailable:
        raise
    except Refusal as refusal:
        if left := forms.drop_unfinished(refusal):
            add_errors(form, left)
    state = save(filled.draft, checked.files if checked else ())
    if state == SaveDraftResult.SENT:
        share = find_sent(filled)
        if not is_as_sent(share, form, filled):
            return go_on_apart(share, filled)
    people = address_lists.parse_recipients(form.recipients.data or "").addresses
    before = read_before_sharing(current_person(), people, now(), services())
    return jsonify(
        state=state, problems=forms.list_errors(form),
        people=forms.describe_people(form.recipients.data or "", before),
        notes=forms.describe_before(before, len(people), bool(form.confirm.data)),
    )  # fmt: skip


def save(draft: Draft, files: Sequence[File] = ()) -> str:
    """files: the sender's own of those in it, where they were read just now."""
    if draft.is_empty:
        return "empty"
    context = SaveDraft(staff_request(), draft=draft, files=tuple(files))
    return str(run(SAVE_DRAFT, context, services()).result)


@blueprint.post("/<draft_id>/send")
@reads(Beside.KNOWN_DOMAINS)
def send(draft_id: str) -> tuple[Response, int]:
    """-> 200 where it is sent, 202 where it will be, 400 with what has to be mended first.

    goes_on: only what was pressed before and not taken back since, else 409.
    """
    filled, form, missing = read_filled(draft_id)
    if request.get_json().get("goes_on") is True and not is_wished(draft_id):
        raise Conflict()
    if not form.validate():
        return refuse(form)
    try:
        chosen = list(dict.fromkeys(filled.draft.file_ids))
        files = tuple(get_chosen_files(current_person(), chosen, services()))
        if missing or len(files) < len(chosen):
            return send_when_ready(filled, form, missing)
        run(sharing.SHARE, replace(forms.read_form(form, filled), files=files), services())
    except (Invalid, MailsUsedUp, Several) as refusal:
        add_errors(form, refusal)
        return refuse(form)
    except Conflict as refusal:
        if refusal.reason != "submission_reused":
            raise
        return show_what_was_sent(form, filled), 200
    return show_sent(draft_id), 200


def find_sent(filled: Filled) -> Share | None:
    return draft_queries.find_sent_share(current_person(), filled.draft.id, services())


def show_what_was_sent(form: ShareForm, filled: Filled, missing: int = 0) -> Response:
    """missing: files of this page that no other can have sent."""
    share = find_sent(filled)
    is_same = not missing and is_as_sent(share, form, filled)
    return show_sent(filled.draft.id) if is_same else go_on_apart(share, filled)


def is_as_sent(share: Share | None, form: ShareForm, filled: Filled) -> bool:
    """Whether the share that this draft has become is what this page would have sent then."""
    try:
        return share is not None and sharing.is_as_asked(
            share, forms.read_form(form, filled, share), services()
        )
    except Unavailable:
        raise
    except Refusal:
        return False


def go_on_apart(share: Share | None, filled: Filled) -> Response:
    """-> with what was sent from another page, and where this one goes on: what it has is a draft of its own
    from now on. Raises Conflict where there is no room for that; the page has it all the same.
    """
    why = forms.describe_sent(share) if share else ""
    apart = replace(filled.draft, id=make_sortable_id(now()))
    if save(apart) == SaveDraftResult.TOO_MANY:
        raise Conflict(
            N_("Another page sent it before, with other answers. What is below was not sent, and there is no"
               " room to keep it: discard a draft under Shares, then press Send again."),
            reason="submission_reused",
        )  # fmt: skip
    paths = {"draft": url_for(".keep", draft_id=apart.id), "send": url_for(".send", draft_id=apart.id),
             "page": url_for("send.resume", draft_id=apart.id)}  # fmt: skip
    return jsonify(state="apart", draft=apart.id, paths=paths, why=why)


def is_wished(draft_id: str) -> bool:
    """Whether it is to be sent, or was by now."""
    draft = services().drafts.get(current_person().id, draft_id, now())
    if draft is None:
        return draft_queries.find_sent_share(current_person(), draft_id, services()) is not None
    return draft.wish is not None


def send_when_ready(filled: Filled, form: ShareForm, missing: int) -> tuple[Response, int]:
    """Whoever takes in the last file sends it. It may have come since this was asked, so look once."""
    made = run(sending.SEND_WHEN_READY, forms.read_wish(form, filled, missing), services())
    if made.result is SaveDraftResult.TOO_MANY:
        raise Conflict()
    if made.result is SaveDraftResult.SENT:
        return show_what_was_sent(form, filled, missing), 200
    if sending.send_wished(current_person().id, filled.draft.id, services()) is sending.SendState.SENT:
        return show_sent(filled.draft.id), 200
    return jsonify(state="waiting"), 202


def show_sent(draft_id: str) -> Response:
    return jsonify(state="sent", address=url_for("send.resume", draft_id=draft_id))


def refuse(form: ShareForm) -> tuple[Response, int]:
    return jsonify(reason="invalid", problems=forms.list_errors(form)), 400


@blueprint.delete("/<draft_id>/send")
def stop(draft_id: str) -> Response:
    """-> 200 where it will not be sent by itself; 409 where it was by now."""
    run(wishes.STOP_SENDING, wishes.OnWish(staff_request(), draft_id=draft_id), services())
    return jsonify(state="draft")


@blueprint.get("/<draft_id>")
def show(draft_id: str) -> Response:
    """-> 200 with how it stands."""
    try:
        draft = draft_queries.get_draft(current_person(), draft_id, now(), services())
    except NotFound:
        if draft_queries.find_sent_share(current_person(), draft_id, services()) is None:
            raise
        return show_sent(draft_id)
    said = forms.translate_returned(draft.returned)
    return jsonify(state="waiting" if draft.wish else "returned" if said else "draft", why=said)


@blueprint.post("/addresses")
def read_addresses() -> Response:
    """-> 200 with the addresses in a pasted text: `{text}`."""
    body: Any = request.get_json()
    text = body.get("text") if isinstance(body, dict) else None
    found = address_lists.parse_recipients(text if isinstance(text, str) else "")
    return jsonify(addresses=found.addresses, bad=found.bad, doubles=found.doubles)
