"""Keys of reports on the access log: all are together, newest last."""

from __future__ import annotations

from portal.aws.client.writes import Key

REPORTS = "REPORTS"


def report_key(report_id: str) -> Key:
    return REPORTS, report_id
