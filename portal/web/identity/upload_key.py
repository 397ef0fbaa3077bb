"""The header `Upload-Key`: it stands in for the session and for the CSRF secret on the routes of one upload.

No other site can make a browser send it: a header of this name needs our consent first (CORS), which we give
to nobody, and the key itself is told to the page that announced the upload alone.

What ends it (R10): the upload's end, a day after it arrived; the account's; and signing out everywhere, for
uploads announced before, since whoever presses that may fear that someone else began them. Nothing of one's
own is lost by it: signed in again, the upload goes on in the session. A session's own end, after 30 minutes
or 12 hours, does not end it: that is what it is for. Nor does leaving a group end it, which only the provider
knows: the key gives nothing to read, and no more to write than what was announced while one was in it.
"""

from __future__ import annotations

from flask import request

from portal.domain.errors import SignInNeeded
from portal.domain.ids import read_time
from portal.domain.people.principal import Principal
from portal.web.current import services

HEADER = "Upload-Key"
PLACES = {"uploads", "parts"}


def find_principal() -> Principal | None:
    """Whose upload the request's key opens; None where it has none that fits its route.

    Raises SignInNeeded where the key does not count any more.
    """
    file_id = str((request.view_args or {}).get("file_id", ""))
    if request.blueprint not in PLACES or not file_id or HEADER not in request.headers:
        return None
    found = services().upload_keys.verify(request.headers[HEADER], file_id)
    if found is not None and not services().people.still_trusts(found, read_time(file_id)):
        raise SignInNeeded
    return Principal.by_upload_key(found, read_time(file_id)) if found is not None else None
