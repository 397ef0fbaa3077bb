"""The header `Upload-Key`: it stands in for the session and for the CSRF secret on the routes of one upload.

No other site can make a browser send it: a header of this name needs our consent first (CORS), which we give
to nobody, and the key itself is told to the page that announced the upload alone.

What ends it (R10): the upload's end, a day after it arrived; signing out everywhere, for uploads announced
before, since whoever presses that may fear that someone else began them; and what would keep its owner from
uploading by themselves: the account's end, a group or role that they lost, a second factor that is required
by now (`portal/engine/rights.py`). Nothing of one's own is lost by it: let in again, one goes on with the
upload. A session's own end, after 30 minutes or 12 hours, does not end it: that is what it is for.
"""

from __future__ import annotations

from flask import request

from portal.domain.ids import read_time
from portal.domain.people.permissions import Privilege
from portal.domain.people.principal import Principal
from portal.engine.rights import find_trusted
from portal.web.current import services

HEADER = "Upload-Key"
PLACES = {"uploads", "parts"}


def find_principal() -> Principal | None:
    """Whose upload the request's key opens; None where it has none that fits its route.

    Raises SignInNeeded and Forbidden where the key does not count any more, and Unavailable where nobody can
    say.
    """
    file_id = str((request.view_args or {}).get("file_id", ""))
    if request.blueprint not in PLACES or not file_id or HEADER not in request.headers:
        return None
    found = services().upload_keys.verify(request.headers[HEADER], file_id)
    if found is None:
        return None
    find_trusted(found, read_time(file_id), services(), Privilege.UPLOAD)
    return Principal.by_upload_key(found, read_time(file_id))
