"""The header `Upload-Key`: it stands in for the session and for the CSRF secret on the routes of one upload.

No other site can make a browser send it: a header of this name needs our consent first (CORS), which we give
to nobody, and the key itself is told to the page that announced the upload alone.

What ends it (R10): the upload's end, a day after it arrived; the account's; and signing out everywhere, for
uploads announced before, since whoever presses that may fear that somebody else began them. Nothing of one's
own is lost by it: signed in again, the upload goes on in the session. A session's own end, after 30 minutes
or 12 hours, does not end it: that is what it is for. Nor does leaving a group end it, which only the provider
knows: the key gives nothing to read, and no more to write than what was announced while one was in it.
"""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_wtf.csrf import CSRFProtect

from portal.domain.audit import Actor
from portal.domain.errors import SignInNeeded
from portal.domain.ids import made_at
from portal.web.current import now, services

HEADER = "Upload-Key"
PLACES = {"uploads", "parts"}


class Protection(CSRFProtect):
    """Flask-WTF's protection, but for requests that carry a key instead of a browser's session."""

    def protect(self, **how: Any) -> None:
        if g.get("upload_owner") is None:
            super().protect(**how)


def owner() -> str | None:
    """Whose upload the request's key opens; None where it has none that fits its route.

    Raises SignInNeeded where the key does not count any more.
    """
    file_id = str((request.view_args or {}).get("file_id", ""))
    if request.blueprint not in PLACES or not file_id or HEADER not in request.headers:
        return None
    found = services().upload_keys.opens(request.headers[HEADER], file_id)
    if found is not None and not services().people.still_trusts(found, made_at(file_id)):
        raise SignInNeeded
    return found


def context_fields(owner_id: str, source: dict[str, str], request_id: str) -> dict[str, Any]:
    """What a workflow's Context wants of a request by key; the workflow finds the owner's name itself."""
    actor = Actor("person", owner_id, **source)
    return {"now": now(), "actor": actor, "request_id": request_id, "owner_id": owner_id, "by_key": True}
