"""Writing what is kept about somebody into a ZIP archive for them (writing.py says how), and telling them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.ids import derive_id
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.people.data_exports import README, DataExport, Section, write_lines
from portal.domain.people.person import Person
from portal.domain.people.zip_writing import ZipEntry, add_piece, begin_entry, end_entry, write_directory
from portal.engine.budgets import MIN_REMAINING_SECONDS, SecondsLeft, iterate_in_time
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.upkeep.writing import Writing, claim

SECTIONS = tuple(Section)


def write_data_exports(services: Services, seconds_left: SecondsLeft) -> None:
    for export in iterate_in_time(services.data_exports.list_due(services.clock()), seconds_left):
        with isolate_failures("data export"):
            write_data_export(export, services, seconds_left)


def write_data_export(export: DataExport, services: Services, seconds_left: SecondsLeft) -> None:
    """Of someone who has gone in the meantime nothing is written."""
    person = services.people.get(export.owner_id)
    if person is None:
        services.data_exports.forget(export)
        return
    writing = claim(export, services.data_exports, make_heading, services)
    if writing is None:
        return
    archive = Archive(writing)
    while writing.export.section < len(SECTIONS):
        if seconds_left() < MIN_REMAINING_SECONDS:
            writing.put_off(writing.export)
            return
        archive.add_page(person, services)
        if writing.has_part and not writing.send_part():
            writing.begin_again()
            return
    archive.end()
    if done := writing.finish():
        tell(done, person, services)
        writing.keep(done)
    else:
        writing.begin_again()


def make_heading(export: DataExport) -> bytes | None:
    """None for one that is under way."""
    return None if export.written else b""


@dataclass
class Archive:
    """The archive that is being written; what it knows of itself is the export's."""

    writing: Writing[DataExport]

    def add_page(self, person: Person, services: Services) -> None:
        """The next rows of the section that is being written."""
        export = self.writing.export
        if not export.entries:
            self.begin("README.txt")
            self.add(README.encode())
            self.end_entry()
        section = SECTIONS[export.section]
        if not export.cursor:
            self.begin(f"{section}.jsonl")
        rows, cursor = services.personal_data.read(section, person, export.cursor)
        self.add(write_lines(rows))
        if not cursor:
            self.end_entry()
        place = export.section + (not cursor)
        self.writing.export = replace(self.writing.export, section=place, cursor=cursor)

    def begin(self, name: str) -> None:
        export = self.writing.export
        entry = ZipEntry(name, export.written)
        self.append(begin_entry(entry, export.made_at), (*export.entries, entry))

    def add(self, data: bytes) -> None:
        *before, entry = self.writing.export.entries
        entry, packed = add_piece(entry, data)
        self.append(packed, (*before, entry))

    def end_entry(self) -> None:
        *before, entry = self.writing.export.entries
        entry, packed = end_entry(entry)
        self.append(packed, (*before, entry))

    def end(self) -> None:
        export = self.writing.export
        self.append(write_directory(export.entries, export.written, export.made_at), export.entries)

    def append(self, data: bytes, entries: tuple[ZipEntry, ...]) -> None:
        self.writing.unsent += data
        written = self.writing.export.written + len(data)
        self.writing.export = replace(self.writing.export, entries=entries, written=written)


def tell(export: DataExport, person: Person, services: Services) -> None:
    """By an email that leads to the page with the link, which opens for its owner alone."""
    now = services.clock()
    if not person.address or not person.address_verified:
        return
    services.outbox.queue(Notification(
        id=derive_id(NotificationKind.DATA_READY, export.id), kind=NotificationKind.DATA_READY,
        to=person.address, share_id="", person_id=person.id, created_at=now,
        mail=MailJob(due_at=now, changed_at=now),
    ))  # fmt: skip
