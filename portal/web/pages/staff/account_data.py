"""`/account/data`: all that is kept about oneself, as an archive that the schedule writes."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.engine.workflow import run
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.identity.access import current_person, staff_request
from portal.workflows.people.data_export import EXPORT_DATA, FETCH_DATA, ExportData, FetchData

blueprint = Place("account_data", __name__, Audience.STAFF)


@blueprint.get("/account/data")
def index() -> str:
    return page()


def page(address: str = "", fetched_id: str = "") -> str:
    """One's archives; address: where one of them can be fetched now."""
    found = services().data_exports.list_newest(current_person().id)
    exports = [each for each in found if each.kept_until > now()]
    return render_template(
        "pages/account_data.html", exports=exports, address=address, fetched_id=fetched_id,
        is_waiting=any(each.state == "waiting" for each in exports),
    )  # fmt: skip


@blueprint.post("/account/data")
def create() -> Response:
    run(EXPORT_DATA, ExportData(staff_request()), services())
    flash(gettext("Your data is being collected. You get an email once it is ready."), "done")
    return redirect(url_for(".index"), 303)


@blueprint.post("/account/data/<export_id>/link")
def link(export_id: str) -> str:
    done = run(FETCH_DATA, FetchData(staff_request(), export_id=export_id), services())
    return page(done.address, export_id)
