"""Reading drafts of shares for their pages. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.domain.errors import NotFound
from portal.domain.files.file import File, FileState
from portal.domain.ids import derive_id, is_id
from portal.domain.people.person import Person
from portal.domain.shares.drafts import Draft
from portal.domain.shares.share import Share
from portal.engine.services import Services


@dataclass(frozen=True)
class DraftView:
    """A draft with those of its files that are still there."""

    draft: Draft
    files: list[File]


def drafts(person: Person, now: datetime, services: Services) -> list[DraftView]:
    """One's drafts, newest first, each with its first file that is there or under way, to know it by."""
    found = services.drafts.list_all(person.id, now)
    first = [each.file_ids[0] for each in found if each.file_ids]
    known = services.files.get_many(person.id, list(dict.fromkeys(first))[:100])
    files = {each.id: each for each in known if each.state in {FileState.READY, FileState.PENDING}}
    return [DraftView(each, [files[id_] for id_ in each.file_ids[:1] if id_ in files]) for each in found]


def get_draft(person: Person, draft_id: str, now: datetime, services: Services) -> Draft:
    found = services.drafts.get(person.id, draft_id, now)
    if found is None:
        raise NotFound()
    return found


def find_sent_share(person: Person, draft_id: str, services: Services) -> Share | None:
    """The share that a draft has become, if it has."""
    return services.shares.get(derive_id("share", person.id, draft_id)) if is_id(draft_id) else None
