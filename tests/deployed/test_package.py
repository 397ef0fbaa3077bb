"""The zip that Lambda gets: complete, quick to start, and nothing in it that is not ours to publish."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infrastructure.failures import CommandFailed
from infrastructure.package import build
from infrastructure.runtime import Runtime, find_python, list_misfits, own_runtime, pinned_runtime
from portal.version import read_version

ENVIRONMENT = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "an example",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # no page asked for here may need AWS
    "PORTAL_PUBLIC_URL": "https://files.example.org",
    "PORTAL_TABLE": "table",
    "PORTAL_FILES_BUCKET": "files",
    "PORTAL_LOGS_BUCKET": "logs",
    "PORTAL_MAIL_FROM": "portal@example.org",
    "PORTAL_OIDC_METADATA_URL": "https://people.example.org/.well-known/openid-configuration",
    "PORTAL_OIDC_CLIENT_ID": "client",
    "PORTAL_OIDC_CLIENT_SECRET": "a client's secret",
    "PORTAL_SECRET_KEY": "a secret key of more than thirty-two characters",
}
ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
from portal.lambda_entry import handler
answers = [handler(event, None) for event in json.load(sys.stdin)]
files = {name: str(getattr(module, "__file__", "")) for name, module in sys.modules.items()}
strange = [name for name, file in files.items() if "site-packages" in file]
json.dump({"answers": answers, "strange": strange}, sys.stdout)
"""


def ask(task: Path, *paths: str) -> dict[str, Any]:
    """What the handler answers, in a Python that sees its own library and the package, and nothing else."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASK, str(task)],
        input=json.dumps([request(path) for path in paths]),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def request(path: str) -> dict[str, Any]:
    """An event of API Gateway's REST API (payload 1.0), reached through a domain of our own."""
    headers = {"Host": "files.example.org", "Accept": "text/html", "X-Forwarded-Proto": "https"}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "path": path,
            "stage": "production",
            "requestId": "c6af9ac6",
            "domainName": "files.example.org",
            "identity": {"sourceIp": "192.0.2.7"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


@pytest.fixture(scope="module")
def names(package: Path) -> list[str]:
    with zipfile.ZipFile(package) as archive:
        return archive.namelist()


@pytest.mark.requirement("R64")
def test_the_handler_serves_pages_out_of_the_zip(unpacked: Path) -> None:
    """Nothing but the package is imported, and neither page needs AWS."""
    said = ask(unpacked, "/healthz", "/")
    health, landing = said["answers"]
    assert health["statusCode"] == 200
    assert json.loads(health["body"]) == {"status": "ok", "version": read_version()}
    assert landing["statusCode"] == 200
    assert "<h1" in landing["body"]
    assert "text/html" in str(landing["multiValueHeaders"])
    assert said["strange"] == []


@pytest.mark.requirement("R66")
def test_what_is_private_or_useless_stays_out(names: list[str]) -> None:
    """Neither tests nor history, local people, settings or Zappa's own handler."""
    tops = {name.split("/")[0] for name in names}
    assert not tops & {
        "tests", "infrastructure", "docs", "tools", "benchmarks", "cli", "node_modules", "build",
        "handler.py", "zappa", "package_info.json", "zappa_settings.json", ".git", ".local", "ministack",
        "moto", "pytest",
    }  # fmt: skip
    assert not [name for name in names if name.startswith("portal/local/")]
    assert {"portal", "templates", "static"} <= tops


def test_lambda_takes_the_package_directly(package: Path, names: list[str]) -> None:
    """Lambda takes 50 MB zipped in one request, 250 MB unpacked ("Lambda quotas")."""
    assert package.stat().st_size < 50_000_000
    with zipfile.ZipFile(package) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 250_000_000


def test_bytecode_is_taken_without_asking_for_dates(unpacked: Path) -> None:
    """Zappa dates every file 1980: bytecode that is checked by date is dead, and each start recompiles."""
    sources = [*(unpacked / "portal").rglob("*.py"), *(unpacked / "flask").rglob("*.py")]
    for source in [one for one in sources if one.stat().st_size]:  # Zappa adds empty ones, to any folder
        compiled = Path(importlib.util.cache_from_source(str(source)))
        assert compiled.exists(), source
        header = compiled.read_bytes()[:8]
        assert header[:4] == importlib.util.MAGIC_NUMBER, source
        assert int.from_bytes(header[4:], "little") == 0b01, f"{source}: hash-based and unchecked (PEP 552)"


def test_templates_come_compiled(names: list[str]) -> None:
    compiled = [name for name in names if name.startswith("portal/web/compiled_templates/")]
    assert len([name for name in compiled if name.endswith(".py")]) > 1


@pytest.fixture(scope="module")
def pinned_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it is deployed. Its wheels come from the registry, and from uv's cache once they were fetched."""
    runtime = pinned_runtime()
    try:
        find_python(runtime)
    except CommandFailed as error:
        pytest.skip(str(error))
    return build(tmp_path_factory.mktemp("pinned"), runtime, [])


def test_the_package_is_for_the_function_whatever_machine_makes_it(pinned_package: Path) -> None:
    """Python 3.13 on arm64: every compiled file of the zip is, and there are some."""
    runtime = pinned_runtime()
    assert runtime == Runtime("python3.13", "arm64")
    with zipfile.ZipFile(pinned_package) as archive:
        names = archive.namelist()
        assert list_misfits(archive, runtime) == []
        if own_runtime() != runtime:
            assert list_misfits(archive, own_runtime()) != []
    assert len([name for name in names if name.endswith(".so")]) > 3
    tag = runtime.version.replace(".", "")
    compiled = [name for name in names if name.endswith(".pyc")]
    for path in ("portal/__pycache__/lambda_entry", "flask/__pycache__/app", "botocore/__pycache__/client"):
        assert f"{path}.cpython-{tag}.pyc" in compiled
    assert pinned_package.stat().st_size < 50_000_000
