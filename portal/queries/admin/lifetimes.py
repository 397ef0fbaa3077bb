"""What the schedule does next with files and why, and what it did: each a list by time, never all files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.audit.record import PORTAL, Action
from portal.domain.audit.search import AuditSearch, FoundRecords
from portal.domain.files.file import File
from portal.domain.files.lifetimes import SweepStep, find_sweep_step
from portal.domain.paging import Page
from portal.engine.services import Services
from portal.queries.rows import EVERYONE_ROWS

AHEAD = timedelta(days=30)
# What it did, by the action that it is recorded as.
DONE = (Action.FILE_TRASHED, Action.FILE_PURGED, Action.UPLOAD_CANCELLED)


@dataclass(frozen=True)
class PlannedStep:
    """What is done with a file, and when the schedule looks at it."""

    file: File
    at: datetime
    step: SweepStep


def list_planned_steps(now: datetime, cursor: str | None, services: Services) -> Page[PlannedStep]:
    """What is overdue first, then what comes within the time ahead."""
    page = services.file_endings.list_upcoming(now + AHEAD, cursor, EVERYONE_ROWS)
    things = dict.fromkeys(id for each in page.items for id in (each.file.id, each.file.owner_id))
    held = services.file_endings.find_held(list(things))
    return Page(
        tuple(
            PlannedStep(
                each.file, each.at, find_sweep_step(each.file, each.at, held=is_among(each.file, held))
            )
            for each in page.items
        ),
        page.next,
    )


def is_among(file: File, held: frozenset[str]) -> bool:
    return not held.isdisjoint({file.id, file.owner_id})


def list_done_steps(action: Action, now: datetime, cursor: str | None, services: Services) -> FoundRecords:
    """What the schedule itself did of one kind, newest first; not what people did."""
    search = AuditSearch(person_id=PORTAL.id, action=action)
    return services.audit.search(search, now, cursor, EVERYONE_ROWS)
