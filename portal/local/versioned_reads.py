"""A gap of MiniStack 1.5.33, closed: a GET of one version forgets the `response-*` parameters it was signed with.

S3 answers with them whatever version is asked for ("GetObject", Request Parameters); without them a browser
shows a file instead of saving it under its name. Runs in MiniStack's own process, before it begins.
"""

from __future__ import annotations

from typing import Any


def heed_response_parameters() -> None:
    from ministack.services import s3

    plain_read = s3._get_object

    def read(bucket_name: str, key: str, headers: Any, query_params: Any = None) -> Any:
        answer = plain_read(bucket_name, key, headers, query_params)
        if answer[0] == 200 and "versionId" in (query_params or {}):
            s3._apply_response_overrides(answer[1], query_params)
        return answer

    s3._get_object = read
