"""What the organisation allows people to send: how many emails a day, and what they are told before (R57)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from portal.domain.contacts.mailboxes import domain_of
from portal.domain.errors import N_, MailsUsedUp
from portal.domain.people.person import Person
from portal.engine.services import Services

T = TypeVar("T")


class Before(NamedTuple):
    """What a sender is told before sharing, and what stops nothing. new_domains: never shared with; held:
    addresses that no email goes to; left: how many emails they have today, where these are more.
    """

    new_domains: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    left: int | None = None


def read_before_sharing(person: Person, asked: Sequence[str], now: datetime, services: Services) -> Before:
    known = services.known.get_domains(person.id) | {domain_of(person.address)}
    left = max(0, services.limits.max_mails_a_day - services.mail_counts.count_today(person.id, now))
    return Before(
        tuple(sorted({domain_of(each) for each in asked} - known)),
        tuple(each.address for each in services.suppression_list.get_among(asked)),
        left if left < len(asked) else None,
    )


def send_within_quota(
    person_id: str, count: int, now: datetime, services: Services, do: Callable[[], T]
) -> T:
    """Do what counts so many emails; where that would be too many, say how many are left and until when."""
    try:
        return do()
    except MailsUsedUp as used_up:
        raise say_mails_used_up(person_id, count, now, services) from used_up


def say_mails_used_up(person_id: str, count: int, now: datetime, services: Services) -> MailsUsedUp:
    most, wait = services.limits.max_mails_a_day, seconds_until_tomorrow(now)
    left = max(0, most - services.mail_counts.count_today(person_id, now))
    return MailsUsedUp(
        N_("This would send %(count)s emails. You can send %(most)s in one day, and %(left)s are left "
            "today. The count resets at midnight UTC, in %(hours)s hours at the latest."),
        field="recipients", retry_after_seconds=wait,
        params={"count": count, "most": most, "left": left, "hours": -(-wait // 3600)},
    )  # fmt: skip


def seconds_until_tomorrow(now: datetime) -> int:
    """Seconds to the next day in UTC, by which emails and resends are counted."""
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return int((midnight - now).total_seconds()) + 1
