"""Results of reports: where Athena writes them, below `reports/` in the logs bucket, and beside them the same
as CSV that no spreadsheet takes for formulas. All of it is gone after 30 days.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures
from portal.aws.s3.attachments import sign_attachment
from portal.domain.usage.reports import Report, ResultRead

PREFIX = "reports/"
GONE = {"NoSuchKey", "404"}
EMPTY = {"InvalidRange", "416"}


class ReportResults:
    def __init__(self, clients: Clients, bucket: str) -> None:
        self.clients = clients
        self.bucket = bucket

    @property
    def client(self) -> Any:
        return self.clients.get("s3")

    def read(self, report: Report, most_bytes: int) -> ResultRead | None:
        key, most = f"{PREFIX}{report.execution_id}.csv", f"bytes=0-{most_bytes - 1}"
        try:
            with plain_failures():
                answer = self.client.get_object(Bucket=self.bucket, Key=key, Range=most)
                body = bytes(answer["Body"].read())
        except ClientError as error:
            if code(error) in EMPTY:
                return ResultRead(b"", 0)
            if code(error) in GONE:
                return None
            raise
        whole = str(answer.get("ContentRange", "")).rpartition("/")[2]
        return ResultRead(body, int(whole) if whole.isdecimal() else len(body))

    def put_safe(self, report: Report, body: bytes) -> None:
        with plain_failures():
            self.client.put_object(
                Bucket=self.bucket, Key=safe_key(report), Body=body, ContentType="text/csv; charset=utf-8"
            )

    def sign_address(self, report: Report, seconds: int) -> str:
        return sign_attachment(self.client, self.bucket, safe_key(report), report.file_name, seconds)


def safe_key(report: Report) -> str:
    return f"{PREFIX}safe/{report.id}.csv"
