"""What GuardDuty found in an object ("Monitoring S3 object scans with Amazon EventBridge").

The portal has no malware gate yet, so a result changes nothing: it is checked and logged, so that an operator
sees that scanning is on and what it says.
"""

from __future__ import annotations

import logging

from portal.events.delivery import Delivery, Message

log = logging.getLogger(__name__)


def is_result(message: Message) -> bool:
    kind = (message.get("source"), message.get("detail-type"))
    return kind == ("aws.guardduty", "GuardDuty Malware Protection Object Scan Result")


def take(result: Message, delivery: Delivery) -> None:
    detail = result["detail"]
    scanned = detail["s3ObjectDetails"]
    if scanned["bucketName"] != delivery.sources.files_bucket:
        log.warning("refused a scan result of another bucket", extra={"bucket": scanned["bucketName"]})
        return
    about = {"key": scanned["objectKey"], "version_id": scanned.get("versionId", "")}
    log.warning(
        "scan result, not acted upon",
        extra={**about, "result": detail["scanResultDetails"]["scanResultStatus"]},
    )
