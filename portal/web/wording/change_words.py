"""What became of a share that was changed, a sentence for each thing, out of the change's audit record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext, ngettext

from portal.domain.errors import N_
from portal.web.wording import formats

# By the record's detail and what stands there; what is not one of these is said by a function of its own.
SENTENCES = {
    ("message", "changed"): N_("The message was changed."),
    ("confirm", "on"): N_("Each person now confirms their address with a code."),
    ("confirm", "off"): N_("Nobody has to confirm their address with a code any more."),
    ("password", "set"): N_("A password is now required."),
    ("password", "changed"): N_("The password was changed."),
    ("password", "removed"): N_("A password is no longer required."),
    ("preview", "on"): N_("The files can be viewed without saving them."),
    ("preview", "off"): N_("The files can no longer be viewed without saving them."),
    ("notify", "first"): N_("The owner gets an email about each person's first download."),
    ("notify", "every"): N_("The owner gets an email about every download."),
    ("notify", "never"): N_("The owner no longer gets emails about downloads."),
}


def describe_changes(details: Mapping[str, str]) -> list[str]:
    said = []
    if "expires_at" in details:
        ends = formats.weekday(datetime.fromisoformat(details["expires_at"]))
        said.append(gettext("It now expires on %(day)s.", day=ends))
    if "download_limit" in details:
        said.append(limit(int(details["download_limit"])))
    return said + [gettext(text) for (name, value), text in SENTENCES.items() if details.get(name) == value]


def limit(times: int) -> str:
    """A download limit as a sentence; 0 is none."""
    if not times:
        return str(gettext("There is no longer a download limit."))
    return str(
        ngettext(
            "Each person can download each file once.",
            "Each person can download each file %(num)d times.",
            times,
        )
    )
