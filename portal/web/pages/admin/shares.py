"""`/admin/shares`: shares of everyone. One of them is shown by its owner's page, without the links."""

from __future__ import annotations

from flask import render_template

from portal.queries.admin.holdings import find_shares
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.pages.admin.files import list_filters, read_wanted

blueprint = Place("admin_shares", __name__, Audience.ADMIN)


@blueprint.get("/admin/shares")
def index() -> str:
    wanted = read_wanted()
    found = find_shares(wanted, services())
    return render_template(
        "pages/admin/shares.html", found=found, wanted=wanted, here=list_filters(wanted), now=now()
    )
