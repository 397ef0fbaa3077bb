"""Where the benchmark plays: radosgw, the slow network, the whole portal before it, and Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.radosgw import Radosgw
from portal.local.chromium import ARGUMENTS, find_chromium
from portal.local.ministack import REGION
from portal.local.people import STAFF
from portal.local.processes import Child, accepts_connections, free_port
from portal.local.session import LocalPortal, local_portal

CHECKOUT = Path(__file__).parents[2]
# By method, and whether an upload's id and a part's number are given.
OPERATIONS = {
    ("PUT", False, False): "put_object",
    ("POST", False, False): "create_multipart_upload",
    ("PUT", True, True): "upload_part",
    ("POST", True, False): "complete_multipart_upload",
    ("DELETE", True, False): "abort_multipart_upload",
    ("GET", True, False): "list_parts",
}
HOUR = 3_600_000  # milliseconds; how long a step in the page may take


@dataclass
class Stage:
    """The portal on one way to S3, and someone signed in. `address` is S3's as the browser knows it."""

    portal: LocalPortal
    s3: Radosgw
    address: str
    browser: Browser
    bundle: str = field(repr=False)
    context: BrowserContext = field(init=False)

    def __post_init__(self) -> None:
        # The page's policy forbids scripts that are not its own, which the baselines are.
        self.context = self.browser.new_context(base_url=self.portal.url, locale="en-GB", bypass_csp=True)
        self.context.set_default_timeout(HOUR)
        page = self.context.new_page()
        page.goto("/upload")
        page.locator("[name=username]").fill(STAFF.email)
        page.locator("[name=password]").fill(STAFF.password)
        page.locator("[type=submit]").first.click()
        page.wait_for_url("**/upload")
        page.close()

    @property
    def bucket(self) -> str:
        return self.portal.environment["PORTAL_FILES_BUCKET"]

    @cached_property
    def client(self) -> Any:
        return self.client_of(self.s3.endpoint)

    @cached_property
    def signer(self) -> Any:
        """Signs for the address that the browser knows; it sends nothing."""
        return self.client_of(self.address)

    def client_of(self, address: str) -> Any:
        style = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        return boto3.client(
            "s3", region_name=REGION, endpoint_url=address, config=style,
            aws_access_key_id=self.s3.access_key, aws_secret_access_key=self.s3.secret_key,
        )  # fmt: skip

    def signed_form(self, key: str) -> dict[str, Any]:
        conditions = [["starts-with", "$key", key.partition("$")[0]]]
        made: dict[str, Any] = self.signer.generate_presigned_post(
            self.bucket, key, Conditions=conditions, ExpiresIn=3600
        )
        return made

    def signed(self, asked: dict[str, Any]) -> str:
        """A presigned address, asked for as Uppy's plugin asks: method, key, and of parts id and number."""
        operation = OPERATIONS[asked["method"], "uploadId" in asked, "partNumber" in asked]
        named = {"Bucket": self.bucket, "Key": asked["key"]}
        if "uploadId" in asked:
            named["UploadId"] = asked["uploadId"]
        if "partNumber" in asked:
            named["PartNumber"] = asked["partNumber"]
        return str(self.signer.generate_presigned_url(operation, Params=named, ExpiresIn=3600))

    @contextmanager
    def page(self) -> Iterator[Page]:
        """The upload page, ready; what was sent from it is gone from S3's memory afterwards."""
        page = self.context.new_page()
        page.goto("/upload")
        page.locator(".uppy-Dashboard-inner").wait_for()
        page.add_script_tag(content=self.bundle)
        page.expose_function("signed", self.signed)
        try:
            yield page
        finally:
            page.close(run_before_unload=False)
            self.empty()

    def empty(self) -> None:
        client = self.client
        for page in client.get_paginator("list_object_versions").paginate(Bucket=self.bucket):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                client.delete_object(Bucket=self.bucket, Key=each["Key"], VersionId=each["VersionId"])
        for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket):
            for each in page.get("Uploads", []):
                client.abort_multipart_upload(Bucket=self.bucket, Key=each["Key"], UploadId=each["UploadId"])
        time.sleep(3)  # S3's own sweep, so that it does not run beside the next measurement

    def make_bucket(self) -> None:
        """Versioned and with the origin's CORS, as the production template says. A page of ours need not
        read ETags; Uppy's plugin does."""
        client = self.client
        client.create_bucket(Bucket=self.bucket)
        client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        rule = {
            "AllowedOrigins": [self.portal.url], "AllowedMethods": ["GET", "POST", "PUT"],
            "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag", "x-amz-version-id"], "MaxAgeSeconds": 3600,
        }  # fmt: skip
        client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [rule]})


@contextmanager
def stage(*, slow: bool, megabytes: float = 20, milliseconds: float = 100) -> Iterator[Stage]:
    """Everything, with S3 behind the slow network or straight."""
    with (
        tempfile.TemporaryDirectory(prefix="uploads-") as temporary,
        Radosgw() as s3,
        network(Path(temporary), s3, slow, megabytes, milliseconds) as address,
        local_portal(Path(temporary), settings=settings(s3, address)) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        made = Stage(portal, s3, address, browser, bundle(Path(temporary)))
        made.make_bucket()
        yield made
        browser.close()


def settings(s3: Radosgw, address: str) -> dict[str, str]:
    """radosgw does not know embedded AWS's roles, so the portal has one key for both: that of embedded AWS's
    root, of which MiniStack does not check the secret."""
    return {
        "AWS_ENDPOINT_URL_S3": address,
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
    }


@contextmanager
def network(folder: Path, s3: Radosgw, slow: bool, megabytes: float, milliseconds: float) -> Iterator[str]:
    """S3's address: its own, or that of a slow network before it."""
    if not slow:
        yield s3.endpoint
        return
    port = free_port()
    asked = ["--listen", port, "--to", s3.port, "--megabytes", megabytes, "--milliseconds", milliseconds]
    with Child("benchmarks.slow_proxy", [*map(str, asked)], os.environ, folder / "proxy.log") as proxy:
        proxy.wait_until(lambda: accepts_connections(port))
        yield f"http://127.0.0.1:{port}"


def bundle(folder: Path) -> str:
    """inside.js with Uppy in it. Node is the machine's, or the one in the virtual environment."""
    made = folder / "inside.js"
    path = f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}"
    subprocess.run(
        ["node_modules/.bin/esbuild", "benchmarks/uploads/inside.js", "--bundle", "--minify",
         "--format=iife", f"--outfile={made}", "--log-level=error"],
        cwd=CHECKOUT, env={**os.environ, "PATH": path}, check=True,
    )  # fmt: skip
    return made.read_text(encoding="utf-8")
