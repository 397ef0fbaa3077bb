"""Emails as administrators see them: what the service refuses, who sends most, and whom none reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.domain.mail.account_problems import TroubleMet
from portal.domain.mail.suppression import SuppressedAddress
from portal.domain.paging import Page
from portal.domain.policy.limits import MailsToday
from portal.engine.services import Services

SENDERS, HELD_ROWS = 5, 10  # who sent most emails today, addresses held back


@dataclass(frozen=True)
class EmailsPage:
    troubles: list[TroubleMet]
    most_mails: list[MailsToday]
    held: Page[SuppressedAddress]


def get_emails(now: datetime, services: Services, held_cursor: str | None = None) -> EmailsPage:
    return EmailsPage(
        services.mail_troubles.current(now),
        services.mail_counts.list_most_today(now, SENDERS),
        services.suppression_list.list_newest(held_cursor, HELD_ROWS),
    )
