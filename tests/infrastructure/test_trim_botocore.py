"""Trimmed service descriptions still do everything the code asks for, and little else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import botocore
import botocore.session
import pytest
from botocore.client import BaseClient

from infrastructure.trim_botocore import trim
from portal.aws.client.calls import Clients

SERVICES = ("dynamodb", "s3", "sesv2", "sts")
CODE = """
def talk(clients):
    clients.get("dynamodb").transact_write_items(TransactItems=[])
    clients.get("s3").generate_presigned_post("bucket", "key")
    clients.get("s3").generate_presigned_url("get_object", Params={})
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a few services' descriptions, trimmed to CODE."""
    folder = tmp_path_factory.mktemp("botocore")
    original = Path(botocore.__file__).parent / "data"
    for service in SERVICES:
        shutil.copytree(original / service, folder / "data" / service)
    for path in original.glob("*.json"):
        shutil.copy(path, folder / "data")
    (folder / "code").mkdir()
    (folder / "code" / "talk.py").write_text(CODE)
    trim(folder / "data", [folder / "code"])
    return folder / "data"


def client(data: Path, service: str, region: str = "eu-central-1") -> BaseClient:
    session = botocore.session.Session()
    session.get_component("data_loader")._search_paths[:] = [str(data)]
    session.set_credentials("AKIDEXAMPLE", "secret")
    return session.create_client(service, region_name=region, config=Clients(region).config(service))


def test_what_the_code_calls_is_kept_and_nothing_else(data: Path) -> None:
    operations = client(data, "dynamodb").meta.service_model.operation_names
    assert operations == ["TransactWriteItems"]
    assert sorted(entry.name for entry in data.iterdir() if entry.is_dir()) == ["dynamodb", "s3", "sts"]


@pytest.mark.requirement("T11")
def test_presigning_goes_to_the_regional_host(data: Path) -> None:
    """The endpoint is resolved with the trimmed rules as with the whole."""
    s3 = client(data, "s3")
    post = s3.generate_presigned_post("bucket", "key")
    assert post["url"] == "https://bucket.s3.eu-central-1.amazonaws.com/"
    assert post["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    get = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
    assert get.startswith("https://bucket.s3.eu-central-1.amazonaws.com/key?")


@pytest.mark.requirement("R67")
@pytest.mark.parametrize(
    "region", ["us-east-1", "ap-southeast-5", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"]
)
def test_every_region_and_partition_resolves_as_with_the_whole(data: Path, region: str) -> None:
    whole = Path(botocore.__file__).parent / "data"
    for service in SERVICES:
        if (data / service).exists():
            trimmed = client(data, service, region).meta.endpoint_url
            assert trimmed == client(whole, service, region).meta.endpoint_url
    parameters = {"Bucket": "bucket", "Key": "key"}
    trimmed, full = (
        client(folder, "s3", region).generate_presigned_url("get_object", Params=parameters).partition("?")[0]
        for folder in (data, whole)
    )
    assert trimmed == full


def test_every_region_of_every_partition_stays(data: Path) -> None:
    """One that the portal could not name would be a portal that cannot be moved there."""
    whole = Path(botocore.__file__).parent / "data"
    for file in ("endpoints.json", "partitions.json"):
        kept, before = (json.loads((folder / file).read_text()) for folder in (data, whole))
        assert [each["regions"].keys() for each in kept["partitions"]] == [
            each["regions"].keys() for each in before["partitions"]
        ]
