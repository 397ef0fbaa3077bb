"""Every answer that is worth it leaves compressed, here and nowhere else: the gateway's own way is off.

What is built is compressed when it is built, as `.br` and `.gz` beside the file. Pages and JSON are as they
leave; what is secret in them is masked afresh in each (csrf.py), or compressing would give it away.
"""

from __future__ import annotations

import gzip
import mimetypes
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory
from werkzeug.security import safe_join

LEAST_BYTES = 1000  # what is smaller fits into one packet anyway
LEVEL = 5  # 6 takes a third longer for 1 % less
TEXTS = {
    "text/html", "text/css", "text/plain", "text/javascript", "application/json",
    "application/problem+json", "image/svg+xml",
}  # fmt: skip
BUILT = (("br", ".br"), ("gzip", ".gz"))  # the smaller first


def install(app: Flask) -> None:
    """Call it before all others: what is registered first sees an answer last."""
    app.after_request(compress)
    app.view_functions["static"] = send_static


def send_static(filename: str) -> Response:
    """A file of static/, as it was compressed when it was built where the browser takes that."""
    folder = str(current_app.static_folder)
    for encoding, ending in BUILT if "Range" not in request.headers else ():
        path = safe_join(folder, filename + ending)
        if request.accept_encodings[encoding] and path and Path(path).is_file():
            kept = current_app.get_send_file_max_age(filename)
            answer = send_from_directory(folder, filename + ending, max_age=kept)
            answer.mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
            answer.headers["Content-Encoding"] = encoding
            return answer
    return current_app.send_static_file(filename)


def compress(response: Response) -> Response:
    if response.mimetype not in TEXTS or response.status_code in {206, 304}:
        return response
    response.vary.add("Accept-Encoding")
    if "Content-Encoding" in response.headers or not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False  # files of static/, which are not large
    body = response.get_data()
    if len(body) < LEAST_BYTES:
        return response
    response.set_data(gzip.compress(body, compresslevel=LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    if tag := response.get_etag()[0]:
        response.set_etag(tag, weak=True)  # the same words, other bytes
    return response
