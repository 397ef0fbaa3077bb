"""How far the people of a share have come, as its sender follows them: known of all of them from what is kept
with the share, without reading any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from portal.domain.shares.share import Recipient, RecipientState, Share, derive_recipient_id

ROWS = 50  # people on a page
NEVER = datetime.min.replace(tzinfo=UTC)
# An opening so soon after the email was accepted was a scanner's, as `links/scanners.py` says.
AT_ONCE = timedelta(seconds=20)


class Reached(StrEnum):
    COMPLETE = "complete"  # they have downloaded every file
    OPENED = "opened"  # the link was opened, and not all of it fetched
    NOT_YET = "not_yet"
    WITHDRAWN = "withdrawn"


class Order(StrEnum):
    ADDRESS = "address"
    SEEN = "seen"  # who was there last comes first


@dataclass(frozen=True)
class Seen:
    """When links were opened first and last, by recipient's id."""

    first: Mapping[str, datetime] = field(default_factory=dict)
    last: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Followed:
    """One person of a share. seen_at: when they were there last."""

    id: str
    address: str
    reached: Reached
    opened_at: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Summary:
    """How many people of a share are how far. people: those whose link was not withdrawn."""

    people: int
    complete: int
    opened: int
    not_yet: int
    withdrawn: int

    @classmethod
    def from_people(cls, people: Iterable[Followed]) -> Summary:
        reached = [each.reached for each in people]
        counts = [reached.count(each) for each in Reached]
        return cls(sum(counts[:3]), *counts)

    @property
    def unfinished(self) -> int:
        return self.people - self.complete


def list_followed(share: Share, seen: Seen) -> list[Followed]:
    """Everyone of a share, by address."""
    found = [follow(share, seen, derive_recipient_id(share.id, each), each) for each in share.addresses]
    return sorted(found, key=lambda each: each.address.casefold())


def follow(share: Share, seen: Seen, id: str, address: str) -> Followed:
    first = seen.first.get(id)
    reached = (
        Reached.WITHDRAWN if id in share.gone
        else Reached.COMPLETE if id in share.complete
        else Reached.OPENED if first
        else Reached.NOT_YET
    )  # fmt: skip
    return Followed(id, address, reached, first, seen.last.get(id))


def look_closer(share: Share, known: Followed, recipient: Recipient) -> Followed:
    """The same with what the recipient's own item knows: downloads, and whether an opening came so soon after
    the email that it was a scanner's.
    """
    sent_at = recipient.mail.changed_at if recipient.mail.message_id else None
    openings = [at for at in (known.opened_at, known.seen_at) if at and not is_at_once(at, sent_at)]
    times = [*openings, *filter(None, [recipient.last_download_at])]
    has_all = count_got(recipient) == share.file_count
    reached = (
        Reached.WITHDRAWN if recipient.state is RecipientState.WITHDRAWN
        else Reached.COMPLETE if has_all
        else Reached.OPENED if times
        else Reached.NOT_YET
    )  # fmt: skip
    return replace(
        known, reached=reached, opened_at=min(times, default=None), seen_at=max(times, default=None)
    )


def count_got(recipient: Recipient) -> int:
    """How many different files someone has."""
    return sum(times > 0 for times in recipient.downloads.values())


def is_at_once(at: datetime, sent_at: datetime | None) -> bool:
    return sent_at is not None and timedelta(0) <= at - sent_at.replace(microsecond=0) < AT_ONCE


def arrange(people: Sequence[Followed], only: Reached | None, order: Order) -> list[Followed]:
    """Those who are so far, in this order."""
    kept = [each for each in people if only in (None, each.reached)]
    if order is Order.SEEN:
        return sorted(kept, key=lambda each: each.seen_at or NEVER, reverse=True)
    return kept


def cut_page(people: Sequence[Followed], after: str) -> tuple[list[Followed], str]:
    """The people behind the one of this id, from the first where that is none of them; and the id to go on
    behind, empty at the end.
    """
    places = {each.id: place for place, each in enumerate(people, 1)}
    begin = places.get(after, 0)
    page = list(people[begin : begin + ROWS])
    return page, page[-1].id if begin + ROWS < len(people) else ""
