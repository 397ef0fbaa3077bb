"""Showing a file without saving it: as a page of ours around it, or, a PDF, by its address alone.

Pictures, sound and films are elements of the page, which run nothing of what they show; letters are put into
the page as text. A PDF is a document that needs a viewer, and the browser's own is the safest there is: it
lives apart from every page, is mended with the browser, reads aloud, and is there on phones. It shows the PDF
at the bucket's address, where there is no session to steal.
"""

from __future__ import annotations

from typing import Any

from flask import jsonify, make_response, redirect, render_template
from werkzeug.wrappers import Response

from portal.domain.files import SharedFile
from portal.web import headers
from portal.web.errors import wants_json

TEXT_BYTES = 512 * 1024  # of a text, what is shown: more than anybody reads, less than a phone minds


def shown(template: str, file: SharedFile, address: str, **more: Any) -> Response:
    """The answer to a press of Preview; to a player that asks for its next address, that address (R48)."""
    if wants_json():
        return jsonify(address=address)
    if file.shown_as == "pdf":
        return redirect(address, 303)
    headers.show_a_file()
    return make_response(render_template(template, file=file, address=address, text_bytes=TEXT_BYTES, **more))
