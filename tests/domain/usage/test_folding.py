"""What audit records add to the figures of their day, and to nobody else's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.audit.record import PORTAL, Action, Actor, AuditRecord, Outcome
from portal.domain.usage.figures import (
    PLACES,
    Figure,
    Kind,
    Subject,
    SubjectUsage,
    UsageChanges,
    count_people,
    place_of,
)
from portal.domain.usage.folding import MAX_WRITES_PER_RECORD, fold, fold_up_to

AT = datetime(2026, 2, 3, 23, 59, 59, tzinfo=UTC)
DAY = date(2026, 2, 3)
ANA = Actor("person", "ana", "Ana Lopes")
BEN = Actor("recipient", "ben", "ben@Example.com")
FETCHED = {"owner": "ana", "to": "ben@Example.com", "file": "plan", "name": "plan.pdf"}


def make_record(action: Action, actor: Actor = ANA, at: datetime = AT, **details: str) -> AuditRecord:
    return AuditRecord(at, action, actor, "about", details=details)


EACH = [
    (make_record(Action.UPLOAD_COMPLETED, bytes="12"), {Figure.UPLOADS: 1, Figure.BYTES_UPLOADED: 12}),
    (make_record(Action.FILE_PURGED, PORTAL), {Figure.FILES_REMOVED: 1}),
    (make_record(Action.SHARED, recipients="3"), {Figure.SHARES: 1, Figure.RECIPIENTS: 3}),
    (make_record(Action.RECIPIENTS_ADDED, recipients="2"), {Figure.RECIPIENTS: 2}),
    (make_record(Action.SHARE_DOWNLOADED, BEN, **FETCHED), {Figure.DOWNLOADS: 1}),
    (make_record(Action.SHARE_DOWNLOADED, BEN, **FETCHED, how="preview"), {Figure.PREVIEWS: 1}),
    (make_record(Action.BYTES_SENT, BEN, **FETCHED, bytes="7"), {Figure.BYTES_DELIVERED: 7}),
    (
        make_record(Action.BYTES_SENT, BEN, **FETCHED, bytes="12", complete="yes"),
        {Figure.BYTES_DELIVERED: 12, Figure.COMPLETE: 1},
    ),
    (make_record(Action.MAIL_SENT, PORTAL), {Figure.MAILS_SENT: 1}),
    (make_record(Action.CODE_SENT, BEN), {Figure.MAILS_SENT: 1}),
    (make_record(Action.MAIL_BOUNCED, PORTAL), {Figure.BOUNCES: 1}),
    (make_record(Action.MAIL_BOUNCED, PORTAL, for_now="yes"), {Figure.SOFT_BOUNCES: 1}),
    (make_record(Action.MAIL_COMPLAINED, PORTAL), {Figure.COMPLAINTS: 1}),
    (make_record(Action.SIGNED_IN), {Figure.SIGN_INS: 1}),
    (make_record(Action.MORE_ASKED, BEN), {Figure.REQUESTS: 1}),
    (make_record(Action.FILE_RENAMED, PORTAL), {}),
]


@pytest.mark.parametrize(
    ("record", "counts"), EACH, ids=[f"{each.action}-{place}" for place, (each, _) in enumerate(EACH)]
)
def test_what_a_record_adds_to_its_day(record: AuditRecord, counts: dict[Figure, int]) -> None:
    found = fold([record]).days
    assert (found[DAY].counts if counts else found) == counts


def test_a_recipients_traffic_counts_for_the_owner_the_domain_and_the_file() -> None:
    pressed = make_record(Action.SHARE_DOWNLOADED, BEN, **FETCHED)
    changes = fold([pressed, make_record(Action.BYTES_SENT, BEN, **FETCHED, bytes="7")])
    counts = {Figure.DOWNLOADS: 1, Figure.BYTES_DELIVERED: 7}
    assert changes.subjects == {
        Subject(DAY, Kind.PERSON, "ana"): SubjectUsage(counts),
        Subject(DAY, Kind.DOMAIN, "example.com"): SubjectUsage(counts),
        Subject(DAY, Kind.FILE, "plan"): SubjectUsage(counts, "plan.pdf"),
        Subject(DAY, Kind.SHARE, "about"): SubjectUsage(counts),
    }
    assert not changes.days[DAY].active, "a recipient is no person of the portal"


def test_an_email_to_a_recipient_counts_for_their_share() -> None:
    """Not one to an owner, which is about a file perhaps."""
    mails = [make_record(Action.MAIL_SENT, PORTAL, recipient="ben"), make_record(Action.CODE_SENT, BEN)]
    to_owner = make_record(Action.MAIL_SENT, PORTAL, kind="threat")
    found = fold([*mails, to_owner]).subjects
    assert found == {Subject(DAY, Kind.SHARE, "about"): SubjectUsage({Figure.MAILS_SENT: 2})}


def test_a_persons_own_doings_count_for_them_alone() -> None:
    changes = fold([make_record(Action.UPLOAD_COMPLETED, bytes="12"), make_record(Action.SIGNED_IN)])
    uploaded = {Figure.UPLOADS: 1, Figure.BYTES_UPLOADED: 12}
    assert changes.subjects == {Subject(DAY, Kind.PERSON, "ana"): SubjectUsage(uploaded)}
    assert changes.days[DAY].active == {place_of("ana")}


def test_the_day_is_that_of_universal_time() -> None:
    east = AT.replace(hour=1, tzinfo=timezone(timedelta(hours=2)))
    assert list(fold([make_record(Action.SIGNED_IN, at=east)]).days) == [DAY - timedelta(days=1)]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED])
def test_what_was_refused_or_recorded_before_counts_nothing(outcome: Outcome) -> None:
    refused = AuditRecord(AT, Action.SHARED, ANA, "about", outcome)
    assert fold([refused]) == UsageChanges()


@pytest.mark.parametrize("text", ["", "-5", "1e9", "٣", "9" * 30])
def test_a_size_that_is_none_counts_as_nothing(text: str) -> None:
    assert (
        fold([make_record(Action.UPLOAD_COMPLETED, bytes=text)]).days[DAY].counts[Figure.BYTES_UPLOADED] == 0
    )


RECORDS = st.builds(
    lambda record, days, name: AuditRecord(
        record.at + timedelta(days=days), record.action, record.actor, name,
        details={**record.details, "file": name, "owner": name},
    ),
    st.sampled_from([record for record, _ in EACH]), st.integers(0, 2), st.sampled_from("abcdef"),
)  # fmt: skip


def sum_up(parts: list[UsageChanges]) -> dict[object, int]:
    sums: dict[object, int] = {}
    for part in parts:
        for key, usage in [*part.days.items(), *part.subjects.items()]:
            for figure, number in usage.counts.items():
                sums[key, figure] = sums.get((key, figure), 0) + number
    return {each: number for each, number in sums.items() if number}


@given(st.lists(RECORDS, max_size=30), st.integers(MAX_WRITES_PER_RECORD, 12))
def test_pieces_add_up_to_the_whole_and_fit(records: list[AuditRecord], most: int) -> None:
    parts, rest = list[UsageChanges](), records
    while rest:
        changes, taken = fold_up_to(rest, most)
        assert 1 <= taken <= len(rest)
        assert changes.size <= most
        parts, rest = [*parts, changes], rest[taken:]
    assert sum_up(parts) == sum_up([fold(records)])


def test_how_many_people_are_behind_the_places() -> None:
    assert count_people(frozenset()) == 0
    for number in (1, 3, 40, 300, 5000):
        places = frozenset(place_of(f"person {each}") for each in range(number))
        assert abs(count_people(places) - number) <= number / 100
    assert count_people(frozenset(range(PLACES))) > PLACES
