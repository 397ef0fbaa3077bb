"""GuardDuty Malware Protection for S3: what it found, which it leaves on a version as a tag; another scan.

Sources: "Tag-based access control" and "On-demand S3 malware scan" of its user guide. The bucket's policy
asks for the same tags (infrastructure/template.yaml).
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, plain_failures, status
from portal.domain.files.scans import NO_THREATS_FOUND

STATUS_TAG = "GuardDutyMalwareScanStatus"
RELEASE_TAG, RELEASED, CLOSED = "PortalRelease", "released", "closed"


class Scanner:
    def __init__(self, clients: Clients, bucket: str) -> None:
        self.clients = clients
        self.bucket = bucket

    def read_status(self, key: str, version_id: str) -> str:
        return self.read_tags(key, version_id).get(STATUS_TAG, "")

    def scan(self, key: str, version_id: str) -> bool:
        try:
            with plain_failures():
                self.clients.get("guardduty").send_object_malware_scan(
                    S3Object={"Bucket": self.bucket, "Key": key, "VersionId": version_id}
                )
        except ClientError as error:
            if status(error) in {400, 403, 404}:  # no plan for this bucket, or too large for the scanner
                return False
            raise
        return True

    def mark_released(self, key: str, version_id: str) -> None:
        tags = self.read_tags(key, version_id)
        if (
            tags.get(STATUS_TAG) != NO_THREATS_FOUND
        ):  # else it is given out anyway, and only the scanner says so
            self.write_tags(key, version_id, tags | {RELEASE_TAG: RELEASED})

    def unmark_released(self, key: str, version_id: str) -> None:
        tags = self.read_tags(key, version_id)
        if RELEASE_TAG in tags and tags.get(STATUS_TAG) != NO_THREATS_FOUND:
            self.write_tags(key, version_id, tags | {RELEASE_TAG: CLOSED})

    def read_tags(self, key: str, version_id: str) -> dict[str, str]:
        """Of a version; none where it is not there any more."""
        try:
            with plain_failures():
                answer = self.clients.get("s3").get_object_tagging(**self.name(key, version_id))
        except ClientError as error:
            if status(error) in {404, 405}:
                return {}
            raise
        return {each["Key"]: each["Value"] for each in answer["TagSet"]}

    def write_tags(self, key: str, version_id: str, tags: dict[str, str]) -> None:
        """All tags of a version; the scanner's own stay as it wrote them."""
        entries: Any = [{"Key": name, "Value": value} for name, value in tags.items()]
        with plain_failures():
            self.clients.get("s3").put_object_tagging(
                **self.name(key, version_id), Tagging={"TagSet": entries}
            )

    def name(self, key: str, version_id: str) -> dict[str, Any]:
        return {"Bucket": self.bucket, "Key": key, **({"VersionId": version_id} if version_id else {})}
