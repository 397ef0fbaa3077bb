"""The bytes in S3: what a browser needs to send and fetch them by itself, and what only the server may do.

Presigning makes no call. Sources: "POST Policy" and "Authenticating Requests" of the Amazon S3 API reference.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from botocore import UNSIGNED
from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, plain_failures, status
from portal.domain.files import names
from portal.domain.files.file import File, ObjectVersion, PresignedPost, SharedFile, StoredObject

# Whose download is being signed; each thread and task has its own.
PORTAL = MappingProxyType({"x-recipient": "portal"})
NOTES: ContextVar[Mapping[str, str]] = ContextVar("notes", default=PORTAL)
# Whether only an address is wanted, which takes no credentials.
UNSIGNED_ADDRESS: ContextVar[bool] = ContextVar("unsigned_address", default=False)


class Objects:
    def __init__(self, clients: Clients, bucket: str) -> None:
        self.clients = clients
        self.bucket = bucket

    @property
    def client(self) -> Any:
        client = self.clients.get("s3")
        events = client.meta.events
        events.register_last("before-sign.s3.GetObject", add_notes, unique_id="portal-note")
        events.register("choose-signer.s3.GetObject", choose_signer, unique_id="portal-signer")
        return client

    def origin(self) -> str:
        """Scheme, host and port of every address signed here, for the Content-Security-Policy.

        The client itself says it, since only it knows what a region, a partition, a bucket's name and the
        SDK's configuration make of the host (R67). No credentials are asked for, and no call is made.
        """
        token = UNSIGNED_ADDRESS.set(True)
        try:
            address = self.client.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": "files/"}
            )
        finally:
            UNSIGNED_ADDRESS.reset(token)
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc}"

    def post_form(self, file: File, redirect: str | None, seconds: int) -> PresignedPost:
        """A form for exactly this file: every field has its condition and every condition its field (R27,
        T11).

        redirect: where a browser without scripts goes on; else S3 answers 201. The length is what was
        announced, or, where nobody could announce it, anything from one byte to the most.
        """
        fields = {
            "Content-Type": file.content_type,
            "x-amz-meta-file": file.id,
            "x-amz-meta-owner": file.owner_id,
            # S3 refuses other bytes than these (R32).
            **({"x-amz-checksum-sha256": to_base64(file.sha256)} if file.sha256 else {}),
            **({"success_action_redirect": redirect} if redirect else {"success_action_status": "201"}),
        }
        least, most = (1, file.most_bytes) if file.most_bytes else (file.size, file.size)
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", least, most])
        made = self.client.generate_presigned_post(
            self.bucket, file.key, Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds
        )
        return PresignedPost(made["url"], dict(made["fields"]))

    def download_address(self, file: SharedFile, note: str, seconds: int, request_id: str = "") -> str:
        """A presigned GET of the pinned version, saved under its name and shown by no browser (R35)."""
        notes = make_notes(note, request_id)
        return self.sign_get(file, notes, seconds, names.attachment(file.name), "application/octet-stream")

    def preview_address(self, file: SharedFile, note: str, seconds: int, request_id: str = "") -> str:
        """A presigned GET that a browser shows, as the closed list's own type and no other (R35)."""
        notes = make_notes(note, request_id)
        return self.sign_get(file, notes, seconds, names.inline(file.name), names.preview_type(file.name))

    def sign_get(
        self, file: SharedFile, notes: Mapping[str, str], seconds: int, disposition: str, content_type: str
    ) -> str:
        parameters = {
            "Bucket": self.bucket,
            "Key": file.key,
            "ResponseContentDisposition": disposition,
            "ResponseContentType": content_type,
            **({"VersionId": file.version_id} if file.version_id else {}),
        }
        token = NOTES.set(notes)
        try:
            return str(self.client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds))
        finally:
            NOTES.reset(token)

    def head(self, key: str, version_id: str = "") -> StoredObject | None:
        asked = {"Bucket": self.bucket, "Key": key, "ChecksumMode": "ENABLED"}
        asked |= {"VersionId": version_id} if version_id else {}
        try:
            with plain_failures():
                answer = self.client.head_object(**asked)
        except ClientError as error:
            if status(error) in {404, 405}:  # 405: the version asked for is a delete marker
                return None
            raise
        return StoredObject(
            size=answer["ContentLength"],
            content_type=answer.get("ContentType", ""),
            etag=answer.get("ETag", "").strip('"'),
            version_id=answer.get("VersionId", ""),
            metadata=answer.get("Metadata", {}),
            sha256=whole_sha256(answer),
        )

    def put(self, file: File, data: bytes) -> None:
        """With the type, the facts and the hash that a form would have asked of a browser."""
        with plain_failures():
            self.client.put_object(
                Bucket=self.bucket, Key=file.key, Body=data, ContentType=file.content_type,
                Metadata={"file": file.id, "owner": file.owner_id},
                ChecksumSHA256=to_base64(file.sha256),
            )  # fmt: skip

    def copy(self, source: File, target: File) -> None:
        """Copy a pinned version to another file's key, inside S3. At most 5 GiB, as one CopyObject takes."""
        with plain_failures():
            self.client.copy_object(
                Bucket=self.bucket,
                Key=target.key,
                CopySource={"Bucket": self.bucket, "Key": source.key, "VersionId": source.version_id},
                ContentType=target.content_type,
                Metadata={"file": target.id, "owner": target.owner_id},
                MetadataDirective="REPLACE",
                TaggingDirective="REPLACE",  # tags of a malware scan belong to the bytes that were scanned
            )

    def versions(self, key: str) -> list[ObjectVersion]:
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=key)
        with plain_failures():
            return [
                ObjectVersion(each["VersionId"], each["Size"], each["LastModified"], each["IsLatest"])
                for page in pages
                for each in page.get("Versions", [])
                if each["Key"] == key
            ]

    def remove(self, key: str, version_id: str = "") -> None:
        """A version that S3 still locks is released first: who may remove it was asked before."""
        with plain_failures():
            for each in [version_id] if version_id else self.everything(key):
                try:
                    self.client.delete_object(Bucket=self.bucket, Key=key, VersionId=each)
                except ClientError as error:
                    if status(error) != 403 or not self.set_version_hold(key, each, on=False):
                        raise
                    self.client.delete_object(Bucket=self.bucket, Key=key, VersionId=each)

    def set_legal_hold(self, key: str, *, on: bool) -> bool:
        versions = [each.version_id for each in self.versions(key)]
        with plain_failures():
            return all(self.set_version_hold(key, each, on=on) for each in versions)

    def set_version_hold(self, key: str, version_id: str, *, on: bool) -> bool:
        """S3's legal hold on one version; False where the bucket has no Object Lock (S3 says 400), or this
        implementation of S3 has none. Source: PutObjectLegalHold in the Amazon S3 API reference.
        """
        asked = {"Bucket": self.bucket, "Key": key, "VersionId": version_id}
        try:
            self.client.put_object_legal_hold(**asked, LegalHold={"Status": "ON" if on else "OFF"})
        except ClientError as error:
            if status(error) in {400, 403, 405, 501}:
                return False
            raise
        return True

    def everything(self, key: str) -> list[str]:
        """The ids of all versions and delete markers of one key."""
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=key)
        return [
            each["VersionId"]
            for page in pages
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if each["Key"] == key
        ]


