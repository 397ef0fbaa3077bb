"""The first page of the administrators' dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.domain.audit.record import AuditRecord
from portal.domain.mail.account_problems import TroubleMet
from portal.domain.mail.suppression import SuppressedAddress
from portal.domain.paging import Page
from portal.domain.people.person import Totals
from portal.domain.policy.limits import MailsToday
from portal.engine.services import Services
from portal.queries.rows import PAGE_ROWS

SENDERS, HELD_ROWS = 5, 10  # on the admin's page: who sent most emails today, addresses held back


@dataclass(frozen=True)
class Overview:
    totals: Totals
    newest: Page[AuditRecord]
    most_mails: list[MailsToday]
    held: Page[SuppressedAddress]
    troubles: list[TroubleMet]


def get_overview(
    now: datetime, services: Services, cursor: str | None = None, held_cursor: str | None = None
) -> Overview:
    """The first page of the admin's dashboard."""
    return Overview(
        services.people.get_totals(),
        services.audit.list_newest(now, cursor, PAGE_ROWS),
        services.mail_counts.list_most_today(now, SENDERS),
        services.suppression_list.list_newest(held_cursor, HELD_ROWS),
        services.mail_troubles.current(now),
    )
