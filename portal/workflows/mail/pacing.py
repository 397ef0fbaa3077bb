"""Emails that are due, no faster than the mail service lets the account send."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.notifications import MailPlace
from portal.domain.mail.sending_pace import SendingPace
from portal.engine.services import Services
from portal.workflows.mail.mail_jobs import send_due


def send_due_at_pace(services: Services, seconds_left: Callable[[], float]) -> int:
    """What is due, as far as the time and the service's day go; returns how many were sent. Where the service
    does not say how fast that may be, its own refusals say it.
    """
    quota = services.mailer.read_quota()
    if quota is None:
        return send_due(services, seconds_left)
    pace = SendingPace(quota, services.clock)
    return send_due(services, seconds_left, pace=lambda places: keep_pace(places, pace, services))


def keep_pace(places: Iterable[MailPlace], pace: SendingPace, services: Services) -> Iterator[MailPlace]:
    """These, each when it may go. What the day has no room for stays due, and administrators are told."""
    for place in places:
        if pace.is_used_up:
            services.mail_troubles.note(MailTrouble.DAILY_QUOTA, services.clock())
            return
        pace.wait()
        yield place
