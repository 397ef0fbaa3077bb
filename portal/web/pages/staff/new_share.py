"""`/shares/new`: preparing a share, by steps or on one page, kept as a draft on the way, and sending it.

Each form brings all its answers along, so that every press is whole by itself and what the review showed is
what is shared (R51). Where nothing speaks against it the answer to a press is a redirect to the draft's page.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.domain.contacts import address_lists
from portal.domain.errors import Invalid, MailsUsedUp, NotFound, Refusal, Unavailable
from portal.domain.ids import make_sortable_id
from portal.domain.people.beside import Beside
from portal.domain.people.permissions import Privilege
from portal.domain.shares import expiry, passwords
from portal.domain.shares.drafts import MAX_DRAFTS, SaveDraftResult
from portal.engine.workflow import dry_run, run
from portal.queries import drafts as draft_queries
from portal.queries.contacts import list_groups, list_organisation_groups
from portal.queries.files import get_chosen_files, list_files
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.forms.refusals import add_errors
from portal.web.forms.sending import read_form
from portal.web.forms.share_steps import (
    ACCESS,
    ALL,
    BY_STEPS,
    CHOOSE,
    LATER,
    RECIPIENTS,
    REVIEW,
    SHARE,
    STEPS,
    Filled,
    begin_form,
    first_wrong,
    read_posted,
    remember,
    say_only,
    way,
)  # fmt: skip
from portal.web.forms.shares import ShareForm
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import Typed, restore_form
from portal.web.wording import i18n
from portal.workflows.policy.mail_policy import read_before_sharing
from portal.workflows.shares import sharing
from portal.workflows.shares.drafts import SAVE_DRAFT, THROW_AWAY, SaveDraft, ThrowAway

blueprint = Place("new_share", __name__, Audience.STAFF, needs=Privilege.SHARE)


@blueprint.get("/shares/new")
@reads(Beside.ORGANISATION_GROUPS)
def new() -> Response:
    """A new form, with the files that were chosen elsewhere."""
    if kept := restore_form("new_share.go_on"):
        return show_kept_form(kept)
    limits, wanted = services().limits, request.args.get("step", "")
    filled = begin_form(make_sortable_id(now()), request.args.getlist("file"), limits)
    usual = RECIPIENTS if way("") == BY_STEPS else ALL
    step = wanted if wanted in (CHOOSE, RECIPIENTS, ACCESS, ALL) else usual
    return page(step, filled, filled.form())


def show_kept_form(kept: Typed) -> Response:
    """The step that someone was at when their session ended, with all that they had typed."""
    filled, step = read_posted(kept), step_left(kept)
    form = filled.form()
    wrong, checked = check_steps(form, filled, step)
    return page(wrong or step, filled, form, checked)


@blueprint.get("/shares/new/<draft_id>")
@reads(Beside.DRAFT, Beside.KNOWN_DOMAINS, Beside.MAIL_COUNT, Beside.ORGANISATION_GROUPS)
def resume(draft_id: str) -> Response:
    """A draft where it was left; the share that it has become, once it was sent."""
    try:
        draft = draft_queries.get_draft(current_person(), draft_id, now(), services())
    except NotFound:
        made = draft_queries.find_sent_share(current_person(), draft_id, services())
        if made is None:
            raise
        return redirect(url_for("shares.show", share_id=made.id), 303)
    if draft.step == "send" and not request.args.get("step"):
        return redirect(url_for("send.resume", draft_id=draft_id), 303)
    step = request.args.get("step") or draft.step
    filled, form = Filled(draft), Filled(draft).form()
    wrong, checked = check_steps(form, filled, step if step in (*STEPS, ALL) else ALL)
    if draft.had_password:
        again = gettext("A draft never keeps the password. Type it again, or leave it out.")
        form.password.errors = [again]
        wrong = (ACCESS if way(step) == BY_STEPS else ALL) if step == REVIEW and not wrong else wrong
    return page(wrong or (step if step in (*STEPS, ALL) else ALL), filled, form, checked, draft_id=draft_id)


@blueprint.post("/shares/new")
@reads(Beside.KNOWN_DOMAINS)
def go_on() -> Response:
    """On to a step, or back to one; keeps the draft; stops where something has to be mended first."""
    return go_on_to(request.form.get("step"), read_posted(request.form))


def go_on_to(wanted: str | None, filled: Filled) -> Response:
    if wanted == SHARE:
        return share(filled)
    step = wanted if wanted in (*STEPS, ALL, LATER) else REVIEW
    form = filled.form()
    wrong, checked = check_steps(form, filled, step)
    shown = wrong or (step_left(request.form) if step == LATER else step)
    kept = save_draft(replace(filled, draft=replace(filled.draft, step=shown)), checked)
    if kept and step == LATER:
        flash(gettext("Saved as a draft for 7 days. Nothing was sent."), "done")
        return redirect(url_for("shares.index", drafts=1), 303)
    if not kept or wrong or filled.password:
        draft_id = filled.draft.id if kept else ""
        return page(shown, filled, form, checked, 400 if wrong else 200, draft_id)
    search = (request.form.get("search") if step == CHOOSE else None) or None
    address = url_for("new_share.resume", draft_id=filled.draft.id, step=step, search=search)
    return remember(redirect(address, 303), way(shown))


@blueprint.post("/shares/new/<draft_id>/delete")
def throw_away(draft_id: str) -> Response:
    run(THROW_AWAY, ThrowAway(staff_request(), draft_id=draft_id), services())
    flash(gettext("The draft is discarded. Your files are still there."), "done")
    return redirect(url_for("shares.index", drafts=1), 303)


def step_left(given: Typed) -> str:
    """The step whose page was left."""
    here = given.get("here", "")
    return here if here in (*STEPS, ALL) else ALL


def check_steps(form: ShareForm, filled: Filled, step: str) -> tuple[str, sharing.ShareFiles | None]:
    """Lay what is wrong onto the form: the step where it has to be mended before this one, if one; and what
    was checked, where all of it is right.
    """
    if step not in STEPS or step == CHOOSE:
        return "", None
    checked = None
    form.validate()
    try:
        checked = dry_run(sharing.SHARE, read_form(form, filled), services())
    except Unavailable:
        raise
    except Refusal as refusal:
        add_errors(form, refusal)
    wrong = first_wrong(form, step, way(step))
    say_only(wrong, form)
    return wrong, checked


def save_draft(filled: Filled, checked: sharing.ShareFiles | None = None) -> bool:
    """Keep the draft, as far as there is something to keep and room for it."""
    if filled.draft.is_empty:
        return False
    try:
        files = checked.files if checked else ()
        done = run(SAVE_DRAFT, SaveDraft(staff_request(), draft=filled.draft, files=files), services())
    except Invalid:
        return False
    if done.result is SaveDraftResult.TOO_MANY:
        flash(gettext("You have %(most)s drafts, so this one is not saved. Discard one under Shares.",
                      most=MAX_DRAFTS), "attention")  # fmt: skip
    return done.result is SaveDraftResult.SAVED


def share(filled: Filled) -> Response:
    """Send what the review showed, on the last day that it showed. An answer that cannot be read is asked for
    again: a limit or a day is never left out for it.
    """
    form, status = filled.form(), 400
    form.until.process(request.form)
    if form.validate():
        try:
            done = run(sharing.SHARE, read_form(form, filled), services())
        except (Invalid, MailsUsedUp) as refusal:
            add_errors(form, refusal)
            status = refusal.status
        else:
            flash(send_share(done))
            return redirect(url_for("shares.show", share_id=done.about), 303)
    return page(first_wrong(form, REVIEW, way("")) or ALL, filled, form, status=status)


def send_share(done: sharing.ShareFiles) -> str:
    if done.again:
        return str(gettext("This was already shared. Nothing was sent twice."))
    said = ngettext("Shared with %(num)d person.", "Shared with %(num)d people.", len(done.addresses))
    if done.by_hand:
        said += " " + ngettext("%(num)d link is yours to share.", "%(num)d links are yours to share.",
                               len(done.by_hand))  # fmt: skip
    return str(said)


def page(
    step: str, filled: Filled, form: ShareForm, checked: sharing.ShareFiles | None = None, status: int = 200,
    draft_id: str = "",
) -> Response:  # fmt: skip
    """One step's page; the first one's where no file is left. draft_id: of the draft that is kept."""
    wanted = list(filled.draft.file_ids)
    chosen = list(checked.files) if checked else get_chosen_files(current_person(), wanted, services())
    step = step if chosen else CHOOSE
    kept = replace(filled, draft=replace(filled.draft, file_ids=tuple(each.id for each in chosen)))
    if step == REVIEW and checked:
        kept = kept.resolve_groups(checked.addresses)
    today = now().astimezone(i18n.zone() or expiry.zone("UTC")).date()
    fields = {
        "step": step, "way": way(step), "form": form, "files": chosen, "along": list(kept.along(step)),
        "missing": len(set(filled.draft.file_ids)) - len(chosen), "draft_id": draft_id, "asked": checked,
        "limits": services().limits, "zone_known": i18n.zone(), "least": passwords.SHORTEST, "today": today,
        "last_day": today + timedelta(days=services().limits.max_share_days),
    }  # fmt: skip
    if step == CHOOSE:
        fields |= list_choices(set(kept.draft.file_ids))
    if step in (RECIPIENTS, ALL):
        form.offer_groups(list_groups(current_person(), services()), list_organisation_groups(services()))
    if step == REVIEW:
        fields |= describe_recipients(filled, checked)
    template = {CHOOSE: "choose_files", REVIEW: "review_share"}.get(step, "new_share")
    return remember(make_response(render_template(f"pages/{template}.html", **fields), status), way(step))


def describe_recipients(filled: Filled, checked: sharing.ShareFiles | None) -> dict[str, object]:
    """What the sender should know of the recipients before pressing Share."""
    doubles = address_lists.parse_recipients(filled.draft.answers.get("recipients", "")).doubles
    people = checked.addresses if checked else ()
    return {"doubles": doubles, "before": read_before_sharing(current_person(), people, now(), services())}


def list_choices(chosen: set[str]) -> dict[str, object]:
    """The list to choose from, but for what is chosen."""
    listed = list_files(current_person(), services(), search=request.values.get("search", ""))
    others = [each for each in listed.files.items if each.id not in chosen]
    return {"found": others, "search": listed.search, "more": listed.files.next is not None}
