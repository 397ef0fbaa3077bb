"""Reading drafts of shares for their pages. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.domain.drafts import Draft
from portal.domain.errors import NotFound
from portal.domain.files import File
from portal.domain.ids import derived_id, is_id
from portal.domain.people import Person
from portal.domain.shares import Share
from portal.queries import chosen_files
from portal.workflows.services import Services


@dataclass(frozen=True)
class DraftView:
    """A draft with those of its files that are still there."""

    draft: Draft
    files: list[File]


def drafts(person: Person, now: datetime, services: Services) -> list[DraftView]:
    """One's drafts, newest first, each with its first file that is there: enough to know it by."""
    found = services.drafts.all(person.id, now)
    first = [each.file_ids[0] for each in found if each.file_ids]
    files = {each.id: each for each in chosen_files(person, first, services)}
    return [DraftView(each, [files[id_] for id_ in each.file_ids[:1] if id_ in files]) for each in found]


def draft(person: Person, draft_id: str, now: datetime, services: Services) -> Draft:
    found = services.drafts.get(person.id, draft_id, now) if is_id(draft_id) else None
    if found is None:
        raise NotFound()
    return found


def sent_from(person: Person, draft_id: str, services: Services) -> Share | None:
    """The share that a draft has become, if it has."""
    return services.shares.get(derived_id("share", person.id, draft_id)) if is_id(draft_id) else None
