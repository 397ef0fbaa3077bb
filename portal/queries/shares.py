"""Shares for their owner's pages, and for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.domain.audit.record import Action, AuditRecord, Outcome
from portal.domain.errors import NotFound
from portal.domain.files.file import File
from portal.domain.links.availability import Offer, offer
from portal.domain.links.scanners import Openings
from portal.domain.paging import Page
from portal.domain.people.permissions import Permission, may, require
from portal.domain.people.person import Person
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services
from portal.queries.rows import PAGE_ROWS
from portal.workflows.mail.mail_jobs import make_link

SHARE_ROWS = 500  # a share's newest records, for all its recipients together
GIVEN = {Action.SHARED, Action.RECIPIENTS_ADDED, Action.ADDRESS_CORRECTED}
WHOLE = {*GIVEN, Action.SHARE_CHANGED, Action.SHARE_WITHDRAWN}


def list_shares(person: Person, services: Services, cursor: str | None = None) -> Page[Offer]:
    """One's shares, the newest first, each with what it still gives out."""
    page = services.shares.list_page(person.id, cursor, PAGE_ROWS)
    return Page(tuple(list_offers(page.items, services)), page.next)


def list_offers(shares: Sequence[Share], services: Services, known: Sequence[File] = ()) -> list[Offer]:
    """What shares still give out, to anyone. known: files that were read just now."""
    found, now = services.files.get_of_shares(shares, known), services.clock()
    return [offer(each, None, found, now) for each in shares]


@dataclass(frozen=True)
class RecipientView:
    """A recipient with what happened to them, newest first, and the link to copy.

    opened_at: when the link was first opened by someone; by_scanner: an email scanner opened it, probably;
    spent: all their downloads of what is left are used.
    """

    recipient: Recipient
    link: str
    opened_at: datetime | None = None
    by_scanner: bool = False
    spent: bool = False
    history: list[AuditRecord] = field(default_factory=list)


@dataclass(frozen=True)
class ShareView:
    """offer: what it still gives out, to anyone. coming: how many recipients are still to be made."""

    share: Share
    offer: Offer
    recipients: list[RecipientView]
    history: Page[AuditRecord]
    coming: int = 0


def get_share(person: Person, share_id: str, services: Services) -> ShareView:
    """A share of one's own (or anyone's, for an administrator), with its recipients and its history."""
    found = services.shares.get_with_recipients(share_id)
    if found is None:
        raise NotFound()
    require(person, Permission.SEE, found[0].owner_id)
    history = services.audit.list_about(share_id, None, SHARE_ROWS)
    mine = may(person, Permission.OWN, found[0].owner_id)
    files, now = services.files.get_of_shares([found[0]]), services.clock()
    offered, *each_offered = (offer(found[0], each, files, now) for each in (None, *found[1]))
    views = [view_recipient(each, history, services, with_link=mine) for each in each_offered]
    return ShareView(found[0], offered, views, history, count_coming(found[0], services))


def count_coming(share: Share, services: Services) -> int:
    left = None if share.has_copies else services.spreads.get(share.id)
    return left.count - left.done if left else 0


def get_own_share(person: Person, share_id: str, services: Services) -> Share:
    """The share itself, for those who may change it."""
    found = services.shares.get(share_id)
    if found is None:
        raise NotFound()
    require(person, Permission.CHANGE, found.owner_id)
    return found


def view_recipient(
    offered: Offer, history: Page[AuditRecord], services: Services, *, with_link: bool
) -> RecipientView:
    """The link is made for the owner's eyes only; an administrator's page cannot show it (I6, R41)."""
    recipient = offered.required_recipient
    about = [each for each in history.items if concerns(recipient, each)]
    openings = Openings.from_records(about)
    opened = [each for each in about if each.action is Action.LINK_OPENED]
    seen = [each.at for each in opened if not openings.is_by_scanner(each)]
    address = make_link(recipient, services) if with_link else ""
    return RecipientView(
        recipient, address, min(seen) if seen else None, len(seen) < len(opened), offered.is_spent, about
    )


def concerns(recipient: Recipient, record: AuditRecord) -> bool:
    """Whether a record is about this recipient: alone, or as one of those who were given the share."""
    if record.action in GIVEN:
        given = [*record.details.get("to", "").split(", "), record.details.get("wrong", "")]
        return record.outcome is Outcome.DONE and recipient.address in given
    return record.details.get("recipient") == recipient.id


def list_share_events(history: Page[AuditRecord]) -> list[AuditRecord]:
    """What was done with a share as a whole, newest first."""
    return [each for each in history.items if each.action in WHOLE and each.outcome is Outcome.DONE]
