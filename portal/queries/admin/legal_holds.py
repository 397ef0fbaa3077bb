"""Legal holds for administrators' pages."""

from __future__ import annotations

from collections.abc import Sequence

from portal.domain.paging import Page
from portal.domain.policy.legal_holds import LegalHold
from portal.engine.services import Services
from portal.queries.rows import EVERYONE_ROWS


def list_holds(services: Services, *, released: bool, cursor: str | None) -> Page[LegalHold]:
    return services.holds.list_page(released=released, cursor=cursor, limit=EVERYONE_ROWS)


def list_holds_on(thing_ids: Sequence[str], services: Services) -> list[LegalHold]:
    """The holds in force on a thing or on its owner, the newest first."""
    return sorted(services.holds.list_on(thing_ids), key=lambda each: each.set_at, reverse=True)
