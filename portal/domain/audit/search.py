"""What is looked for in the audit log, and what of it a record has to fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.domain.audit.marks import read_day
from portal.domain.audit.record import Action, AuditRecord, Outcome
from portal.domain.mail.suppression import hash_address


@dataclass(frozen=True)
class AuditSearch:
    """Empty fields ask for nothing. person_id: who acted, a person or a recipient; thing: a file's, a share's
    or a person's id; address: the one address a record concerns; days: the first and the last (UTC).
    """

    person_id: str = ""
    thing: str = ""
    address: str = ""
    action: Action | None = None
    outcome: Outcome | None = None
    source_ip: str = ""
    first_day: date | None = None
    last_day: date | None = None

    def fits(self, record: AuditRecord) -> bool:
        """Whether a record that lies in the log is one of those that are looked for."""
        wanted = (
            (self.person_id, record.actor.id),
            (self.thing, record.about),
            (self.address and hash_address(self.address), hash_concerned(record)),
            (self.action, record.action),
            (self.outcome, record.outcome),
            (self.source_ip, record.actor.source_ip),
        )
        day = read_day(record.mark)
        is_in_time = (self.first_day or day) <= day <= (self.last_day or day)
        return is_in_time and all(asked == found for asked, found in wanted if asked)


@dataclass(frozen=True)
class FoundRecords:
    """Newest first. next: the cursor, where there may be more; back_to: the day down to which was searched,
    where a page is short and the search has not come to its end.
    """

    records: tuple[AuditRecord, ...]
    next: str | None = None
    back_to: date | None = None


@dataclass(frozen=True)
class RecordsRead:
    """Newest first, all that fit down to a position in the log; None where there are no more."""

    records: tuple[AuditRecord, ...]
    position: str | None


def hash_concerned(record: AuditRecord) -> str:
    """Of the one address that a record concerns; empty where it names none, or several."""
    address = record.details.get("to", "")
    return hash_address(address) if address and ", " not in address else ""