def to_base64(digest: str) -> str:
    """A digest in hexadecimal as S3 writes it."""
    return base64.b64encode(bytes.fromhex(digest)).decode()


def whole_sha256(answer: Mapping[str, Any]) -> str:
    """The whole object's SHA-256 in hexadecimal, where S3 has it; of one that came in parts, whose tag ends
    in their number, it has only the hash of the parts' hashes ("Checking object integrity in Amazon S3").
    """
    in_parts = "-" in answer.get("ETag", "")
    return "" if in_parts else base64.b64decode(answer.get("ChecksumSHA256", "")).hex()


def make_notes(note: str, request_id: str) -> dict[str, str]:
    """Whose download it is, and the request that it was pressed in. Signed with the rest, they change nothing
    for S3 but its access log, which so tells who got how many bytes, and leads to the portal's own log.
    """
    return {"x-recipient": note, **({"x-request": request_id} if request_id else {})}


def add_notes(request: Any, **_: Any) -> None:
    """Give the request being signed what its line of the access log is to say (a handler of botocore's
    signing event).
    """
    request.params |= NOTES.get()


def choose_signer(**_: Any) -> Any:
    """No signer where only an address is wanted (a handler of botocore's event for anonymous requests)."""
    return UNSIGNED if UNSIGNED_ADDRESS.get() else None
