"""Counters of usage in the table: what changes add is what is read, however it is split."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.tables.usage_table import UsageTable, changes_as_writes
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.usage.figures import DayUsage, Figure, Kind, Subject, SubjectUsage, place_of
from portal.domain.usage.folding import fold
from tests.actions import (
    download_file,
    link_token,
    make_person,
    preview_file,
    record_delivery,
    share_files,
    upload_file,
)  # fmt: skip
from tests.builders import Running

DAY = date(2026, 2, 3)
AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
COUNTS = {Figure.BYTES_DELIVERED: 6, Figure.SIGN_INS: 4}


def make_records() -> list[AuditRecord]:
    """Of three files, the last with most bytes; of four people, one of them twice."""
    ben = Actor("recipient", "ben")
    sent = [
        AuditRecord(AT, Action.BYTES_SENT, ben, "share", details={
            "owner": "ana", "to": "ben@example.com", "file": f"file-{size}", "name": f"{size}.pdf",
            "bytes": str(size),
        }) for size in (1, 2, 3)
    ]  # fmt: skip
    people = [Actor("person", each) for each in ("ana", "ada", "clara", "ana")]
    return [*sent, *(AuditRecord(AT, Action.SIGNED_IN, each, each.id) for each in people)]


def add(running: Running, records: list[AuditRecord]) -> UsageTable:
    table = Table(clients(running.config.region), running.config.table, running.clock)
    table.transact(changes_as_writes(fold(records)))
    return UsageTable(table)


def test_what_is_added_in_pieces_is_read_as_one(portal: Running) -> None:
    records = make_records()
    add(portal, records[:2])
    usage = add(portal, records[2:])
    active = frozenset(map(place_of, ("ana", "ada", "clara")))
    many = [DAY + timedelta(days=each) for each in range(-150, 50)]
    assert usage.read(many).days == {DAY: DayUsage(COUNTS, active)}


def test_the_top_of_a_day_is_by_bytes(portal: Running) -> None:
    usage = add(portal, make_records())
    top = [(subject.id, each.name, each.counts) for subject, each in usage.list_top(DAY, Kind.FILE, 2)]
    assert top == [
        ("file-3", "3.pdf", {Figure.BYTES_DELIVERED: 3}), ("file-2", "2.pdf", {Figure.BYTES_DELIVERED: 2}),
    ]  # fmt: skip
    (domain,) = usage.list_top(DAY, Kind.DOMAIN, 2)
    assert (domain[0].id, domain[1].counts) == ("example.com", {Figure.BYTES_DELIVERED: 6})
    assert not usage.list_top(DAY + timedelta(days=1), Kind.FILE, 2)


def test_what_people_do_says_in_its_records_what_is_counted(portal: Running) -> None:
    ana = make_person()
    file = upload_file(portal, ana, body=b"twelve bytes")
    made = share_files(portal, ana, [file], recipients_text="ben@example.com clara@example.net")
    download_file(portal, link_token(portal, made), file)
    preview_file(portal, link_token(portal, made), file)
    record_delivery(portal, made, file)
    changes = fold(portal.portal.services.audit.list_newest(portal.clock(), None, 50).items)
    traffic = {
        Figure.DOWNLOADS: 1, Figure.PREVIEWS: 1, Figure.BYTES_DELIVERED: 12, Figure.COMPLETE: 1,
    }  # fmt: skip
    ((day, usage),) = changes.days.items()
    stored = {Figure.UPLOADS: 1, Figure.BYTES_UPLOADED: 12, Figure.SHARES: 1}
    assert usage.counts == {
        **traffic,
        **stored,
        Figure.RECIPIENTS: 2,
        Figure.MAILS_SENT: usage.counts[Figure.MAILS_SENT],
    }
    assert changes.subjects == {
        Subject(day, Kind.PERSON, ana.id): SubjectUsage({**traffic, **stored, Figure.RECIPIENTS: 2}),
        Subject(day, Kind.DOMAIN, "example.com"): SubjectUsage(traffic),
        Subject(day, Kind.FILE, file.id): SubjectUsage(traffic, file.name),
        Subject(day, Kind.SHARE, made.about): SubjectUsage({**traffic, Figure.MAILS_SENT: 2}),
    }
