"""Where the worker writes files for somebody: in the logs bucket, below a prefix of their kind, gone after a
week.

A short one is put at once, a long one as S3's multipart upload, which shows nothing before it is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures
from portal.aws.s3.attachments import sign_attachment
from portal.domain.written_files import WrittenFile

# What S3 says of an upload that is over, or of a part that another worker sent again.
NOT_AS_KNOWN = {"NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall"}


class ExportStore:
    def __init__(self, clients: Clients, bucket: str) -> None:
        self.clients = clients
        self.bucket = bucket

    @property
    def client(self) -> Any:
        return self.clients.get("s3")

    def put(self, export: WrittenFile, body: bytes) -> None:
        with plain_failures():
            self.client.put_object(
                Bucket=self.bucket, Key=export.key, Body=body, ContentType=export.content_type
            )

    def put_rest(self, export: WrittenFile, body: bytes) -> None:
        with plain_failures():
            self.client.put_object(Bucket=self.bucket, Key=export.rest_key, Body=body)

    def get_rest(self, export: WrittenFile) -> bytes:
        with plain_failures():
            answer = self.client.get_object(Bucket=self.bucket, Key=export.rest_key)
            return bytes(answer["Body"].read())

    def begin(self, export: WrittenFile) -> str:
        with plain_failures():
            answer = self.client.create_multipart_upload(
                Bucket=self.bucket, Key=export.key, ContentType=export.content_type
            )
        return str(answer["UploadId"])

    def put_part(self, export: WrittenFile, number: int, body: bytes) -> str | None:
        """The part's etag; None where the upload is not there any more."""
        try:
            with plain_failures():
                answer = self.client.upload_part(
                    Bucket=self.bucket, Key=export.key, UploadId=export.upload_id, PartNumber=number,
                    Body=body,
                )  # fmt: skip
        except ClientError as error:
            if code(error) in NOT_AS_KNOWN:
                return None
            raise
        return str(answer["ETag"])

    def finish(self, export: WrittenFile, etags: Sequence[str]) -> bool:
        """Make the parts one object; False where that is not possible any more."""
        parts = [{"PartNumber": place, "ETag": etag} for place, etag in enumerate(etags, start=1)]
        try:
            with plain_failures():
                self.client.complete_multipart_upload(
                    Bucket=self.bucket, Key=export.key, UploadId=export.upload_id,
                    MultipartUpload={"Parts": parts},
                )  # fmt: skip
        except ClientError as error:
            if code(error) in NOT_AS_KNOWN:
                return False
            raise
        return True

    def remove(self, export: WrittenFile) -> None:
        rests = [replace(export, rest=number).rest_key for number in range(1, export.rest + 1)]
        with plain_failures():
            for key in (export.key, *rests):
                self.client.delete_object(Bucket=self.bucket, Key=key)

    def sign_address(self, export: WrittenFile, seconds: int) -> str:
        return sign_attachment(self.client, self.bucket, export.key, export.file_name, seconds)
