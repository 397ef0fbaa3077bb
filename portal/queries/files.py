"""Files for pages: their list, and everything about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.audit.record import AuditRecord
from portal.domain.errors import NotFound
from portal.domain.files.file import File, FileState, ObjectVersion
from portal.domain.files.lifetimes import find_ending
from portal.domain.files.scans import ScanClosed
from portal.domain.links.availability import Offer
from portal.domain.paging import Page
from portal.domain.people.person import Person
from portal.engine.services import Services
from portal.queries.histories import file_history
from portal.queries.rows import PAGE_ROWS
from portal.queries.shares import list_offers

OLDER_SHARES = 50
MAX_ASKED = 100  # of files and their owners in one read
ORDERS = ("uploaded", "name", "size")


@dataclass(frozen=True)
class FileList:
    """One page of someone's files, and how it is sorted or searched. held: the ids of those that end soon and
    do not, since they are on legal hold.
    """

    files: Page[File]
    order: str = "uploaded"
    descending: bool = True
    search: str = ""
    trash: bool = False
    held: frozenset[str] = frozenset()


def find_held(files: Sequence[File], services: Services) -> frozenset[str]:
    """Of these files those on legal hold, themselves or their owner. Asked only where an end is near."""
    now = services.clock()
    ending = [each for each in files if each.state is FileState.READY and find_ending(each.keep_until, now)]
    asked = dict.fromkeys(id for each in ending for id in (each.id, each.owner_id))
    found = services.file_endings.find_held(list(asked)[:MAX_ASKED]) if asked else frozenset()
    return frozenset(each.id for each in ending if not found.isdisjoint({each.id, each.owner_id}))


def list_files(
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
        return FileList(found, search=search.strip(), held=find_held(found.items, services))
    state = FileState.TRASHED if trash else FileState.READY
    page = services.files.page(person.id, state, order, falling, cursor, PAGE_ROWS)
    return FileList(page, order, falling, trash=trash, held=find_held(page.items, services))


@dataclass(frozen=True)
class FileView:
    """Everything about one file of one's own: itself, its shares, its history. versions: what S3 has of it;
    None where nobody asked.
    """

    file: File
    versions: list[ObjectVersion] | None
    shares: Page[Offer]
    history: Page[AuditRecord]
    is_held: bool = False


def get_file(
    person: Person, file_id: str, services: Services, cursor: str | None = None, *, with_versions: bool
) -> FileView:
    """cursor: where the list of its shares goes on; the history is told of the newest ones alone."""
    found = get_upload_file(person, file_id, services)
    return view_file(found, services, cursor, with_versions=with_versions)


def view_file(found: File, services: Services, cursor: str | None, *, with_versions: bool) -> FileView:
    shares = list_file_shares(found, services, cursor)
    newest = [] if cursor else [each.share for each in shares.items]
    history = file_history(found, newest, services)
    is_held = bool(find_held([found], services))
    versions = services.objects.versions(found.key) if with_versions and found.is_kept else None
    return FileView(found, versions, shares, history, is_held)


def list_file_shares(file: File, services: Services, cursor: str | None) -> Page[Offer]:
    """One page of a file's shares, the newest first; after the last come those of before there was a list."""
    ids = services.file_shares.list_page(file.id, cursor, PAGE_ROWS)
    older = [] if ids.next else sorted(file.shares)[:OLDER_SHARES]
    found = services.shares.get_many(list(dict.fromkeys([*ids.items, *older])))
    return Page(tuple(list_offers(found, services, [file])), ids.next)


def get_upload_file(person: Person, file_id: str, services: Services) -> File:
    """A file of one's own in whatever state: how an upload is going."""
    found = services.files.get(person.id, file_id)
    if found is None:
        raise NotFound()
    return found


def get_chosen_files(
    person: Person, file_ids: list[str], services: Services, state: FileState = FileState.READY
) -> list[File]:
    """Those of the named files that are one's own and in that state; ready ones are for a new share."""
    found = services.files.get_many(person.id, list(dict.fromkeys(file_ids))[:100])
    return [
        each
        for each in found
        if each.state is state
        and not (state is FileState.READY and each.scan_closed in {ScanClosed.INFECTED, ScanClosed.UNSCANNED})
    ]
