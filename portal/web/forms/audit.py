"""The search form of the audit log, read from an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.domain.audit.record import Action, Outcome
from portal.domain.audit.search import AuditSearch
from portal.domain.errors import N_, Invalid
from portal.domain.mail.email_message import plain_line

MAX_CHARACTERS = 200
FIELDS = ("person", "thing", "address", "action", "outcome", "ip", "from", "to")


@dataclass(frozen=True)
class AuditFields:
    """What was typed and chosen, as it was; `search` understands it."""

    values: dict[str, str]

    @property
    def person(self) -> str:
        return self.values.get("person", "")

    def search(self) -> AuditSearch:
        """All but the person, who may have to be found by name. Raises Invalid."""
        of = self.values.get
        action, outcome = of("action", ""), of("outcome", "")
        if (action and action not in set(Action)) or (outcome and outcome not in set(Outcome)):
            raise Invalid(N_("There is no such kind of record."))
        return AuditSearch(
            thing=of("thing", ""),
            address=of("address", ""),
            action=Action(action) if action else None,
            outcome=Outcome(outcome) if outcome else None,
            source_ip=of("ip", ""),
            first_day=read_day(of("from", "")),
            last_day=read_day(of("to", "")),
        )


def read_fields(given: Mapping[str, str]) -> AuditFields:
    """Of a query or a form; what is empty is left out."""
    values = {name: plain_line(given.get(name, "")).strip()[:MAX_CHARACTERS] for name in FIELDS}
    return AuditFields({name: value for name, value in values.items() if value})


def read_day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Invalid(N_("Write days as year-month-day, such as 2026-11-29.")) from problem
