"""Addresses of files under static/, each with a hash of what is in it: browsers may keep it for long."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import current_app, request, url_for


def asset(path: str) -> str:
    return make_address(*source(), path)


def source() -> tuple[str, str]:
    """The portal's prefix, which Flask reads from the request, and the folder with the files."""
    return request.script_root, str(current_app.static_folder)


@lru_cache(maxsize=512)
def make_address(prefix: str, folder: str, path: str) -> str:
    """Made once for each file: Flask makes an address in forty times as long as it takes to remember one.

    prefix is what `url_for` itself puts before it, in the request that is being answered.
    """
    return url_for("static", filename=path, v=content_hash(folder, path))


@lru_cache(maxsize=256)
def content_hash(folder: str, path: str) -> str:
    try:
        return hashlib.sha256((Path(folder) / path).read_bytes()).hexdigest()[:12]
    except FileNotFoundError as error:
        raise RuntimeError(f"static/{path} is not there: run `make assets`.") from error
