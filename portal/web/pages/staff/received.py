"""`/shared-with-me`: what was shared with the address of someone who is signed in."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from portal.domain.mail.email_message import plain_line
from portal.queries.received import list_received, make_received_link
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.identity.access import current_person

blueprint = Place("received", __name__, Audience.STAFF)
LONGEST_SEARCH = 200  # characters


@blueprint.get("/shared-with-me")
def index() -> str:
    cursor, search = request.args.get("cursor"), plain_line(request.args.get("q", ""))
    found = list_received(current_person(), services(), cursor, search[:LONGEST_SEARCH])
    return render_template("pages/received.html", found=found, page=found.page, now=now(), cursor=cursor)


@blueprint.get("/shared-with-me/<share_id>")
def open_link(share_id: str) -> Response:
    """On to one's own link, made again and kept nowhere."""
    return redirect(make_received_link(current_person(), share_id, services()), 303)
