"""Where bytes go, and what the pages allow: one address, in every region and partition.

Tests elsewhere run in one region or behind an endpoint of their own, which hides what the others do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import botocore.session
import pytest

from portal.aws.client import calls
from portal.domain.files.file import File, FileState
from portal.domain.uploads.parts import MIB, AskedPart
from tests.builders import Clock, Running, make_running

pytestmark = pytest.mark.requirement("R67")

PARTITIONS = botocore.session.get_session().get_available_partitions()
REGIONS = sorted(
    region
    for partition in PARTITIONS
    for region in botocore.session.get_session().get_available_regions("s3", partition)
)
NAMED = ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "ap-southeast-5", "eusc-de-east-1")
# What the SDK reads from the environment and what it makes of the host.
CONFIGURATIONS = {
    "global host asked for": {"AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "legacy"},
    "dual stack": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "FIPS": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "an endpoint of its own": {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
    "an endpoint for S3 alone": {"AWS_ENDPOINT_URL_S3": "https://s3.example.org:9000/storage"},
    "both": {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_S3": "https://s3.example.org"},
}


@pytest.fixture(autouse=True)
def somebodys_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "an example of a secret")
    calls.forget()
    yield
    calls.forget()


def list_allowed_hosts(portal: Running) -> set[tuple[str, ...]]:
    """What each directive of a page's policy allows besides ourselves and the provider."""
    answer = portal.app.test_client().get("/no/such/page", base_url=portal.config.public_url)
    policy = dict(each.split(" ", 1) for each in answer.headers["Content-Security-Policy"].split("; "))
    return {
        tuple(word for word in policy[name].split() if word not in {"'self'", "https://id.example.org"})
        for name in ("connect-src", "form-action")
    }


def list_signed_addresses(portal: Running) -> list[str]:
    """One address of every kind that a browser is sent to."""
    objects, parts = portal.portal.services.objects, portal.portal.services.parts
    file = File("0" * 26, "1" * 26, "film.mp4", 64 * MIB, "video/mp4", FileState.READY, portal.clock.now)
    large = replace(file, upload_id="an-upload", part_bytes=8 * MIB)
    return [
        objects.post_form(file, None, 60).url,
        parts.sign_part(large, AskedPart(1), 60).url,
        objects.download_address(file.pinned, "note", 60),
        objects.preview_address(file.pinned, "note", 60),
    ]


def common_origin(portal: Running) -> str:
    """The one origin that every address has, and that the pages are told."""
    addresses = list_signed_addresses(portal)
    (origin,) = {"{0.scheme}://{0.netloc}".format(urlsplit(each)) for each in addresses}
    bucket = portal.config.files_bucket
    assert all(f"//{bucket}." in each or f"/{bucket}" in urlsplit(each).path for each in addresses)
    assert portal.portal.services.objects.origin() == origin
    return origin


@pytest.mark.parametrize("region", REGIONS)
def test_addresses_are_on_the_regions_own_host(clock: Clock, region: str) -> None:
    """A global host redirects, which no upload follows. A bucket whose name has dots is in the path: a
    wildcard certificate covers one label only.
    """
    for bucket, host in [("portal-files", "portal-files.s3"), ("files.example.org", "s3")]:
        portal = make_running(clock, AWS_REGION=region, PORTAL_FILES_BUCKET=bucket)
        assert common_origin(portal).startswith(f"https://{host}.{region}.")


@pytest.mark.parametrize("bucket", ["portal-files", "files.example.org"])
@pytest.mark.parametrize("region", NAMED)
def test_pages_allow_the_host_that_addresses_are_signed_for(clock: Clock, region: str, bucket: str) -> None:
    portal = make_running(clock, AWS_REGION=region, PORTAL_FILES_BUCKET=bucket)
    assert list_allowed_hosts(portal) == {(common_origin(portal),)}


@pytest.mark.parametrize("named", CONFIGURATIONS)
def test_however_the_sdk_is_configured(clock: Clock, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    for name, value in CONFIGURATIONS[named].items():
        monkeypatch.setenv(name, value)
    portal = make_running(clock, AWS_REGION="us-east-1", **CONFIGURATIONS[named])
    origin = common_origin(portal)
    assert list_allowed_hosts(portal) == {(origin,)}
    assert "amazonaws.com" not in origin or "us-east-1" in origin


def test_an_endpoint_in_a_profile_is_believed_too(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[default]\nendpoint_url = https://storage.example.org\n")
    portal = make_running(clock)
    origin = common_origin(portal)
    assert list_allowed_hosts(portal) == {(origin,)}
    assert origin.endswith("storage.example.org")


@pytest.mark.requirement("R64")
def test_pages_need_no_credentials(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address alone is not signed, so a page is there before the keys are."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    portal = make_running(clock)
    assert list_allowed_hosts(portal) == {("https://portal-files.s3.eu-central-1.amazonaws.com",)}
