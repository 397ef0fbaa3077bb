"""Notices for the next page that can be taken back: a sentence with an Undo button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import flash
from flask_babel import gettext

MAX_UNDO_IDS = 30  # ids in one notice: it travels in a cookie, which has little room (cookies.py)


def undoable(text: str, action: str, file_ids: Sequence[str]) -> None:
    """Say what was done; the button posts the same files to `action`. Without the button for too many."""
    if len(file_ids) > MAX_UNDO_IDS:
        flash(text, "done")
        return
    notice: dict[str, Any] = {
        "words": text,
        "action": action,
        "files": list(file_ids),
        "button": gettext("Undo"),
    }
    flash(cast(str, notice), "undo")  # Flask keeps any JSON; only its annotation says text
