"""`/`: the front page for visitors; people who are signed in go on to their files."""

from __future__ import annotations

from flask import g, redirect, render_template
from werkzeug.wrappers import Response

from portal.web.edge.audience import Audience, Place
from portal.web.identity.return_path import prefix_path

blueprint = Place("home", __name__, Audience.VISITOR)


@blueprint.get("/")
def home() -> str | Response:
    if g.get("signed_in"):
        return redirect(prefix_path("/files"))
    return render_template("pages/home.html")
