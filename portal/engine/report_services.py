"""What workflows and queries are handed for reports on the access log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.paging import Page
from portal.domain.usage.reports import Report, ResultRead, Run, SaveReportResult, Thing


class Reports(Protocol):
    """Reports that were asked for, newest first; everybody's together."""

    def create(self, report: Report, record: AuditRecord) -> None: ...
    def get(self, report_id: str) -> Report | None: ...
    def list_page(self, cursor: str | None, limit: int) -> Page[Report]: ...
    def list_due(self, now: datetime) -> Iterable[Report]:
        """Those that are not over and whose turn it is to be looked at."""

    def save(
        self, before: Report, after: Report, now: datetime, record: AuditRecord | None = None
    ) -> SaveReportResult:
        """Put one state in the place of another, with the record of it, if it is still as it was read."""


class QueryService(Protocol):
    """Runs reports' queries beside the portal. Raises Unavailable where it does not answer."""

    @property
    def is_set_up(self) -> bool: ...
    def start(self, report: Report) -> str:
        """The execution's id. Asked twice of one report it starts one query. Raises QueryRefused."""

    def look(self, execution_ids: Sequence[str]) -> Mapping[str, Run]:
        """How far these are; of what the service does not know nothing is said."""

    def stop(self, execution_id: str) -> None:
        """End a query; one that is over stays as it is."""


class ReportResults(Protocol):
    def read(self, report: Report, most_bytes: int) -> ResultRead | None:
        """The beginning of a result; None where it is not there any more."""

    def put_safe(self, report: Report, body: bytes) -> None:
        """Keep the CSV that is given out."""

    def sign_address(self, report: Report, seconds: int) -> str: ...


class ReportNames(Protocol):
    def find(self, things: Iterable[Thing]) -> Mapping[Thing, str]:
        """Names of people and files, addresses of recipients; in one call for each hundred."""
