"""What a recipient's page tells the script behind "Download all": which files, and where each lies."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext

from portal.domain.files.file import SharedFile
from portal.domain.files.names import make_safe_name
from portal.domain.links.archive import build_paths
from portal.domain.links.availability import Offer
from portal.web.edge.csrf import csrf_token
from portal.web.wording.formats import iso


class ZipOffer(NamedTuple):
    """files: those to be had; left_out: those used up, removed or infected; job: for the script, as static/js
    reads it.
    """

    files: list[SharedFile]
    left_out: list[SharedFile]
    job: dict[str, Any]


def everything(offer: Offer, token: str) -> ZipOffer:
    """All files of a share that its recipient can still get. A file has its path by the share alone, so that
    it is found in the same place in a ZIP made later, without those that are not to be had by then.
    """
    share, files = offer.share, offer.open_files
    *places, sums_path = build_paths(share.first_files)
    placed = [pair for pair in zip(share.first_files, places, strict=True) if pair[0] in files]
    job = {
        "worker": url_for("partner.worker"),
        "download": url_for("partner.download", token=token),
        "token": csrf_token(),
        "name": make_safe_name(gettext("Files from %(name)s", name=share.owner_name) + ".zip"),
        "sent_at": iso(share.created_at),
        "sums_path": sums_path,
        "left_out": [file.name for file in share.first_files if file not in files],
        "files": [
            {"id": file.id, "path": path, "size": file.size, "sha256": file.sha256} for file, path in placed
        ],
    }
    return ZipOffer(files, [file for file in share.first_files if file not in files], job)
