"""`/shares/<id>/...`: being in control after sending."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal import queries
from portal.domain import expiry
from portal.domain.errors import Invalid, Several
from portal.domain.models import Share, ShareState
from portal.web import i18n
from portal.web.access import context_fields, person
from portal.web.current import now, services
from portal.web.forms.refusals import lay
from portal.web.forms.share_changes import ChangeForm
from portal.web.history import told
from portal.workflows.change import CHANGE_SHARE, ChangedMeanwhile, ChangeShare, WithdrawnForGood
from portal.workflows.engine import run

blueprint = Blueprint("share_changes", __name__)


@blueprint.get("/shares/<share_id>/edit")
def edit(share_id: str) -> str:
    share = queries.own_share(person(), share_id, services())
    if share.state is ShareState.WITHDRAWN:
        raise WithdrawnForGood
    return edit_page(share, ChangeForm.of(share, zone()))


@blueprint.post("/shares/<share_id>/edit")
def change(share_id: str) -> Response | tuple[str, int]:
    form = ChangeForm()
    if not form.validate():
        return again(share_id, form, 400)
    try:
        done = run(CHANGE_SHARE, asked(share_id, form), services())
    except ChangedMeanwhile as refusal:
        return merged(share_id, form, refusal)
    except (Invalid, Several) as refusal:
        lay(form, refusal)
        return again(share_id, form, refusal.status)
    before, after = done.shares
    flash(gettext("The share is changed.") if before != after else gettext("Nothing was changed."), "done")
    return redirect(url_for("shares.one", share_id=share_id), 303)


def asked(share_id: str, form: ChangeForm) -> ChangeShare:
    return ChangeShare(
        **context_fields(),
        share_id=share_id,
        version=form.version.data or 0,
        expires_on=form.new_day(),
        download_limit=form.download_limit.data,
        message=form.message.data or "",
        zone=zone().key,
    )


def merged(share_id: str, form: ChangeForm, refusal: ChangedMeanwhile) -> tuple[str, int]:
    """Both changes in one form: what the other one did is named and taken over, what was typed is kept."""
    share = queries.own_share(person(), share_id, services())
    others = queries.changes_since(share, form.version.data or 0, services())
    lay(form, refusal)
    form.merge(share, zone())
    return edit_page(share, form, [told(each) for each in others]), refusal.status


def again(share_id: str, form: ChangeForm, status: int) -> tuple[str, int]:
    return edit_page(queries.own_share(person(), share_id, services()), form), status


def edit_page(share: Share, form: ChangeForm, others: list[str] | None = None) -> str:
    today = now().astimezone(zone()).date()
    return render_template(
        "pages/change_share.html", share=share, form=form, others=others or [], limits=services().limits,
        expired=not share.is_open(now()), today=today, zone_known=i18n.zone(),
    )  # fmt: skip


def zone() -> ZoneInfo:
    return i18n.zone() or expiry.zone("UTC")
