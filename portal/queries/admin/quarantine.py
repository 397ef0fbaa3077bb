"""What the malware scan keeps closed, for administrators: what it is, whose, and who had it before."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.domain.errors import NotFound
from portal.domain.files.file import File
from portal.domain.files.scans import ScanCase
from portal.domain.paging import Page
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services
from portal.queries.rows import PAGE_ROWS

SHARES, RECIPIENTS = 50, 100  # the newest shares of a file, and how many of their recipients are read


@dataclass(frozen=True)
class Quarantined:
    """One file. had_by: who downloaded it; shares: the newest; is_partial: whether there may be more."""

    file: File
    case: ScanCase
    shares: list[Share] = field(default_factory=list)
    had_by: list[Recipient] = field(default_factory=list)
    is_partial: bool = False


def list_quarantine(services: Services, cursor: str | None) -> Page[Quarantined]:
    """Newest first. What is closed no more by now, or on its way out, is left out."""
    page = services.scans.list_quarantine(cursor, PAGE_ROWS)
    kept = [Quarantined(*pair) for pair in page.items if pair[0].is_quarantined]
    return Page(tuple(kept), page.next)


def get_quarantined(file_id: str, services: Services) -> Quarantined:
    found = services.scans.get_with_case(file_id)
    if found is None or not found[0].is_quarantined:
        raise NotFound()
    ids = services.file_shares.list_page(file_id, None, SHARES)
    shares = services.shares.get_many(ids.items) if ids.items else []
    people = services.shares.get_recipients(shares, RECIPIENTS)
    had_by = [each for each in people if each.downloads.get(file_id)]
    count = sum(len(each.addresses) for each in shares)
    return Quarantined(*found, shares, had_by, bool(ids.next) or count > RECIPIENTS)
