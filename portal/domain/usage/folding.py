"""From audit records to figures: what each record adds to which counters, and to nothing else.

The log is the source, so that nothing is counted in the way of anybody's request, and what is counted can be
counted again. Each record must be folded once; whoever seals the log sees to that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date

from portal.domain.audit.record import Action, AuditRecord, Outcome
from portal.domain.contacts.mailboxes import domain_of
from portal.domain.usage.figures import (
    COUNTED_OF,
    DayUsage,
    Figure,
    Kind,
    Subject,
    SubjectUsage,
    UsageChanges,
    place_of,
)

# A day, a person, a domain, a file and a share: no record changes more counters.
MAX_WRITES_PER_RECORD = 5
MAX_DIGITS = 18  # what is longer is no size

Counts = Mapping[Figure, int]


def fold(records: Iterable[AuditRecord]) -> UsageChanges:
    """What these records add together."""
    tally = Tally()
    for record in records:
        tally.add(record)
    return tally.changes()


def fold_up_to(records: Iterable[AuditRecord], most_writes: int) -> tuple[UsageChanges, int]:
    """What the first of these records add, as many as fit into so many writes, and how many those are: all,
    or fewer, but at least one where `most_writes` is `MAX_WRITES_PER_RECORD` or more.
    """
    tally, taken = Tally(), 0
    for record in records:
        if not tally.has_room(record, most_writes):
            break
        tally.add(record)
        taken += 1
    return tally.changes(), taken


class Tally:
    """The sums so far."""

    def __init__(self) -> None:
        self.days: dict[date, Counter[Figure]] = {}
        self.active: dict[date, set[int]] = {}
        self.subjects: dict[Subject, Counter[Figure]] = {}
        self.names: dict[Subject, str] = {}

    def has_room(self, record: AuditRecord, most: int) -> bool:
        known = self.subjects.keys()
        new = sum(each not in known for each in count_by_subject(record))
        new += record.outcome is Outcome.DONE and day_of(record) not in self.days
        return len(self.days) + len(known) + new <= most

    def add(self, record: AuditRecord) -> None:
        if record.outcome is not Outcome.DONE:
            return
        day = day_of(record)
        self.days.setdefault(day, Counter()).update(count(record))
        if record.actor.kind == "person":
            self.active.setdefault(day, set()).add(place_of(record.actor.id))
        for subject, counts in count_by_subject(record).items():
            self.subjects.setdefault(subject, Counter()).update(counts)
            if subject.kind is Kind.FILE:
                self.names[subject] = record.details.get("name", "")

    def changes(self) -> UsageChanges:
        days = {day: DayUsage(dict(counts), self.active_on(day)) for day, counts in self.days.items()}
        subjects = {
            subject: SubjectUsage(dict(counts), self.names.get(subject, ""))
            for subject, counts in self.subjects.items()
        }
        return UsageChanges(
            {day: usage for day, usage in days.items() if any(usage.counts.values()) or usage.active},
            {subject: usage for subject, usage in subjects.items() if any(usage.counts.values())},
        )

    def active_on(self, day: date) -> frozenset[int]:
        return frozenset(self.active.get(day, ()))


def day_of(record: AuditRecord) -> date:
    return record.at.astimezone(UTC).date()


def count(record: AuditRecord) -> Counts:
    """What one record adds to its day."""
    counted = COUNTED.get(record.action)
    return counted(record) if counted and record.outcome is Outcome.DONE else {}


def count_by_subject(record: AuditRecord) -> dict[Subject, Counts]:
    """The same for the person, the domain and the file that it counts for."""
    counts, day = count(record), day_of(record)
    found: dict[Subject, Counts] = {}
    for kind, name in name_subjects(record).items():
        own = {figure: number for figure, number in counts.items() if figure in COUNTED_OF[kind] and number}
        if own and name:
            found[Subject(day, kind, name)] = own
    return found


def name_subjects(record: AuditRecord) -> dict[Kind, str]:
    """Who acted, or whose share a recipient acted on; that recipient's domain; the file; and the share."""
    details, is_recipient = record.details, record.actor.kind == "recipient"
    person = details.get("owner", "") if is_recipient else record.actor.id
    return {
        Kind.PERSON: person if is_recipient or record.actor.kind == "person" else "",
        Kind.DOMAIN: domain_of(details.get("to", "")).lower() if is_recipient else "",
        Kind.FILE: details.get("file", ""),
        Kind.SHARE: record.about if is_recipient or is_to_recipient(record) else "",
    }


def is_to_recipient(record: AuditRecord) -> bool:
    """Whether it is about an email to a recipient, which is filed under their share."""
    return record.action in {Action.MAIL_SENT, Action.MAIL_PROBABLY_SENT} and "recipient" in record.details


def read_number(record: AuditRecord, name: str, default: int = 0) -> int:
    """A whole number out of a record's details."""
    text = record.details.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else default


def count_upload(record: AuditRecord) -> Counts:
    return {Figure.UPLOADS: 1, Figure.BYTES_UPLOADED: read_number(record, "bytes")}


def count_share(record: AuditRecord) -> Counts:
    return {Figure.SHARES: 1, **count_recipients(record)}


def count_recipients(record: AuditRecord) -> Counts:
    return {Figure.RECIPIENTS: read_number(record, "recipients")}


def count_download(record: AuditRecord) -> Counts:
    return {Figure.PREVIEWS if record.details.get("how") == "preview" else Figure.DOWNLOADS: 1}


def count_delivery(record: AuditRecord) -> Counts:
    """What the bucket's log told. Of previews only the bytes: a film is fetched in pieces."""
    ended = {} if "shown" in record.details else {Figure.COMPLETE: "complete", Figure.BROKEN_OFF: "broken"}
    return {
        Figure.BYTES_DELIVERED: read_number(record, "bytes"),
        **{figure: 1 for figure, name in ended.items() if name in record.details},
    }


def count_bounce(record: AuditRecord) -> Counts:
    return {Figure.SOFT_BOUNCES if "for_now" in record.details else Figure.BOUNCES: 1}


def count_one(figure: Figure) -> Callable[[AuditRecord], Counts]:
    return lambda record: {figure: 1}


COUNTED: Mapping[Action, Callable[[AuditRecord], Counts]] = {
    Action.UPLOAD_COMPLETED: count_upload,
    Action.FILE_PURGED: count_one(Figure.FILES_REMOVED),
    Action.SHARED: count_share,
    Action.RECIPIENTS_ADDED: count_recipients,
    Action.ADDRESS_CORRECTED: count_recipients,
    Action.SHARE_DOWNLOADED: count_download,
    Action.BYTES_SENT: count_delivery,
    Action.MAIL_SENT: count_one(Figure.MAILS_SENT),
    Action.MAIL_PROBABLY_SENT: count_one(Figure.MAILS_SENT),
    Action.CODE_SENT: count_one(Figure.MAILS_SENT),
    Action.MAIL_BOUNCED: count_bounce,
    Action.MAIL_COMPLAINED: count_one(Figure.COMPLAINTS),
    Action.SIGNED_IN: count_one(Figure.SIGN_INS),
    Action.MORE_ASKED: count_one(Figure.REQUESTS),
}
