"""What became of a share that was changed, a sentence for each thing, out of the change's audit record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext, ngettext

from portal.domain.errors import words
from portal.web import formats

# By the record's detail and what stands there; what is not one of these is said by a function of its own.
SENTENCES = {
    ("message", "changed"): words("The message is a new one."),
    ("confirm", "on"): words("Each person now confirms their address with a code."),
    ("confirm", "off"): words("Nobody confirms their address with a code any more."),
    ("password", "set"): words("A password is asked for now."),
    ("password", "changed"): words("The password is a new one."),
    ("password", "removed"): words("No password is asked for any more."),
    ("preview", "on"): words("The files may be looked at without saving them."),
    ("preview", "off"): words("The files cannot be looked at without saving them any more."),
    ("notify", "first"): words("The owner is told of each person's first download."),
    ("notify", "every"): words("The owner is told of every download."),
    ("notify", "never"): words("The owner is not told of downloads any more."),
}


def changes(details: Mapping[str, str]) -> list[str]:
    said = []
    if "expires_at" in details:
        ends = formats.weekday(datetime.fromisoformat(details["expires_at"]))
        said.append(gettext("It is now open until %(day)s.", day=ends))
    if "download_limit" in details:
        said.append(limit(int(details["download_limit"])))
    return said + [gettext(text) for (name, value), text in SENTENCES.items() if details.get(name) == value]


def limit(times: int) -> str:
    """A download limit as a sentence; 0 is none."""
    if not times:
        return str(gettext("There is no download limit any more."))
    return str(
        ngettext(
            "Each person can download each file once.",
            "Each person can download each file %(num)d times.",
            times,
        )
    )
