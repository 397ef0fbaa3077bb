"""What happened to a file or a share, put together from the audit log. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from portal.domain.audit.record import Action, AuditRecord, Outcome, newest_first
from portal.domain.files.file import File
from portal.domain.paging import Page
from portal.domain.shares.share import Share
from portal.engine.services import Services

HISTORY_ROWS = 50
HISTORY_SHARES = 5  # of a file's shares, how many tell what happened there; one call each
SHARE_ROWS = 500  # read at a time


def file_history(file: File, shares: list[Share], services: Services) -> Page[AuditRecord]:
    """What happened to a file by itself and in its newest shares: given, fetched, withdrawn; nothing of other
    files.
    """
    things = [file.id, *(each.id for each in shares[:HISTORY_SHARES])]
    history = merge_pages([services.audit.list_about(each, None, HISTORY_ROWS) for each in things])
    whole = {Action.SHARED, Action.SHARE_WITHDRAWN, Action.RECIPIENT_WITHDRAWN, Action.ADDRESS_CORRECTED}
    return replace(
        history,
        items=tuple(
            each for each in history.items
            if each.about == file.id or each.action in whole or each.details.get("file") == file.id
        ),
    )  # fmt: skip


def merge_pages(pages: list[Page[AuditRecord]]) -> Page[AuditRecord]:
    """The first pages of several lists as one list, newest first, as far down as all of them are known: a
    list that goes on beyond its page would leave holes between the others' older records (R71).
    """
    cut = [each for each in pages if each.next]
    known_from = max((each.items[-1].at for each in cut if each.items), default=None)
    records = [each for page in pages for each in page.items if known_from is None or each.at >= known_from]
    records = newest_first(records)
    return Page(tuple(records), cut[0].next if cut else None)


def list_changes_since(share: Share, version: int, services: Services) -> list[AuditRecord]:
    """What was changed in a share after it was seen in that version, oldest first."""
    changes = (each for each in iterate_about(share.id, services)
               if each.action is Action.SHARE_CHANGED and each.outcome is Outcome.DONE)  # fmt: skip
    later = list(takewhile(lambda each: int(each.details["version"]) > version, changes))
    return later[::-1]


def iterate_about(thing: str, services: Services) -> Iterator[AuditRecord]:
    """Newest first, page by page to the first record, for whoever stops reading where they know enough."""
    cursor = None
    while True:
        page = services.audit.list_about(thing, cursor, SHARE_ROWS)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return
