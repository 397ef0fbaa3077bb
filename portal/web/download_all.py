"""What a recipient's page tells the script behind "Download all": which files, and where each lies."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from portal.domain.archive import paths
from portal.domain.files import SharedFile
from portal.domain.names import safe_name
from portal.domain.shares import Recipient, Share
from portal.web.formats import iso


class Offer(NamedTuple):
    """files: those to be had; left_out: those used up; job: for the script, as static/js reads it."""

    files: list[SharedFile]
    left_out: list[SharedFile]
    job: dict[str, Any]


def everything(share: Share, recipient: Recipient, token: str) -> Offer:
    """All files of a share that its recipient has downloads left of. A file has its path by the share alone,
    so that it is found in the same place in a ZIP made later, without those used up by then.
    """
    *places, sums_path = paths(share.files)
    placed = [
        pair for pair in zip(share.files, places, strict=True) if recipient.left(share, pair[0].id) != 0
    ]
    files = [file for file, _ in placed]
    job = {
        "worker": url_for("partner.worker"),
        "download": url_for("partner.download", token=token),
        "token": generate_csrf(),
        "name": safe_name(gettext("Files from %(name)s", name=share.owner_name) + ".zip"),
        "sent_at": iso(share.created_at),
        "sums_path": sums_path,
        "files": [
            {"id": file.id, "path": path, "size": file.size, "sha256": file.sha256} for file, path in placed
        ],
    }
    return Offer(files, [file for file in share.files if file not in files], job)
