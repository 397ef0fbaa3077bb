"""Reports on S3's access log, for any range of days that it is kept: what each asks, how far it is, and how
its result is read.

The texts are SQL as Athena and its like take it; what somebody chose goes in as parameters and never into
the text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.domain.errors import N_, Invalid
from portal.domain.usage.periods import Period, parse_day

TABLE = "access_log"
LOG_DAYS = 400  # as the bucket's lifecycle has it
KEPT_DAYS = 30  # a report and its result; the same
MOST_ROWS = 5_000
MOST_RESULT_BYTES = 16 * 1024**2  # so much is made a safe CSV within one request

# Deliveries to recipients: the portal signs whose download it is into the address, and so S3 logs it.
OWNER = "regexp_extract(request, '/files/([^/? ]+)/', 1)"
FILE = "regexp_extract(request, '/files/[^/? ]+/([^/? ]+)', 1)"
SHARE = "regexp_extract(request, '[?&]x-recipient=([^.& ]+)[.]', 1)"
RECIPIENT = "regexp_extract(request, '[?&]x-recipient=[^.& ]+[.]([^.& ]+)', 1)"
BYTES = "try_cast(bytes_sent AS bigint)"
IS_SHOWN = "request LIKE '%response-content-disposition=inline%'"
IS_WHOLE = f"{BYTES} = try_cast(object_size AS bigint) AND NOT ({IS_SHOWN})"
DELIVERIES = (
    f"FROM {TABLE} WHERE day BETWEEN ? AND ? AND operation = 'REST.GET.OBJECT' "
    "AND status IN ('200', '206') AND request LIKE 'GET %' "
    "AND regexp_like(request, '[?&]x-recipient=[^.& ]+[.][^.& ]')"
)


class ReportKind(StrEnum):
    BANDWIDTH = "bandwidth"  # by person
    FILES = "files"
    RECIPIENTS = "recipients"
    FREE = "free"  # somebody's own SELECT


TEXTS: Mapping[ReportKind, str] = {
    ReportKind.BANDWIDTH: (
        f"SELECT {OWNER} AS person_id, count(DISTINCT {RECIPIENT}) AS recipients, "
        f"count(DISTINCT {FILE}) AS files, count(*) AS answers, sum({BYTES}) AS bytes "
        f"{DELIVERIES} GROUP BY 1 ORDER BY 5 DESC NULLS LAST, 1 LIMIT {MOST_ROWS}"
    ),
    ReportKind.FILES: (
        f"SELECT {FILE} AS file_id, count(DISTINCT {RECIPIENT}) AS recipients, "
        f"count(*) FILTER (WHERE {IS_WHOLE}) AS complete, count(*) FILTER (WHERE {IS_SHOWN}) AS previews, "
        f"sum({BYTES}) AS bytes "
        f"{DELIVERIES} GROUP BY 1 ORDER BY 5 DESC NULLS LAST, 1 LIMIT {MOST_ROWS}"
    ),
    ReportKind.RECIPIENTS: (
        f"SELECT {SHARE} AS share_id, {RECIPIENT} AS recipient_id, {FILE} AS file_id, "
        f"min(day) AS first_day, max(day) AS last_day, count(*) FILTER (WHERE {IS_WHOLE}) AS complete, "
        f"count(*) FILTER (WHERE {IS_SHOWN}) AS previews, sum({BYTES}) AS bytes "
        f"{DELIVERIES} GROUP BY 1, 2, 3 ORDER BY 8 DESC NULLS LAST, 1, 2, 3 LIMIT {MOST_ROWS}"
    ),
}


class ReportState(StrEnum):
    ASKED = "asked"  # to be started
    RUNNING = "running"
    CANCELLING = "cancelling"  # to be stopped
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in {ReportState.READY, ReportState.FAILED, ReportState.CANCELLED}


class Failure(StrEnum):
    """Why a query came to nothing."""

    TOO_MUCH = "too_much"  # it would have read more than one query may
    WRONG = "wrong"  # the query itself cannot be run
    SERVICE = "service"  # the service failed at it
    FORBIDDEN = "forbidden"  # the portal's role may not
    UNKNOWN = "unknown"  # the service does not know of it any more


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Run:
    """What the service says of a query. reason: in its own words."""

    state: RunState
    scanned_bytes: int = 0
    run_ms: int = 0
    failure: Failure | None = None
    reason: str = ""


class QueryRefused(Exception):
    """The service will not run a query. reason: in its own words."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure
        self.reason = reason


class SaveReportResult(StrEnum):
    SAVED = "saved"
    CHANGED_MEANWHILE = "changed_meanwhile"


