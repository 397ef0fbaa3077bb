"""What happened as metrics, told from the audit log when it is sealed: so each record counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from portal.domain.audit.record import Action, AuditRecord, Outcome
from portal.engine.metrics import Metric, emit

METRICS = {
    Action.UPLOAD_COMPLETED: Metric.UPLOADS,
    Action.SHARED: Metric.SHARES,
    Action.SHARE_DOWNLOADED: Metric.DOWNLOADS,
    Action.MAIL_SENT: Metric.MAILS_SENT,
    Action.MAIL_PROBABLY_SENT: Metric.MAILS_SENT,
    Action.MAIL_FAILED: Metric.MAILS_FAILED,
    Action.MAIL_BOUNCED: Metric.MAILS_BOUNCED,
    Action.MAIL_COMPLAINED: Metric.MAIL_COMPLAINTS,
    Action.SCAN_FAILED: Metric.SCANS_FAILED,
}


def emit_actions(records: Iterable[AuditRecord]) -> None:
    """One line for all of them, where there is anything to tell."""
    done = [each.action for each in records if each.outcome is Outcome.DONE]
    if counts := Counter(METRICS[action] for action in done if action in METRICS):
        emit(counts)
