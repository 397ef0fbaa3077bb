"""Files that come in parts: S3's multipart upload, of which the portal signs the parts and does the rest.

Sources: "Uploading and copying objects using multipart upload", and its six operations in the Amazon S3 API
reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures, status
from portal.domain.files.file import File
from portal.domain.uploads.parts import AskedPart, AssemblyResult, Begun, Part, SignedPart, size_of

# What S3 says where a part is not as it was listed a moment ago: someone sent it again in the meantime.
PART_CHANGED_CODES = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}


class Parts:
    def __init__(self, clients: Clients, bucket: str) -> None:
        self.clients = clients
        self.bucket = bucket

    @property
    def client(self) -> Any:
        return self.clients.get("s3")

    def begin(self, file: File, *, checked: bool) -> str:
        """Create the upload; its id. Where `checked`, S3 takes no part without its SHA-256 (R32)."""
        with plain_failures():
            answer = self.client.create_multipart_upload(
                Bucket=self.bucket, Key=file.key, ContentType=file.content_type,
                Metadata={"file": file.id, "owner": file.owner_id},
                **({"ChecksumAlgorithm": "SHA256"} if checked else {}),
            )  # fmt: skip
        return str(answer["UploadId"])

    def sign_part(self, file: File, part: AskedPart, seconds: int) -> SignedPart:
        """A presigned PUT of this part in exactly its size, and with exactly this SHA-256; makes no call.

        Both are headers within the signature, so what was announced, and reserved, is all that can be sent.
        """
        wanted = {"ContentLength": size_of(part.number, file.size, file.part_bytes)}
        url = self.client.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": self.bucket, "Key": file.key, "UploadId": file.upload_id, "PartNumber": part.number,
                **wanted, **({"ChecksumSHA256": part.sha256} if part.sha256 else {}),
            },
            ExpiresIn=seconds,
        )  # fmt: skip
        headers = {"x-amz-checksum-sha256": part.sha256} if part.sha256 else {}
        return SignedPart(part.number, str(url), headers)

    def list_parts(self, file: File) -> list[Part] | None:
        """The parts that S3 has, by number; None where it knows no such upload (any more)."""
        pages = self.client.get_paginator("list_parts").paginate(
            Bucket=self.bucket, Key=file.key, UploadId=file.upload_id
        )
        try:
            with plain_failures():
                return [part(each) for page in pages for each in page.get("Parts", [])]
        except ClientError as error:
            if status(error) == 404:
                return None
            raise

    def finish(self, file: File, parts: Sequence[Part]) -> AssemblyResult:
        listed = [
            {"PartNumber": each.number, "ETag": each.etag}
            | ({"ChecksumSHA256": each.sha256} if each.sha256 else {})
            for each in parts
        ]
        try:
            with plain_failures():
                self.client.complete_multipart_upload(
                    Bucket=self.bucket, Key=file.key, UploadId=file.upload_id,
                    MultipartUpload={"Parts": listed},
                )  # fmt: skip
        except ClientError as error:
            if status(error) == 404:
                return AssemblyResult.UPLOAD_GONE
            if code(error) in PART_CHANGED_CODES:
                return AssemblyResult.PART_CHANGED
            raise
        return AssemblyResult.DONE

    def abort(self, key: str, upload_id: str = "") -> None:
        """Give up this upload, or all of the key: so one whose id never reached the row is found too."""
        for each in [upload_id] if upload_id else self.list_uploads(key):
            try:
                with plain_failures():
                    self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=each)
            except ClientError as error:
                if status(error) != 404:  # 404: completed or given up already
                    raise

    def list_uploads(self, key: str) -> list[str]:
        """The ids of all uploads under way to this key."""
        return [each["UploadId"] for each in self.list_all(key) if each["Key"] == key]

    def list_begun_before(self, then: datetime) -> list[Begun]:
        found = [each for each in self.list_all("files/") if each["Initiated"] < then]
        return [Begun(each["Key"], each["UploadId"], each["Initiated"]) for each in found]

    def list_all(self, prefix: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        with plain_failures():
            return [each for page in pages for each in page.get("Uploads", [])]


def part(found: dict[str, Any]) -> Part:
    sha256 = str(found.get("ChecksumSHA256", ""))
    return Part(found["PartNumber"], found["Size"], found["ETag"], sha256, found["LastModified"])