@dataclass(frozen=True)
class Report:
    """One query of somebody's. first, last: its days, of which a free query has none; execution_id: its name
    at the service, once it was started.
    """

    id: str
    kind: ReportKind
    asked_by: str
    asked_at: datetime
    text: str
    first: date | None = None
    last: date | None = None
    state: ReportState = ReportState.ASKED
    execution_id: str = ""
    scanned_bytes: int = 0
    run_ms: int = 0
    failure: Failure | None = None
    reason: str = ""
    ended_at: datetime | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """What stands for the text's question marks, in order: literals, as the service wants them."""
        days = (self.first, self.last)
        return tuple(f"'{name_partition(each)}'" for each in days if each is not None)

    @property
    def kept_until(self) -> datetime:
        return self.asked_at + timedelta(days=KEPT_DAYS)

    @property
    def file_name(self) -> str:
        days = f"{self.first}-{self.last}" if self.first else f"{self.asked_at:%Y-%m-%d-%H%M}"
        return f"report-{self.kind}-{days}.csv"

    def update_from(self, run: Run, now: datetime) -> Report:
        """The report once the service said this of its query."""
        known = replace(self, scanned_bytes=run.scanned_bytes, run_ms=run.run_ms)
        match run.state:
            case RunState.RUNNING:
                return known
            case RunState.DONE:
                return replace(known, state=ReportState.READY, ended_at=now)
            case RunState.CANCELLED:
                return replace(known, state=ReportState.CANCELLED, ended_at=now, reason=run.reason)
            case RunState.FAILED:
                return replace(
                    known, state=ReportState.FAILED, ended_at=now, failure=run.failure, reason=run.reason
                )


def name_partition(day: date) -> str:
    """A day as the log's keys have it, and so the table's partitions."""
    return f"{day:%Y/%m/%d}"


def parse_range(first: str, last: str, today: date) -> Period:
    """The days that somebody asks for. Raises Invalid."""
    period = Period(parse_day(first), parse_day(last))
    if period.first > period.last:
        raise Invalid(N_("The period ends before it begins."), field="from", reason="period")
    if period.last > today:
        raise Invalid(N_("The period ends in the future."), field="to", reason="period")
    if period.first < today - timedelta(days=LOG_DAYS):
        raise Invalid(
            N_("The access log is kept for %(days)s days. Choose a later first day."),
            field="from", reason="period", params={"days": LOG_DAYS},
        )  # fmt: skip
    return period


class ThingKind(StrEnum):
    PERSON = "person"
    FILE = "file"
    RECIPIENT = "recipient"


class Thing(NamedTuple):
    """What a result names by ids alone. within: a recipient's share."""

    kind: ThingKind
    id: str
    within: str = ""


class ResultRead(NamedTuple):
    """The beginning of a result's bytes, and how many there are in all."""

    body: bytes
    size: int


@dataclass(frozen=True)
class Result:
    """The columns and rows of a query. is_cut: whether there are more rows than these."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    is_cut: bool = False


# The columns that get names, by the report.
NAMED: Mapping[ReportKind, tuple[ThingKind, ...]] = {
    ReportKind.BANDWIDTH: (ThingKind.PERSON,),
    ReportKind.FILES: (ThingKind.FILE,),
    ReportKind.RECIPIENTS: (ThingKind.RECIPIENT, ThingKind.FILE),
    ReportKind.FREE: (),
}


def parse_result(read: ResultRead) -> Result:
    """Out of a CSV, or of its beginning, whose last row may be cut."""
    is_cut = len(read.body) < read.size
    lines = list(csv.reader(io.StringIO(read.body.decode("utf-8", "replace"), newline="")))
    if not lines:
        return Result(is_cut=is_cut)
    columns, rows = lines[0], lines[1:]
    whole = [tuple(each) for each in (rows[:-1] if is_cut else rows) if len(each) == len(columns)]
    return Result(tuple(columns), tuple(whole), is_cut)


def list_things(kind: ReportKind, result: Result) -> Iterator[Thing]:
    """Everything that the rows name by ids."""
    for row in result.rows:
        for named in NAMED[kind]:
            yield find_thing(named, result.columns, row)


def find_thing(kind: ThingKind, columns: Sequence[str], row: Sequence[str]) -> Thing:
    cells = dict(zip(columns, row, strict=True))
    within = cells.get("share_id", "") if kind is ThingKind.RECIPIENT else ""
    return Thing(kind, cells.get(f"{kind}_id", ""), within)


def add_names(kind: ReportKind, result: Result, names: Mapping[Thing, str]) -> Result:
    """The same with the names of what the ids stand for, in columns before the rest; what is not there any
    more has none.
    """
    wanted = NAMED[kind]
    rows: Iterable[tuple[str, ...]] = (
        (*(names.get(find_thing(each, result.columns, row), "") for each in wanted), *row)
        for row in result.rows
    )
    return Result((*wanted, *result.columns), tuple(rows), result.is_cut)
