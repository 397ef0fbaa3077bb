"""What someone has stored and shares."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.mail.notifications import NotificationKind
from portal.domain.paging import Page
from portal.domain.people.person import Person, Usage
from portal.domain.shares.share import Share
from portal.engine.services import Services


@dataclass(frozen=True)
class Account:
    usage: Usage
    shares: Page[Share]
    mails_off: frozenset[NotificationKind] = frozenset()


def get_account(person: Person, services: Services) -> Account:
    """What someone has stored and shares; the page says so before an account is deleted."""
    return Account(
        services.people.get_usage(person.id),
        services.shares.list_page(person.id, None, 1),
        services.people.get_mails_off(person.id),
    )
