"""`/shares/<id>`: how far its people have come, a page of them at a time. Changes nothing.

Who has come how far is known of everyone from what was read with the session; of those on the page their own
items are read, with the files, in one call. Only what happened to one of them asks the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.domain.audit.record import AuditRecord
from portal.domain.errors import NotFound
from portal.domain.links.availability import Offer, offer
from portal.domain.mail.mail_job import MailState
from portal.domain.paging import Page
from portal.domain.people.permissions import Permission, may, require
from portal.domain.people.person import Person
from portal.domain.shares.following import (
    NEVER,
    ROWS,
    Followed,
    Order,
    Reached,
    Seen,
    Summary,
    arrange,
    count_got,
    cut_page,
    list_followed,
    look_closer,
)
from portal.domain.shares.share import Recipient, RecipientState, Share
from portal.engine.services import Services
from portal.queries.shares import SHARE_ROWS, RecipientView, count_coming, view_recipient
from portal.workflows.mail.mail_jobs import make_link

MOST_READ = 4  # pages of a share's records, for what happened to one person


@dataclass(frozen=True)
class Asked:
    """Which people a page is to show. after: those behind the one of this id; person: whose history too."""

    only: Reached | None = None
    order: Order = Order.ADDRESS
    after: str = ""
    person: str = ""
    history: bool = False


@dataclass(frozen=True)
class Row:
    """One person on the page. link: to copy, where their sender passes it on; closer: with what happened to
    them, where that is shown.
    """

    followed: Followed
    recipient: Recipient
    link: str = ""
    closer: RecipientView | None = None

    @property
    def got(self) -> int:
        return count_got(self.recipient)


@dataclass(frozen=True)
class FollowedShare:
    """offer: what it still gives out, to anyone; next: whom to go on behind; history: where it was
    read; asking: what is offered to those whose request waits, whoever is shown, who waits longest first;
    coming: how many recipients are still to be made.
    """

    share: Share
    offer: Offer
    summary: Summary
    rows: list[Row]
    next: str
    history: Page[AuditRecord] | None
    asking: list[Offer]
    coming: int = 0


def get_followed_share(person: Person, share_id: str, asked: Asked, services: Services) -> FollowedShare:
    """A share of one's own (or anyone's, for an administrator), with a page of its people."""
    found = services.following.get(share_id)
    if found is None:
        raise NotFound()
    share, seen = found
    require(person, Permission.SEE, share.owner_id)
    people, recipients = look_at_people(share, seen, asked, services)
    page, next_after = cut_page(arrange(people, asked.only, asked.order), asked.after)
    wanted = [id for id in [*(each.id for each in page), *sorted(share.askers)] if id not in recipients]
    read = services.following.get_recipients(share, wanted) if wanted else []
    recipients |= {each.id: each for each in read}
    closer = asked.person or (people[0].id if len(people) == 1 else "")
    files = services.files.get_of_shares([share])
    history = read_history(share, services, whole=len(people) > ROWS) if closer or asked.history else None
    mine = may(person, Permission.OWN, share.owner_id)
    rows = []
    for each in page:
        if recipient := recipients.get(each.id):
            offered = offer(share, recipient, files, services.clock())
            shown = history if each.id == closer else None
            rows.append(make_row(look_closer(share, each, recipient), offered, shown, services, mine=mine))
    everyone = offer(share, None, files, services.clock())
    asking = [offer(share, each, files, services.clock()) for each in list_asking(recipients.values())]
    coming = count_coming(share, services)
    return FollowedShare(
        share, everyone, Summary.from_people(people), rows, next_after, history, asking, coming
    )


def list_asking(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Of these, whose request waits for an answer, the oldest request first."""
    asking = [each for each in recipients if each.asks and each.state is RecipientState.OPEN]
    return sorted(asking, key=lambda each: each.asking.at if each.asking else NEVER)


def look_at_people(
    share: Share, seen: Seen, asked: Asked, services: Services
) -> tuple[list[Followed], dict[str, Recipient]]:
    """Everyone, and the items of whom were read: all where they are one page, who are then told exactly."""
    people = list_followed(share, seen)
    if len(people) > ROWS:
        return people, {}
    known = {each.id: each for each in services.following.get_recipients(share, [each.id for each in people])}
    looked = [look_closer(share, each, known[each.id]) for each in people if each.id in known]
    if asked.order is Order.ADDRESS:  # first those whose link their sender passes on: it waits to be copied
        looked.sort(key=lambda each: known[each.id].mail.state is not MailState.BY_HAND)
    return looked, known


def make_row(
    followed: Followed, offered: Offer, history: Page[AuditRecord] | None, services: Services, *, mine: bool
) -> Row:
    """A link is made for the owner's eyes only; an administrator's page cannot show it (I6, R41)."""
    recipient = offered.required_recipient
    by_hand = mine and recipient.mail.state is MailState.BY_HAND
    return Row(
        followed, recipient, make_link(recipient, services) if by_hand else "",
        view_recipient(offered, history, services, with_link=mine) if history else None,
    )  # fmt: skip


def read_history(share: Share, services: Services, *, whole: bool) -> Page[AuditRecord]:
    """The newest records of a share; whole: several pages of them, for one person among many."""
    page = services.audit.list_about(share.id, None, SHARE_ROWS)
    records: Sequence[AuditRecord] = page.items
    for _ in range(MOST_READ - 1 if whole else 0):
        if not page.next:
            break
        page = services.audit.list_about(share.id, page.next, SHARE_ROWS)
        records = [*records, *page.items]
    return Page(tuple(records), page.next)
