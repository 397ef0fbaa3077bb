"""The audit log as administrators and audit readers search it. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from portal.domain.audit.marks import read_from_address
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.search import AuditSearch, FoundRecords
from portal.domain.errors import NotFound
from portal.domain.ids import is_id
from portal.engine.services import Services
from portal.queries.admin.holdings import Owners, find_owners
from portal.queries.rows import PAGE_ROWS


@dataclass(frozen=True)
class FoundActivity:
    """search: with the person that was meant, where it is one."""

    search: AuditSearch
    people: Owners
    found: FoundRecords


def find_activity(
    search: AuditSearch, person: str, cursor: str | None, now: datetime, services: Services
) -> FoundActivity:
    """person: an id, of a person or a recipient, or how a person's name or address begins. Where that may be
    several, nothing is looked for yet.
    """
    if not person or is_id(person):
        people, search = Owners(asked=False), replace(search, person_id=person)
    else:
        people = find_owners(person, services)
        search = replace(search, person_id=people.one.id if people.one else "")
    if people.asked and people.one is None:
        return FoundActivity(search, people, FoundRecords(()))
    return FoundActivity(search, people, services.audit.search(search, now, cursor, PAGE_ROWS))


def get_record(address: str, services: Services) -> AuditRecord:
    """The record whose mark is written so in a web address. Raises NotFound."""
    mark = read_from_address(address)
    record = services.audit.get(mark) if mark else None
    if record is None:
        raise NotFound()
    return record
