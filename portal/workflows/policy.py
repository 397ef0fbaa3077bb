"""What the organisation allows people to send: how many mails a day, and what they are told before (R57)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from portal.domain.addresses import domain_of
from portal.domain.errors import MailsUsedUp, words
from portal.domain.people import Person
from portal.workflows.services import Services

T = TypeVar("T")


class Before(NamedTuple):
    """What a sender is told before sharing, and what stops nothing. new_domains: never shared with; held:
    addresses that no mail goes to; left: how many mails they have today, where these are more.
    """

    new_domains: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    left: int | None = None


def before_sharing(person: Person, asked: Sequence[str], now: datetime, services: Services) -> Before:
    known = services.known.domains(person.id) | {domain_of(person.address)}
    left = max(0, services.limits.max_mails_a_day - services.mail_counts.today(person.id, now))
    return Before(
        tuple(sorted({domain_of(each) for each in asked} - known)),
        tuple(each.address for each in services.suppressed.among(asked)),
        left if left < len(asked) else None,
    )


def within_quota(person_id: str, count: int, now: datetime, services: Services, do: Callable[[], T]) -> T:
    """Do what counts so many mails; where that would be too many, say how many are left and until when."""
    try:
        return do()
    except MailsUsedUp as used_up:
        raise mails_used_up(person_id, count, now, services) from used_up


def mails_used_up(person_id: str, count: int, now: datetime, services: Services) -> MailsUsedUp:
    most, wait = services.limits.max_mails_a_day, until_tomorrow(now)
    left = max(0, most - services.mail_counts.today(person_id, now))
    return MailsUsedUp(
        words("This would send %(count)s mails. Of the %(most)s that you can send on one day, %(left)s are"
              " left today. The count starts anew at midnight UTC, in %(hours)s hours at the latest."),
        field="recipients", retry_after_seconds=wait,
        values={"count": count, "most": most, "left": left, "hours": -(-wait // 3600)},
    )  # fmt: skip


def until_tomorrow(now: datetime) -> int:
    """Seconds to the next day in UTC, by which mails and resends are counted."""
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return int((midnight - now).total_seconds()) + 1
