"""The zip that Lambda gets: complete, quick to start, and nothing in it that is not ours to publish."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infrastructure.failures import CommandFailed
from infrastructure.package import build, record_compiled
from infrastructure.runtime import Runtime, find_python, list_misfits, own_runtime, pinned_runtime
from portal.version import read_version
from tests.deployed.conftest import STAGE

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
    assert {"portal", "static"} <= tops


def test_lambda_takes_the_package_directly(package: Path, names: list[str]) -> None:
    """Lambda takes 50 MB zipped in one request, 250 MB unpacked ("Lambda quotas")."""
    assert package.stat().st_size < 50_000_000
    with zipfile.ZipFile(package) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 250_000_000


def test_bytecode_stands_for_its_source_and_is_taken_without_asking_for_dates(unpacked: Path) -> None:
    """Zappa dates every file 1980: bytecode that is checked by date is dead, and each start recompiles."""
    assert [
        str(each) for each in unpacked.rglob("*.py") if each.stat().st_size and each.parent != unpacked
    ] == []
    compiled = list(unpacked.rglob("*.pyc"))
    assert {unpacked / "portal/lambda_entry.pyc", unpacked / "flask/app.pyc"} <= set(compiled)
    for each in compiled:
        header = each.read_bytes()[:8]
        assert header[:4] == importlib.util.MAGIC_NUMBER, each
        assert int.from_bytes(header[4:], "little") == 0b01, f"{each}: hash-based and unchecked (PEP 552)"


def test_templates_come_compiled(names: list[str]) -> None:
    compiled = [name for name in names if name.startswith("portal/web/compiled_templates/")]
    assert len([name for name in compiled if name.endswith(".pyc")]) > 1


def test_the_package_is_small(package: Path, names: list[str]) -> None:
    """What Lambda fetches before a start: 29 MB and 6,500 files once, half of it time zones and languages."""
    with zipfile.ZipFile(package) as archive:
        parts: Counter[str] = Counter()
        for entry in archive.infolist():
            parts[entry.filename.split("/")[0]] += entry.compress_size
    largest = ", ".join(f"{part} {size // 1000:,} kB" for part, size in parts.most_common(8))
    assert package.stat().st_size <= 13_000_000, largest
    assert len(names) <= 2_500, Counter(name.split("/")[0] for name in names).most_common(8)


DATES_AND_NUMBERS = """
import sys
sys.path.insert(0, sys.argv[1])
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from portal import formatting
at, zone = datetime(2026, 3, 1, 12, 30, tzinfo=UTC), ZoneInfo("Asia/Kathmandu")
for language in ("en", "de"):
    print(formatting.moment(at, zone, language, at), formatting.date(at, zone, language, at))
    print(formatting.exact(at, zone, language), formatting.city(zone, language))
    print(formatting.size(2**31, language), formatting.number(12345678, language))
"""


def test_both_languages_say_dates_and_numbers_as_a_checkout_does(unpacked: Path) -> None:
    checkout = Path(__file__).parents[2]
    said = [
        subprocess.run(
            [sys.executable, *options, "-c", DATES_AND_NUMBERS, str(place)],
            capture_output=True, text=True, check=True,
        ).stdout
        for options, place in ((["-I", "-S"], unpacked), (["-I"], checkout))
    ]  # fmt: skip
    assert said[0] == said[1]
    assert "Kathmandu" in said[0]


def test_what_is_noted_is_the_same_each_time(build_folder: Path, package: Path) -> None:
    """A package of the same sources has the same digest, so that a second deploy changes nothing."""
    kept = build_folder / STAGE / "project/portal/compiled_ahead.kept"
    noted = kept.read_bytes()
    record_compiled(build_folder / STAGE, own_runtime(), sys.executable)
    assert kept.read_bytes() == noted
    with zipfile.ZipFile(package) as archive:
        assert archive.read("portal/compiled_ahead.kept") == noted


LIBRARIES = """
import sys
sys.path.insert(0, sys.argv[1])
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc import jwt
from joserfc.jwk import RSAKey
key = RSAKey.import_key(generate_private_key(65537, 2048))
assert jwt.decode(jwt.encode({"alg": "RS256"}, {"sub": "ana"}, key), key).claims == {"sub": "ana"}
import authlib.integrations.flask_client, boto3, charset_normalizer, flask_babel, segno
assert charset_normalizer.from_bytes("Zürich, Österreich".encode("utf-8")).best().encoding == "utf_8"
assert segno.make("a").svg_inline().startswith("<svg")
assert flask_babel.support.Translations.load  # babel's own messages are not asked for
import wtforms.i18n
german = wtforms.i18n.get_translations(["de"])
assert german.gettext("This field is required.") == "Dieses Feld wird benötigt."
from certifi import where
from botocore.httpsession import get_cert_path
assert get_cert_path(True) == where()
"""


def test_libraries_work_without_what_was_left_out(unpacked: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", LIBRARIES, str(unpacked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


COMPILED_AT_A_START = """
import json, re, sys
sys.path.insert(0, sys.argv[1])
from portal import compiled_ahead
texts, compile_text = [], re._compiler._code
re._compiler._code = lambda parsed, flags: texts.append(parsed.state.str) or compile_text(parsed, flags)
from portal.lambda_entry import handler
for event in json.load(sys.stdin):
    handler(event, None)
json.dump([str(text) for text in texts], sys.stdout)
"""


def test_a_start_compiles_no_expression_that_packaging_could(unpacked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", COMPILED_AT_A_START, str(unpacked)],
        input=json.dumps([request("/healthz"), request("/")]), env=ENVIRONMENT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    compiled = json.loads(done.stdout.splitlines()[-1])
    # Babel joins two of its own out of sets, whose order is another in each process.
    assert len(compiled) <= 2, compiled


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
    assert len([name for name in names if name.endswith(".so")]) >= 3
    paths = {"portal/lambda_entry.pyc", "portal/compiled_ahead.kept", "flask/app.pyc", "botocore/client.pyc"}
    assert paths <= set(names)
    assert pinned_package.stat().st_size < 50_000_000
