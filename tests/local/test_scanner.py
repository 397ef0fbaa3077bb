"""The stand-in for the malware scanner: what it says of what, as a tag and as an event, and when asked."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import pytest

from portal.aws.client.calls import Clients
from portal.aws.guardduty.scanner import Scanner as PortalScanner
from portal.events import scan as events
from portal.local import scanner as local
from portal.local.ministack import MiniStack
from portal.local.processes import free_port
from portal.local.scanner import CLEAN, EICAR, THREAT, UNSUPPORTED, Scanner, Verdict, Version, scan

pytestmark = pytest.mark.requirement("R36")


def zipped(encrypted: bool = False) -> bytes:
    """An archive; encrypted: as its flags say, which is all that a scanner needs to know."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("plan.txt", b"plan")
    body = bytearray(made.getvalue())
    if encrypted:
        body[6] |= 1
        body[body.index(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


BODIES = {
    "plain": (b"twelve bytes", CLEAN),
    "test virus": (EICAR, THREAT),
    "archive": (zipped(), CLEAN),
    "encrypted archive": (zipped(encrypted=True), UNSUPPORTED),
    "no archive": (b"PK\x03\x04 but not really", CLEAN),
}


@pytest.mark.parametrize("name", BODIES)
def test_what_it_says_of_what(name: str) -> None:
    body, status = BODIES[name]
    assert scan(body, lambda _: None).status == status


def test_where_clamav_is_installed_it_has_its_say() -> None:
    found = Verdict(THREAT, ("Win.Test-1",))
    assert scan(b"twelve bytes", lambda _: found) == found
    assert scan(zipped(encrypted=True), lambda _: found).status == UNSUPPORTED


@pytest.fixture
def scanner(aws: MiniStack) -> Scanner:
    s3, sqs, name = aws.session().client("s3"), aws.session().client("sqs"), f"scanned-{uuid4().hex}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    queue = sqs.create_queue(QueueName=f"events-{uuid4().hex}")["QueueUrl"]
    return Scanner(s3, sqs, name, queue)


def put(scanner: Scanner, body: bytes) -> Version:
    made = scanner.s3.put_object(Bucket=scanner.bucket, Key="files/a/b", Body=body)
    return Version("files/a/b", made["VersionId"])


def receive(scanner: Scanner) -> list[dict[str, Any]]:
    found = scanner.sqs.receive_message(QueueUrl=scanner.queue_url, MaxNumberOfMessages=10)
    return [json.loads(each["Body"]) for each in found.get("Messages", [])]


def test_each_version_is_tagged_and_told_of_once(scanner: Scanner) -> None:
    """Also one that is not the newest, and after a restart."""
    first, second = put(scanner, EICAR), put(scanner, b"twelve bytes")
    assert scanner.scan_arrivals() == 2
    assert scanner.read_tags(first) == {"GuardDutyMalwareScanStatus": THREAT}
    assert scanner.read_tags(second) == {"GuardDutyMalwareScanStatus": CLEAN}
    told = receive(scanner)
    assert all(events.is_result(each) for each in told)
    assert {each["detail"]["s3ObjectDetails"]["versionId"] for each in told} == {
        first.version_id,
        second.version_id,
    }
    again = Scanner(scanner.s3, scanner.sqs, scanner.bucket, scanner.queue_url)
    assert (scanner.scan_arrivals(), again.scan_arrivals()) == (0, 0)


def test_the_portal_asks_for_another_scan_as_it_asks_guardduty(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the SDK, to another endpoint; of a bucket without a scanner it is told no."""
    version, port = put(scanner, EICAR), free_port()
    for name, value in {
        "AWS_ENDPOINT_URL_GUARDDUTY": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    server = local.answer_requests(scanner, port)
    try:
        asking = PortalScanner(Clients("eu-central-1"), scanner.bucket)
        assert asking.scan(*version)
        assert not PortalScanner(Clients("eu-central-1"), "elsewhere").scan(*version)
    finally:
        server.shutdown()
        server.server_close()
    (told,) = receive(scanner)
    assert told["detail"]["scanResultDetails"]["threats"] == [{"name": "EICAR-Test-File"}]
