"""Puts right, inside the embedded AWS process, how MiniStack 1.5.33 reads an object by its version: it
forgets the `response-*` parameters and the range, which S3 honours there as everywhere.

Without this a download would open in the browser under the wrong name, since the portal pins versions.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from typing import Any

Answer = tuple[int, dict[str, str], bytes]


def read_versions_as_s3_does() -> None:
    """Call in MiniStack's own process, before it begins."""
    from ministack.services import s3

    read = s3._get_object

    def get_object(
        bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None
    ) -> Answer:
        status, answer, body = read(bucket, key, headers, query)
        if status != 200 or not query or "versionId" not in query:
            return status, answer, body
        s3._apply_response_overrides(answer, query)
        span = s3._parse_range(headers["range"], len(body)) if "range" in headers else None
        if span is None:
            return status, answer, body
        first, last = span
        # A checksum is the whole object's, and would not fit a part.
        answer = {name: value for name, value in answer.items() if "checksum" not in name.lower()}
        answer["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        answer["Content-Length"] = str(last - first + 1)
        return 206, answer, body[first : last + 1]

    s3._get_object = get_object
