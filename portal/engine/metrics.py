"""Every figure for the operator, and the one way to tell of one.

A figure is a field of a log line, which the logs' formatter writes in CloudWatch's embedded metric format; so
it costs no call. None is filed by anything that names a person, an address, a file or a share (R65).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import Enum
from typing import Any

log = logging.getLogger("portal.metrics")
NAMESPACE = "FilePortal"


class Metric(Enum):
    """Its name, its unit, and the field of the line by which it is filed once more; "" is none.

    All are filed by `service`, the function's name, as Powertools for AWS Lambda does; alarms see all kinds.
    """

    LATENCY = "Latency", "Milliseconds", "audience"  # of each request; how many there are is its SampleCount
    CLIENT_ERRORS = "ClientErrors", "Count", ""  # answers from 400 to 499
    SERVER_ERRORS = "ServerErrors", "Count", ""  # answers from 500 on
    DENIED = "Denied", "Count", ""  # answers 401 and 403
    COLD_START = "ColdStart", "Count", ""
    AWS_CALLS = "AwsCalls", "Count", ""  # of each request, tries counted
    AWS_THROTTLES = "AwsThrottles", "Count", ""  # those that AWS put off because there were too many
    CODES_WRONG = "CodesWrong", "Count", ""  # passwords of shares too
    RATES_REFUSED = "RatesRefused", "Count", ""
    RATES_UNKNOWN = "RatesUnknown", "Count", ""

    UPLOADS = "Uploads", "Count", ""
    SHARES = "Shares", "Count", ""
    DOWNLOADS = "Downloads", "Count", ""  # by recipients
    MAILS_SENT = "MailsSent", "Count", ""
    MAILS_FAILED = "MailsFailed", "Count", ""
    MAILS_BOUNCED = "MailsBounced", "Count", ""
    MAIL_COMPLAINTS = "MailComplaints", "Count", ""
    MAIL_ACCOUNT_REFUSALS = "MailAccountRefusals", "Count", ""
    FILES_QUARANTINED = "FilesQuarantined", "Count", ""
    SCANS_FAILED = "ScansFailed", "Count", ""

    SWEEP_LAG = "SweepLagSeconds", "Seconds", ""  # from the minute's tick until its work began
    OLDEST_DUE = "OldestDueSeconds", "Seconds", "kind"
    AUDIT_SEAL = "AuditSealSeconds", "Seconds", ""
    AUDIT_ALTERED = "AuditRecordsAltered", "Count", ""
    SECRET_KEY_AGE = "SecretKeyAgeDays", "None", ""

    def __init__(self, title: str, unit: str, by: str) -> None:
        self.title, self.unit, self.by = title, unit, by


def emit(figures: Mapping[Metric, float], **fields: str) -> None:
    """A line of its own for these figures, with the fields by which they are filed."""
    log.info("metric", extra=add_figures(figures, **fields))


def add_figures(figures: Mapping[Metric, float], **fields: str) -> dict[str, Any]:
    """What a log line is given as `extra` so that it tells of these figures as well."""
    return {"figures": figures, **fields}


def format_figures(figures: Mapping[Metric, float], service: str, written_at: float) -> dict[str, Any]:
    """The figures as fields of a line in the embedded metric format. written_at: seconds since 1970."""
    directives = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["service"], *([["service", by]] if by else [])],
            "Metrics": [{"Name": each.title, "Unit": each.unit} for each in figures if each.by == by],
        }
        for by in sorted({each.by for each in figures})
    ]
    about = {"Timestamp": int(written_at * 1000), "CloudWatchMetrics": directives}
    return {"service": service, "_aws": about, **{each.title: value for each, value in figures.items()}}
