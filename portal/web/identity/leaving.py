"""On from our pages to the identity provider's.

Chromium applies the form-action of the page a form was on to every redirect that follows its POST. Where the
provider's address is not known when the page is made, a page of ours ends that chain and leads on by itself.
"""

from __future__ import annotations

from flask import make_response, redirect, render_template
from werkzeug.wrappers import Response

from portal.web.current import config
from portal.web.edge.headers import form_targets, origin


def lead_to(address: str, code: int = 303) -> Response:
    """A redirect where it may follow a form's POST, else a page that goes on at once."""
    if origin(address) in form_targets(config()).split():
        return redirect(address, code)
    answer = make_response(render_template("pages/leaving.html", address=address))
    answer.headers["Refresh"] = f"0; url={address}"
    return answer
