"""`/`: the front page for visitors; people who are signed in go on to their files."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template
from werkzeug.wrappers import Response

from portal.web.return_path import address

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> str | Response:
    if g.get("signed_in"):
        return redirect(address("/files"))
    return render_template("pages/home.html")
