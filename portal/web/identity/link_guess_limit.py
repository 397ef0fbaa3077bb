"""Guessing links: only what misses is counted, so that the right link costs nothing more (R45, R46)."""

from __future__ import annotations

from portal.domain.errors import NotFound, Refusal, TooMany
from portal.engine.rates import count_within_if_known
from portal.web.current import now, services
from portal.web.edge.audience import Audience, request_audience
from portal.web.identity.access import request_source


def count_guess(refusal: Refusal) -> Refusal:
    """The refusal itself; or, of a source that has missed too often, that it did. A link that is right opens
    all the same: from the same network someone else may have one.
    """
    if not isinstance(refusal, NotFound) or request_audience() is not Audience.PARTNER:
        return refusal
    try:
        count_within_if_known(
            services().limits.rates.guesses, request_source()["source_ip"], now(), services()
        )
    except TooMany as often:
        return often
    return refusal
