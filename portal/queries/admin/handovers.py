"""What is handed over, and how far that has come."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.errors import NotFound
from portal.domain.people.handover import Handover
from portal.domain.people.person import Person, Usage
from portal.engine.services import Services


@dataclass(frozen=True)
class HandoverView:
    """Someone with what they have stored, and the latest handover of it, if there was one."""

    giver: Person
    usage: Usage
    latest: Handover | None


def get_handover(person_id: str, services: Services) -> HandoverView:
    giver = services.people.get(person_id)
    if giver is None:
        raise NotFound()
    return HandoverView(giver, services.people.get_usage(person_id), services.handovers.get(person_id))
