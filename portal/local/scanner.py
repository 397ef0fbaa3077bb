"""What GuardDuty does in AWS: scans the objects that arrive, leaves what it found on each version as a tag,
and says it in an event on the queue. It answers requests for another scan as well. Runs as the account's
root, as GuardDuty has a role of its own.

The test virus is a threat, an encrypted ZIP cannot be looked into, and everything else is what ClamAV says
where it is installed, else clean. Shapes: "Monitoring S3 object scans with Amazon EventBridge", GuardDuty
user guide.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import shutil
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple

import boto3

from portal.local.processes import end_with_parent

# The harmless text that every scanner finds (eicar.org), in halves, so that none finds it here.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TAG = "GuardDutyMalwareScanStatus"
CLEAN, THREAT, UNSUPPORTED, FAILED = "NO_THREATS_FOUND", "THREATS_FOUND", "UNSUPPORTED", "FAILED"
MOST_BYTES = 64 * 1024**2  # of an object that are looked at
EVERY_SECONDS = 1.0
CLAM_SECONDS = 60
ENCRYPTED = 0x1  # a flag of an entry in a ZIP (APPNOTE.TXT, 4.4.4)
log = logging.getLogger("portal.local.scanner")


class Verdict(NamedTuple):
    status: str
    threats: tuple[str, ...] = ()


class Version(NamedTuple):
    key: str
    version_id: str


def scan(body: bytes, ask_clam: Callable[[bytes], Verdict | None]) -> Verdict:
    if EICAR in body:
        return Verdict(THREAT, ("EICAR-Test-File",))
    if is_encrypted_archive(body):
        return Verdict(UNSUPPORTED)
    return ask_clam(body) or Verdict(CLEAN)


def is_encrypted_archive(body: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return any(each.flag_bits & ENCRYPTED for each in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def ask_clamav(body: bytes) -> Verdict | None:
    """What ClamAV says; None where it is not installed, or cannot say."""
    program = shutil.which("clamdscan") or shutil.which("clamscan")
    if program is None:
        return None
    by_daemon = ["--fdpass"] if program.endswith("clamdscan") else []
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(body)
        kept.flush()
        command = [program, "--no-summary", *by_daemon, kept.name]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=CLAM_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            return None
    if done.returncode == 1:
        found = done.stdout.partition(": ")[2].strip().removesuffix(" FOUND")
        return Verdict(THREAT, (found,))
    return Verdict(CLEAN) if done.returncode == 0 else None


@dataclass
class Scanner:
    """seen: the versions that need no look any more."""

    s3: Any
    sqs: Any
    bucket: str
    queue_url: str
    seen: set[Version] = field(default_factory=set)

    def scan_arrivals(self) -> int:
        """Scan what has no tag yet; returns how many versions that were."""
        scanned = 0
        for version in self.list_versions():
            if version in self.seen:
                continue
            self.seen.add(version)
            if TAG not in self.read_tags(version):
                self.scan(version)
                scanned += 1
        return scanned

    def list_versions(self) -> Iterator[Version]:
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix="files/")
        for page in pages:
            for each in page.get("Versions", []):
                yield Version(each["Key"], each["VersionId"])

    def scan(self, version: Version) -> Verdict:
        """Tag first, then tell, as GuardDuty does: who hears of it finds the tag there."""
        named = {"Bucket": self.bucket, "Key": version.key, "VersionId": version.version_id}
        body = self.s3.get_object(**named)["Body"].read(MOST_BYTES)
        verdict = scan(body, ask_clamav)
        tags = self.read_tags(version) | {TAG: verdict.status}
        entries = [{"Key": name, "Value": value} for name, value in tags.items()]
        self.s3.put_object_tagging(**named, Tagging={"TagSet": entries})
        event = json.dumps(make_event(self.bucket, version, verdict))
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=event)
        log.info("%s: %s", version.key, verdict.status)
        return verdict

    def read_tags(self, version: Version) -> dict[str, str]:
        answer = self.s3.get_object_tagging(Bucket=self.bucket, Key=version.key, VersionId=version.version_id)
        return {each["Key"]: each["Value"] for each in answer["TagSet"]}


def make_event(bucket: str, version: Version, verdict: Verdict) -> dict[str, Any]:
    """As EventBridge puts it into the queue."""
    threats = [{"name": each} for each in verdict.threats] or None
    return {
        "version": "0",
        "detail-type": "GuardDuty Malware Protection Object Scan Result",
        "source": "aws.guardduty",
        "detail": {
            "schemaVersion": "1.0",
            "scanStatus": "COMPLETED",
            "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {
                "bucketName": bucket,
                "objectKey": version.key,
                "versionId": version.version_id,
            },
            "scanResultDetails": {"scanResultStatus": verdict.status, "threats": threats},
        },
    }


def answer_requests(scanner: Scanner, port: int) -> HTTPServer:
    """SendObjectMalwareScan, of GuardDuty's API."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
            named = asked.get("s3Object", {})
            is_known = self.path == "/object-malware-scan/send" and named.get("bucket") == scanner.bucket
            if is_known:
                scanner.seen.discard(Version(named["key"], named["versionId"]))
                scanner.scan(Version(named["key"], named["versionId"]))
            body = b"{}"
            self.send_response(200 if is_known else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """The scan itself is logged."""

    server = HTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True, name="scans-on-demand").start()
    return server


def main() -> None:
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--queue-url", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    scanner = Scanner(boto3.client("s3"), boto3.client("sqs"), arguments.bucket, arguments.queue_url)
    answer_requests(scanner, arguments.port)
    while True:
        try:
            scanner.scan_arrivals()
        except Exception:
            log.exception("a scan failed")
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
