"""What GuardDuty found in an object ("Monitoring S3 object scans with Amazon EventBridge").

Each result is noted for the version that it names; the workflow says what follows from it (R36).
"""

from __future__ import annotations

import logging

from portal.domain.files.scans import ScanResult
from portal.events.event_context import EventContext, Message
from portal.workflows.files.scan_results import take_result

log = logging.getLogger(__name__)


def is_result(message: Message) -> bool:
    kind = (message.get("source"), message.get("detail-type"))
    return kind == ("aws.guardduty", "GuardDuty Malware Protection Object Scan Result")


def take(message: Message, delivery: EventContext) -> None:
    detail = message["detail"]
    scanned = detail["s3ObjectDetails"]
    if scanned["bucketName"] != delivery.sources.files_bucket:
        log.warning("refused a scan result of another bucket", extra={"bucket": scanned["bucketName"]})
        return
    key, outcome = str(scanned["objectKey"]), detail["scanResultDetails"]
    threats = tuple(str(each.get("name", "")) for each in outcome.get("threats") or [])
    result = ScanResult(str(outcome["scanResultStatus"]), str(scanned.get("versionId") or ""), threats)
    named = {"key": key, "version_id": result.version_id, "result": result.status}
    is_news = take_result(key, result, delivery.services)
    log.info("scan result", extra={**named, "news": is_news})
