"""Reports on the access log: their days, their states, and how a result is read and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.aws.client.codec import pack, unpack
from portal.domain.errors import Invalid
from portal.domain.ids import make_sortable_id
from portal.domain.usage.reports import (
    LOG_DAYS,
    NAMED,
    TEXTS,
    Failure,
    Report,
    ReportKind,
    ReportState,
    Result,
    ResultRead,
    Run,
    RunState,
    Thing,
    ThingKind,
    add_names,
    list_things,
    parse_range,
    parse_result,
)
from portal.local.athena import write_csv

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
TODAY = NOW.date()
REPORT = Report("r", ReportKind.FILES, "ana", NOW, TEXTS[ReportKind.FILES], date(2026, 1, 2), TODAY)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


def test_days_go_in_as_parameters() -> None:
    assert REPORT.parameters == ("'2026/01/02'", "'2026/02/03'")
    for kind, text in TEXTS.items():
        assert text.count("BETWEEN ? AND ?") == 1, kind
    assert replace(REPORT, first=None, last=None, kind=ReportKind.FREE).parameters == ()


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-02-03", "2026-02-02", "ends before"), ("2026-02-03", "2026-02-04", "future"),
        ("", "2026-02-03", "two days"), ("2026-02-30", "2026-03-01", "two days"),
        (str(TODAY - timedelta(days=LOG_DAYS + 1)), "2026-02-03", "is kept for"),
    ],
)  # fmt: skip
def test_days_that_are_no_range_are_refused(first: str, last: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        parse_range(first, last, TODAY)


def test_a_range_may_be_as_long_as_the_log_is_kept() -> None:
    assert parse_range(str(TODAY - timedelta(days=LOG_DAYS)), str(TODAY), TODAY).length == LOG_DAYS + 1


@pytest.mark.parametrize(
    ("run", "state"),
    [
        (Run(RunState.RUNNING, 7, 8), ReportState.RUNNING), (Run(RunState.DONE, 7, 8), ReportState.READY),
        (Run(RunState.FAILED, 7, 8, Failure.WRONG, "why"), ReportState.FAILED),
        (Run(RunState.CANCELLED, 7, 8), ReportState.CANCELLED),
    ],
)  # fmt: skip
def test_what_the_service_says_becomes_the_state(run: Run, state: ReportState) -> None:
    after = replace(REPORT, state=ReportState.RUNNING).update_from(run, NOW)
    assert (after.state, after.scanned_bytes, after.run_ms) == (state, 7, 8)
    assert (after.ended_at == NOW) is after.state.is_over
    assert (after.failure, after.reason) == (run.failure, run.reason)
    assert unpack(Report, pack(after)) == after


@given(st.integers(1, 4).flatmap(lambda wide: st.lists(st.lists(TEXT, min_size=wide, max_size=wide))))
def test_a_result_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    """Cells with commas, quotation marks and line breaks too; cut anywhere, each row there is is whole."""
    columns = [f"c{place}" for place in range(len(rows[0]) if rows else 2)]
    body = write_csv(columns, rows).encode()
    whole = parse_result(ResultRead(body, len(body)))
    expected = tuple(tuple(each for each in row) for row in rows)
    assert whole == Result(tuple(columns), expected)
    for cut in {len(body) // 2, len(body) - 1}:
        found = parse_result(ResultRead(body[:cut], len(body)))
        assert found.is_cut
        assert found.rows == expected[: len(found.rows)]


def test_nothing_is_an_empty_result() -> None:
    assert parse_result(ResultRead(b"", 0)) == Result()
    assert parse_result(ResultRead(b'"a","b"\n', 8)) == Result(("a", "b"))


def test_ids_get_their_names_in_columns_before_the_rest() -> None:
    share, ben, file = (make_sortable_id(NOW) for _ in range(3))
    result = Result(("share_id", "recipient_id", "file_id", "bytes"), ((share, ben, file, "12"),))
    things = list(list_things(ReportKind.RECIPIENTS, result))
    assert things == [Thing(ThingKind.RECIPIENT, ben, share), Thing(ThingKind.FILE, file)]
    named = add_names(ReportKind.RECIPIENTS, result, {things[0]: "ben@example.com"})
    assert named.columns == ("recipient", "file", *result.columns)
    assert named.rows == (("ben@example.com", "", share, ben, file, "12"),)
    assert add_names(ReportKind.FREE, result, {}) == result
    assert NAMED.keys() == set(ReportKind)
