"""Guessing links: only what misses is counted, so that the right link costs nothing more (R45, R46)."""

from __future__ import annotations

from flask import request

from portal.domain.errors import NotFound, Refusal, TooMany
from portal.web.access import source
from portal.web.current import now, services
from portal.workflows.rates import within_if_known

LINKS = ("/d/", "/r/")


def counted(refusal: Refusal) -> Refusal:
    """The refusal itself; or, of a source that has missed too often, that it did. A link that is right opens
    all the same: from the same network somebody else may have one.
    """
    if not isinstance(refusal, NotFound) or not request.path.startswith(LINKS):
        return refusal
    try:
        within_if_known(services().limits.rates.guesses, source()["source_ip"], now(), services())
    except TooMany as often:
        return often
    return refusal
