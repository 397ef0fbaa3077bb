"""A client that a public generator makes of the API's document: it type-checks, and does its work."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from portal.domain.people.person import Person
from portal.web.api.document import build_document
from portal.web.edge.public_address import set_public_address
from tests.actions import upload_file
from tests.builders import PUBLIC_URL, Running
from tests.web.tokens import make_token


@pytest.mark.requirement("R66")
def test_a_generated_client_type_checks_and_lists_files(
    portal: Running, ana: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, package = tmp_path / "openapi.json", tmp_path / "generated_client"
    document.write_text(json.dumps(build_document(PUBLIC_URL)), encoding="utf-8")
    tools = Path(sys.executable).parent
    run(tools / "openapi-python-client", "generate", "--path", document, "--output-path", package,
        "--meta", "none")  # fmt: skip
    run(tools / "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path / 'mypy'}", package)

    file, token = upload_file(portal, ana, name="plan.pdf"), make_token(portal, ana, "read")
    monkeypatch.syspath_prepend(str(tmp_path))
    client = importlib.import_module("generated_client").AuthenticatedClient(
        base_url=PUBLIC_URL, token=token, raise_on_unexpected_status=True,
        httpx_args={"transport": httpx.WSGITransport(app=set_public_address(portal.app, portal.config))},
    )  # fmt: skip
    with client:
        told = importlib.import_module("generated_client.api.files.files_list_own").sync(client=client)
    assert [(each.file_id, each.file_name) for each in told.files] == [(file.id, "plan.pdf")]


def run(*command: object) -> None:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
