"""Trimmed service descriptions still do everything the code asks for, and little else."""

from __future__ import annotations

import shutil
from pathlib import Path

import botocore
import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.config import Config

from infrastructure.trim_botocore import trim

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
    return session.create_client(service, region_name=region, config=Config(signature_version="s3v4"))


def test_what_the_code_calls_is_kept_and_nothing_else(data: Path) -> None:
    operations = client(data, "dynamodb").meta.service_model.operation_names
    assert operations == ["TransactWriteItems"]
    assert sorted(entry.name for entry in data.iterdir() if entry.is_dir()) == ["dynamodb", "s3", "sts"]


def test_presigning_goes_to_the_regional_host(data: Path) -> None:
    """T11: the endpoint is resolved with the trimmed rules as with the whole."""
    s3 = client(data, "s3")
    post = s3.generate_presigned_post("bucket", "key")
    assert post["url"] == "https://bucket.s3.eu-central-1.amazonaws.com/"
    assert post["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    get = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
    assert get.startswith("https://bucket.s3.eu-central-1.amazonaws.com/key?")


def test_other_partitions_still_resolve(data: Path) -> None:
    assert client(data, "dynamodb", "cn-north-1").meta.endpoint_url.endswith("cn-north-1.amazonaws.com.cn")
