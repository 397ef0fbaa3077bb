"""Showing a file without saving it, on a page of ours around it.

Pictures, sound and films are elements of the page, which run nothing of what they show; letters are put into
the page as text. A PDF is a document that needs a viewer, and the browser's own is the safest there is: it
lives apart from every page, is patched with the browser, and reads aloud. It does not run in a sandboxed
frame; in a plain one it does, and a script gives it the bytes, since an address ends after a minute and a
viewer comes back for more (static/js/pdf.js).
"""

from __future__ import annotations

from typing import Any

from flask import jsonify, make_response, render_template
from werkzeug.wrappers import Response

from portal.domain.files.file import SharedFile
from portal.web.edge import headers

TEXT_BYTES = 512 * 1024  # of a text, what is shown: more than anyone reads, less than a phone minds


def next_address(address: str, seconds: int) -> Response:
    """What a script that shows a file is told of its next address (R48)."""
    return jsonify(address=address, expires_in=seconds)


def render_viewer(template: str, file: SharedFile, address: str, seconds: int, **more: Any) -> Response:
    """The page of a preview. seconds: how much longer the address lives."""
    headers.show_a_file(pdf=file.preview_kind == "pdf")
    return make_response(
        render_template(template, file=file, address=address, seconds=seconds, text_bytes=TEXT_BYTES, **more)
    )
