"""Reading for pages: what a page shows, gathered with as few calls as it takes. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from portal.domain.audit import Action, AuditRecord, Outcome
from portal.domain.errors import NotFound
from portal.domain.files import File, FileState, ObjectVersion
from portal.domain.ids import is_id
from portal.domain.limits import MailsToday
from portal.domain.notices import NoticeKind
from portal.domain.paging import Page
from portal.domain.parts import Part
from portal.domain.people import Person, Totals, Usage
from portal.domain.recipient_groups import Group
from portal.domain.scanners import Openings
from portal.domain.shares import Recipient, RecipientState, Share
from portal.domain.suggestions import LEAST_CHARACTERS, KnownAddress, matching
from portal.domain.suppression import Held
from portal.workflows.mail import link
from portal.workflows.own_upload import OfUpload, my_upload
from portal.workflows.services import Services

PAGE_ROWS = 30
HISTORY_ROWS = 50
SHARE_ROWS = 500  # a share's newest records, for all its recipients together
HISTORY_SHARES = 5  # of a file's shares, how many tell what happened there; one call each
SENDERS, HELD_ROWS = 5, 10  # on the admin's page: who sent most mails today, addresses held back
SHOWN_ROWS = 100
KNOWN_ROWS = 1000  # addresses used last that suggestions are made from: below a query's megabyte (R62)
UNDER_WAY = 100
ORDERS = ("uploaded", "name", "size")


@dataclass(frozen=True)
class FileList:
    """One page of somebody's files, and how it is sorted or searched."""

    files: Page[File]
    order: str = "uploaded"
    descending: bool = True
    search: str = ""
    trash: bool = False


def files(
    person: Person, services: Services, *, order: str = "", descending: bool | None = None,
    search: str = "", trash: bool = False, cursor: str | None = None,
) -> FileList:  # fmt: skip
    """One's files, newest first unless asked otherwise; with search words, those that have them; or the
    trash.
    """
    order = order if order in ORDERS else "uploaded"
    falling = order != "name" if descending is None else descending
    if search.strip() and not trash:
        found = services.files.search(person.id, search.strip(), cursor, PAGE_ROWS)
        return FileList(found, search=search.strip())
    state = FileState.TRASHED if trash else FileState.READY
    page = services.files.page(person.id, state, order, falling, cursor, PAGE_ROWS)
    return FileList(page, order, falling, trash=trash)


@dataclass(frozen=True)
class FileView:
    """Everything about one file of one's own: itself, its versions, its shares, its history."""

    file: File
    versions: list[ObjectVersion]
    shares: list[Share]
    history: Page[AuditRecord]


def file(person: Person, file_id: str, services: Services) -> FileView:
    found = announced(person, file_id, services)
    kept = found.state in {FileState.READY, FileState.TRASHED}
    shares = services.shares.several(sorted(found.shares, reverse=True)[:50])
    own = services.audit.about(found.id, None, HISTORY_ROWS)
    records = [*own.items, *shared_history(found, shares, services)]
    records.sort(key=lambda each: each.at, reverse=True)
    return FileView(
        found,
        services.objects.versions(found.key) if kept else [],
        shares,
        Page(tuple(records), own.next),
    )


def shared_history(file: File, shares: list[Share], services: Services) -> list[AuditRecord]:
    """What happened to a file in its newest shares: given, fetched, withdrawn; nothing of other files."""
    records = [
        record
        for share in shares[:HISTORY_SHARES]
        for record in services.audit.about(share.id, None, HISTORY_ROWS).items
    ]
    whole = {Action.SHARED, Action.SHARE_WITHDRAWN, Action.RECIPIENT_WITHDRAWN}
    return [each for each in records if each.action in whole or each.details.get("file") == file.id]


def announced(person: Person, file_id: str, services: Services) -> File:
    """A file of one's own in whatever state: how an upload is going."""
    found = services.files.get(person.id, file_id) if is_id(file_id) else None
    if found is None:
        raise NotFound()
    return found


def upload(asked: OfUpload, services: Services) -> tuple[File, list[Part]]:
    """How an upload is going: itself, and the parts of it that S3 has."""
    found = my_upload(asked, services).mine
    is_sent = found.state is FileState.PENDING and found.upload_id
    return found, (services.parts.found(found) or []) if is_sent else []


def under_way(person: Person, services: Services) -> list[File]:
    """One's own uploads that were announced and have not arrived, newest first, from wherever they come."""
    return list(services.files.page(person.id, FileState.PENDING, "uploaded", True, None, UNDER_WAY).items)


def chosen_files(
    person: Person, file_ids: list[str], services: Services, state: FileState = FileState.READY
) -> list[File]:
    """Those of the named files that are one's own and in that state; ready ones are for a new share."""
    found = services.files.get_many(
        person.id, [each for each in dict.fromkeys(file_ids) if is_id(each)][:100]
    )
    return [each for each in found if each.state is state]


def shares(person: Person, services: Services, cursor: str | None = None) -> Page[Share]:
    return services.shares.page(person.id, cursor, PAGE_ROWS)


