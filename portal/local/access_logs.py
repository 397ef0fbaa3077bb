"""Writes, inside the embedded AWS process, the access log that S3 writes of a bucket whose logging is on:
MiniStack 1.5.33 keeps the setting and logs nothing. One line a log, at once and not within hours.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from portal.local.versioned_reads import Answer

TARGET = re.compile(r"<TargetBucket>([^<]+)</TargetBucket>.*<TargetPrefix>([^<]*)</TargetPrefix>", re.DOTALL)


def write_access_logs() -> None:
    """Call in MiniStack's own process, before it begins, and after what else changes reading."""
    from ministack.services import s3

    read = s3._get_object

    def get_object(
        bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None
    ) -> Answer:
        status, answer, body = read(bucket, key, headers, query)
        target = (
            TARGET.search(s3._bucket_logging_config.get(bucket) or "")
            if query and "X-Amz-Signature" in query
            else None
        )
        if target:
            into, prefix = target[1], target[2] + name_partition(bucket)
            whole = (answer.get("Content-Range") or f"/{len(body)}").rpartition("/")[2]
            text = line(bucket, key, status, len(body), whole, query or {}, headers.get("user-agent", "-"))
            s3._put_object(into, f"{prefix}{uuid4().hex}", text.encode(), {})
        return status, answer, body

    s3._get_object = get_object


def name_partition(bucket: str) -> str:
    """Where S3 puts a log by the template's `TargetObjectKeyFormat`: by account, region, bucket and day."""
    from ministack.core.responses import get_account_id, get_region

    return f"{get_account_id()}/{get_region()}/{bucket}/{datetime.now(UTC):%Y/%m/%d/%Y-%m-%d-%H-%M-%S}-"


def line(bucket: str, key: str, status: int, sent: int, whole: str, query: dict[str, Any], agent: str) -> str:
    asked = urlencode(query, doseq=True, quote_via=quote)
    at = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    request = uuid4().hex[:16].upper()
    return (
        f'- {bucket} [{at}] 127.0.0.1 - {request} REST.GET.OBJECT {key} "GET /{key}?{asked} HTTP/1.1" '
        f'{status} - {sent} {whole} 1 1 "-" "{agent}" - - SigV4 - QueryString - - - -\n'
    )
