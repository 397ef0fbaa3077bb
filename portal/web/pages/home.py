"""`/`: the front page for visitors; people who are signed in go on to their files."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> str | Response:
    if g.get("signed_in"):
        return redirect(url_for("files.index"))
    return render_template("pages/home.html")