@dataclass(frozen=True)
class RecipientView:
    """A recipient with what happened to them, newest first, and the link to copy.

    opened_at: when the link was first opened by somebody; by_scanner: a mail scanner opened it, probably.
    """

    recipient: Recipient
    link: str
    opened_at: datetime | None = None
    by_scanner: bool = False
    history: list[AuditRecord] = field(default_factory=list)


@dataclass(frozen=True)
class ShareView:
    share: Share
    recipients: list[RecipientView]
    history: Page[AuditRecord]


def share(person: Person, share_id: str, services: Services) -> ShareView:
    """A share of one's own (or anybody's, for an administrator), with its recipients and its history."""
    found = services.shares.with_recipients(share_id) if is_id(share_id) else None
    if found is None or (found[0].owner_id != person.id and not person.is_admin):
        raise NotFound()
    history = services.audit.about(share_id, None, SHARE_ROWS)
    mine = found[0].owner_id == person.id
    views = [recipient_view(each, history, services, with_link=mine) for each in found[1]]
    return ShareView(found[0], views, history)


def own_share(person: Person, share_id: str, services: Services) -> Share:
    """The share itself, for those who may change it."""
    found = services.shares.get(share_id) if is_id(share_id) else None
    if found is None or (found.owner_id != person.id and not person.is_admin):
        raise NotFound()
    return found


def changes_since(share: Share, version: int, services: Services) -> list[AuditRecord]:
    """What was changed in a share after it was seen in that version, oldest first."""
    found = services.audit.about(share.id, None, HISTORY_ROWS).items
    later = [each for each in found if each.action is Action.SHARE_CHANGED
             and each.outcome is Outcome.DONE and int(each.details["version"]) > version]  # fmt: skip
    return later[::-1]


def recipient_view(
    recipient: Recipient, history: Page[AuditRecord], services: Services, *, with_link: bool
) -> RecipientView:
    """The link is made for the owner's eyes only; an administrator's page cannot show it (I6, R41)."""
    about = [each for each in history.items if concerns(recipient, each)]
    openings = Openings.of(about)
    opened = [each for each in about if each.action is Action.LINK_OPENED]
    seen = [each.at for each in opened if not openings.by_scanner(each)]
    address = link(recipient, services) if with_link else ""
    return RecipientView(recipient, address, min(seen) if seen else None, len(seen) < len(opened), about)


def concerns(recipient: Recipient, record: AuditRecord) -> bool:
    """Whether a record is about this recipient: alone, or as one of those who were given the share."""
    if record.action in GIVEN:
        return record.outcome is Outcome.DONE and recipient.address in record.details.get("to", "").split(
            ", "
        )
    return record.details.get("recipient") == recipient.id


GIVEN = {Action.SHARED, Action.RECIPIENTS_ADDED}


def of_the_whole(history: Page[AuditRecord]) -> list[AuditRecord]:
    """What was done with a share as a whole, newest first."""
    return [each for each in history.items if each.action in WHOLE and each.outcome is Outcome.DONE]


WHOLE = {*GIVEN, Action.SHARE_CHANGED, Action.SHARE_WITHDRAWN}


def groups(person: Person, services: Services) -> list[Group]:
    """One's own recipient groups, by name."""
    return services.groups.of(person.id)


def recipients_of(person: Person, share_id: str, services: Services) -> list[str]:
    """The addresses of one's own share that were not withdrawn: what to make a group of."""
    found = services.shares.with_recipients(share_id) if is_id(share_id) else None
    if found is None or found[0].owner_id != person.id:
        raise NotFound()
    return [each.address for each in found[1] if each.state is RecipientState.OPEN]


def group(person: Person, group_id: str, services: Services) -> Group:
    found = services.groups.get(person.id, group_id) if is_id(group_id) else None
    if found is None:
        raise NotFound()
    return found


def known_addresses(person: Person, services: Services) -> list[KnownAddress]:
    """Whom one shared with last, newest first."""
    return services.known.newest(person.id, SHOWN_ROWS)


def suggestions(person: Person, typed: str, services: Services) -> tuple[list[Group], list[KnownAddress]]:
    """Whom somebody may mean by what they typed: of their own groups and the people they shared with last."""
    if len(typed.strip()) < LEAST_CHARACTERS:
        return [], []
    known = services.known.newest(person.id, KNOWN_ROWS)
    return matching(typed, known, services.groups.of(person.id))


@dataclass(frozen=True)
class Account:
    usage: Usage
    shares: Page[Share]
    mails_off: frozenset[NoticeKind] = frozenset()


def account(person: Person, services: Services) -> Account:
    """What somebody has stored and shares; the page says so before an account is deleted."""
    return Account(
        services.people.usage(person.id),
        services.shares.page(person.id, None, 1),
        services.people.mails_off(person.id),
    )


@dataclass(frozen=True)
class Overview:
    totals: Totals
    newest: Page[AuditRecord]
    most_mails: list[MailsToday]
    held: Page[Held]


def overview(
    now: datetime, services: Services, cursor: str | None = None, held_cursor: str | None = None
) -> Overview:
    """The first page of the admin's dashboard."""
    return Overview(
        services.people.totals(),
        services.audit.newest(now, cursor, PAGE_ROWS),
        services.mail_counts.most_today(now, SENDERS),
        services.suppressed.newest(held_cursor, HELD_ROWS),
    )
