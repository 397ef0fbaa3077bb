"""What GuardDuty found in an object ("Monitoring S3 object scans with Amazon EventBridge").

A threat closes the file at once and for good (R36). No other result changes anything, since nothing waits
for a clean one yet: each is logged, so that an operator sees that scanning is on and what it says.
"""

from __future__ import annotations

import logging

from portal.events.event_context import EventContext, Message
from portal.workflows.files.threats import close_infected

log = logging.getLogger(__name__)
THREATS_FOUND = "THREATS_FOUND"


def is_result(message: Message) -> bool:
    kind = (message.get("source"), message.get("detail-type"))
    return kind == ("aws.guardduty", "GuardDuty Malware Protection Object Scan Result")


def take(result: Message, delivery: EventContext) -> None:
    detail = result["detail"]
    scanned = detail["s3ObjectDetails"]
    if scanned["bucketName"] != delivery.sources.files_bucket:
        log.warning("refused a scan result of another bucket", extra={"bucket": scanned["bucketName"]})
        return
    key, version_id = str(scanned["objectKey"]), str(scanned.get("versionId") or "")
    outcome = detail["scanResultDetails"]
    status = outcome["scanResultStatus"]
    log.info("scan result", extra={"key": key, "version_id": version_id, "result": status})
    if status == THREATS_FOUND:
        threats = [str(each.get("name", "")) for each in outcome.get("threats") or []]
        if close_infected(key, version_id, threats, delivery.services):
            log.warning("closed an infected file", extra={"key": key, "version_id": version_id})
